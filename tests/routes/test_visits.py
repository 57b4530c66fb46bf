"""Visits: said once a day by the page, never by reading."""

from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import text
from time_machine import travel

from app.models.base import connection, read_all, transaction
from tests.support.cast import Person, post, sign_in


def visits() -> list[str]:
    rows = read_all(text("SELECT external_id FROM activity WHERE external_id LIKE 'visit:%' ORDER BY id"))
    return [row[0].partition(":")[2].partition(":")[2] for row in rows]


def test_a_visit_counts_once_a_day_in_the_members_zone(client: FlaskClient, alice: Person):
    with travel(datetime(2026, 3, 1, 19, 30, tzinfo=UTC), tick=False):  # 23:30 in Dubai
        sign_in(client, alice)
        assert post(client, "/visits").status_code == 204
        post(client, "/visits")
    with travel(datetime(2026, 3, 1, 20, 30, tzinfo=UTC), tick=False):  # half past midnight in Dubai
        post(client, "/visits")
        post(client, "/visits")
    assert visits() == ["2026-03-01", "2026-03-02"]


def test_the_page_says_once_a_day_that_somebody_is_here(client: FlaskClient, alice: Person):
    with travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False):
        sign_in(client, alice)
        assert 'data-visit="/visits"' in client.get("/profile").text
        post(client, "/visits")
        assert "data-visit" not in client.get("/profile").text


def test_a_clock_that_goes_back_counts_nothing(client: FlaskClient, alice: Person):
    with travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False):
        sign_in(client, alice)
        post(client, "/visits")
    with travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        post(client, "/visits")
    assert visits() == ["2026-03-02"]


def test_who_moves_east_reaches_no_day_sooner_than_the_clock(client: FlaskClient, alice: Person):
    moves = [
        ("Etc/GMT+12", 11),
        ("UTC", 12),
        ("Pacific/Kiritimati", 13),
        ("Pacific/Kiritimati", 34),
        ("Pacific/Kiritimati", 35),
    ]
    seen = []
    for zone, hours in moves:
        with travel(datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hours), tick=False):
            with transaction():
                connection().execute(text("UPDATE member SET time_zone = :zone"), {"zone": zone})
            sign_in(client, alice)
            post(client, "/visits")
            seen.append(visits())
    assert seen[1] == seen[2] == seen[3] == ["2026-03-01", "2026-03-02"]
    assert seen[4] == ["2026-03-01", "2026-03-02", "2026-03-04"]


def test_reading_is_no_visit(client: FlaskClient, alice: Person):
    sign_in(client, alice)
    client.get("/profile")
    assert visits() == []


def test_a_stranger_cannot_visit(client: FlaskClient):
    assert post(client, "/visits").status_code == 303
    assert visits() == []
