"""The overview: decisions first, figures that add up, and nothing a reader may not see."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import Custom, LessonPassed
from app.gamification.insight import rollup
from app.gamification.ledger import wallets
from app.lib import clock
from app.models.base import connection, read_one, transaction
from tests.gamification.insight.reading import held_by_members
from tests.gamification.test_poison import broken, raises
from tests.support.cast import Person, sign_in_staff, words
from tests.support.play import Said, play, report, trade, trader
from tests.support.programmes import end_all_rules, publish
from tests.support.queries import counted

RANGES = pytest.mark.parametrize("days", [7, 30, 90, 365])


@pytest.fixture
def owner(app: Flask, client: FlaskClient, dana: Person) -> FlaskClient:
    return sign_in_staff(client, dana)


@pytest.fixture
def gains(app: Flask) -> None:
    end_all_rules()
    publish("gain", {"name": {"en": "Gains"}, "kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})


def gain(points: int, at: datetime | None = None) -> Said:
    return Said(Custom(count=points), "custom.gain", at=at or clock.now())


def rows(answer: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.removeprefix("\ufeff"))))


def test_a_new_installation_says_what_to_do_first(owner: FlaskClient):
    said = words(owner.get("/admin"))
    assert "Nothing waits for a decision. No failures." in said
    assert "Four steps to the first points" in said
    assert "Points in, points out" not in said


@RANGES
def test_figures_of_every_stretch(owner: FlaskClient, gains: None, days: int):
    now = clock.now()
    members = [trader(), trader()]
    play(members[0], gain(700, now - timedelta(minutes=1)))
    play(members[1], gain(300, now - timedelta(minutes=1)))
    with transaction():
        wallets.redeem(members[0], 250, 1, now)
    rollup.fold(now)
    said = words(owner.get(f"/admin?days={days}"))
    assert "Points issued 1,000" in said
    assert "Points redeemed 250" in said
    assert "25% of those issued" in said
    assert "Liability $7.50" in said
    assert "Cost of redemptions $2.50" in said
    assert "Gains revision 1" in said
    found = rows(owner.get(f"/admin/overview.csv?days={days}").text)
    assert sum(int(row["Issued"]) for row in found) == 1000
    assert int(found[-1]["Outstanding"]) == held_by_members()[0] == 750
    first, last = datetime.fromisoformat(found[0]["First day"]), datetime.fromisoformat(found[-1]["Last day"])
    assert (last - first).days == days - 1


def test_a_stretch_begins_where_it_says(owner: FlaskClient, gains: None):
    """What lies one day before it is only what it is compared with."""
    now = clock.now()
    member = trader()
    play(member, gain(100, now - timedelta(days=7)), now=now - timedelta(days=7))
    play(member, gain(50, now), now=now)
    rollup.fold(now)
    said = words(owner.get("/admin?days=7"))
    assert "Points issued 50" in said
    assert "−50% against the 7 days before" in said
    assert "Points issued 150" in words(owner.get("/admin?days=30"))


def test_what_is_not_folded_yet_is_in_the_figures(owner: FlaskClient, gains: None):
    play(trader(), gain(40))
    rollup.fold(clock.now())
    play(trader(), gain(2))
    assert "Points issued 42" in words(owner.get("/admin"))
    rollup.fold(clock.now())
    assert "Points issued 42" in words(owner.get("/admin"))


def test_where_much_is_not_folded_it_says_as_of_when(owner: FlaskClient, gains: None, monkeypatch: pytest.MonkeyPatch):
    member = trader()
    play(member, gain(40))
    rollup.fold(datetime(2026, 3, 4, 9, 30, tzinfo=UTC))
    monkeypatch.setattr("app.gamification.insight.reads.LIVE", 0)
    play(member, gain(2))
    said = words(owner.get("/admin"))
    assert "Points issued 40" in said
    assert "As of 09:30" in said


@RANGES
def test_a_fixed_number_of_statements(owner: FlaskClient, gains: None, days: int):
    play(trader(), gain(40))
    rollup.fold(clock.now())
    owner.get(f"/admin?days={days}")
    with counted() as few:
        owner.get(f"/admin?days={days}")
    for _ in range(3):
        play(trader(), gain(40))
    owner.get(f"/admin?days={days}")  # what is kept for a second may have been dropped meanwhile
    with counted() as many:
        owner.get(f"/admin?days={days}")
    assert len(few) == len(many) <= 8


def test_a_page_is_no_write(owner: FlaskClient, gains: None):
    play(trader(), gain(40))
    with counted() as seen:
        owner.get("/admin")
        owner.get("/admin/overview.csv")
    assert not [statement for statement in seen if not statement.startswith(("SELECT", "WITH"))]


def test_failures_are_told_first(owner: FlaskClient, gains: None):
    member = trader()
    play(member, gain(1))
    with broken(raises):
        report(member, Said(Custom(count=1), "custom.gain", id="bad"))
        pipeline.drain()
    said = words(owner.get("/admin"))
    assert "One failure." in said
    assert "1 activity failed" in said
    assert "Needs a look" in said


def test_accounts_of_nobody_wait_for_a_decision(owner: FlaskClient, gains: None):
    play(trader(), gain(1))
    report(None, Said(trade(), account=("mt5", "Live", "77")), Said(trade(), account=("mt5", "Live", "78")))
    said = words(owner.get("/admin"))
    assert "One thing waits for a decision." in said
    assert "2 trading accounts without a member" in said


def test_each_rule_with_what_it_gave_and_refused(owner: FlaskClient):
    member = trader()
    play(member, Said(LessonPassed("risk", 90), "lesson.passed", at=clock.now()))
    play(member, Said(LessonPassed("risk", 10), "lesson.passed", at=clock.now()))
    found = {row["Rule"]: row for row in rows(owner.get("/admin/overview.csv?table=rules").text)}
    assert found["Lessons passed"] == {
        "Rule": "Lessons passed",
        "Revision": "1",
        "Awards": "1",
        "Points": "50",
        "Cost": "0.50",
        "Did not earn": "1",
    }
    reasons = {
        row["Reason"]: int(row["Activities"]) for row in rows(owner.get("/admin/overview.csv?table=reasons").text)
    }
    assert reasons == {"A condition was not met": 1}


def test_the_hours_of_the_week_are_the_programmes(owner: FlaskClient, gains: None):
    """20:30 UTC on a Tuesday of winter is half past ten in Nicosia."""
    now = clock.now()
    tuesday = now - timedelta(days=(now.weekday() - 1) % 7 or 7)
    at = tuesday.replace(hour=12, minute=30)
    play(trader(), gain(1, at), now=at)
    found = {row["Weekday"]: row for row in rows(owner.get("/admin/overview.csv?table=hours").text)}
    hours = {hour for hour, number in found["Tuesday"].items() if number not in ("0", "Tuesday")}
    assert hours <= {"14", "15"}
    assert hours


def test_liability_over_its_cap_is_told(owner: FlaskClient, gains: None):
    with transaction():
        connection().execute(
            text("UPDATE programme SET settings = :settings, revision = revision + 1"),
            {"settings": '{"limits": {"liability": "5"}}'},
        )
    play(trader(), gain(1000))
    owner.application.extensions.pop("laurel_kept", None)
    assert "over the cap of $5.00" in words(owner.get("/admin"))


def test_figures_that_began_late_are_told(owner: FlaskClient, gains: None):
    play(trader(), gain(1))
    rollup.fold(clock.now())
    with transaction():
        connection().execute(
            text("INSERT INTO day_figure (figure, day, subject_id, amount) VALUES (91, -1000000, 0, 1)")
        )
    assert "Older figures are missing" in words(owner.get("/admin"))
    owner.application.test_cli_runner().invoke(args=["insight", "rebuild"])
    assert "Older figures are missing" not in words(owner.get("/admin"))


@pytest.mark.parametrize("asked", ["", "31", "-7", "7 ", "٧", "1e2", "9" * 400, "7&days=90"])
def test_a_stretch_that_is_not_offered_is_the_usual_one(owner: FlaskClient, gains: None, asked: str):
    play(trader(), gain(1))
    page = owner.get(f"/admin?days={asked}")
    assert page.status_code == 200
    assert ("The last 7 days" if asked.startswith("7&") else "The last 30 days") in words(page)


def test_a_table_that_does_not_exist(owner: FlaskClient):
    assert owner.get("/admin/overview.csv?table=secrets").status_code == 404


@pytest.mark.parametrize("who", ["vera", "mia", "omar", "dana"])
def test_everybody_of_the_staff_reads_it(
    gains: None, browser: Callable[[], FlaskClient], who: str, request: pytest.FixtureRequest
):
    play(trader(), gain(1))
    client = sign_in_staff(browser(), request.getfixturevalue(who))
    assert client.get("/admin").status_code == 200
    assert client.get("/admin/overview.csv").mimetype == "text/csv"


def test_nobody_else_does(client: FlaskClient, alice: Person):
    for address in ("/admin", "/admin/overview.csv"):
        answer = client.get(address)
        assert answer.status_code == 303
        assert "/admin/sign-in" in answer.location


def test_it_links_only_to_what_its_reader_may_open(app: Flask, client: FlaskClient, vera: Person, gains: None):
    from app.routes import access

    member = trader()
    play(member, gain(1))
    with broken(raises):
        report(member, Said(Custom(count=1), "custom.gain", id="bad"))
        pipeline.drain()
    sign_in_staff(client, vera)
    links = {part.split('"')[0] for part in client.get("/admin").text.split('href="')[1:]}
    for address in links:
        path = address.partition("?")[0].partition("#")[0]
        if path.startswith("/admin"):
            endpoint, _ = app.url_map.bind("localhost").match(path)
            who = access.needed("GET", str(endpoint))
            assert who is not None
            assert client.get(path).status_code < 400, path
    assert read_one(text("SELECT count(*) FROM decision WHERE reason = 16"))[0] == 1
