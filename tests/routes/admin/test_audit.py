"""The audit log's pages: what was done, by whom, to what, and whether the chain holds."""

import csv
import io
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from app.gamification.audit import log
from app.gamification.audit import verify as proof
from app.lib import clock
from app.models.base import db, is_sqlite, transaction
from tests.support.cast import Person, sign_in_staff, words
from tests.support.queries import counted

MARCH, MAY = datetime(2026, 3, 4, 12, tzinfo=UTC), datetime(2026, 5, 4, 12, tzinfo=UTC)


def record(by: Person | None, action: str, kind: str, number: int | None, at: datetime, **after: object) -> None:
    with transaction():
        before = {"a": "was"} if after else None
        log.record(by.id if by else None, action, kind, number, now=at, before=before, after=after)


@pytest.fixture
def reader(client: FlaskClient, dana: Person, mia: Person) -> FlaskClient:
    """Dana at a log of some acts."""
    record(dana, "entity.update", "entity", 1, MARCH, a="is")
    record(mia, "member.block", "member", 12, MARCH)
    record(None, "member.link", "member", 13, MAY)
    record(dana, "entity.retire", "entity", 2, MAY, a="gone")
    return sign_in_staff(client, dana)


def acts(client: FlaskClient, query: str = "") -> list[str]:
    """The entries of a page, as action and number of its subject."""
    answer = client.get(f"/admin/audit/export.csv{query}")
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    return [f"{row['Action']} {row['Its number']}" for row in rows]


def test_an_entry_says_who_did_what_to_what_with_before_and_after(reader: FlaskClient):
    page = reader.get("/admin/audit")
    said = words(page)
    assert "Dana Dahl Legal entity retired entity.retire Legal entity 2" in said
    assert "<del><bdi>was</bdi></del><ins><bdi>gone</bdi></ins>" in page.text
    assert 'href="/admin/entities/2"' in page.text
    assert "Console Trading account linked member.link Member 13" in said


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["entity.retire 2", "member.link 13", "member.block 12", "entity.update 1"]),
        ("?by={dana}", ["entity.retire 2", "entity.update 1"]),
        ("?by=0", ["member.link 13"]),
        ("?action=entity", ["entity.retire 2", "entity.update 1"]),
        ("?action=entity.update", ["entity.update 1"]),
        ("?kind=member", ["member.link 13", "member.block 12"]),
        ("?kind=member&number=12", ["member.block 12"]),
        ("?from=2026-05-04", ["entity.retire 2", "member.link 13"]),
        ("?to=2026-05-03", ["member.block 12", "entity.update 1"]),
        ("?from=2026-03-04&to=2026-03-04&by={dana}", ["entity.update 1"]),
        ("?by=99", []),
        # What makes no sense counts as not asked.
        ("?by=-1&action=x&kind=%00&number=1e9&from=yesterday&to=9999-99-99&before=x", 4),
        ("?number=99999999999999999999&by=%D9%A1&to=9999-12-31&from=0001-01-01", 4),
        ("?action=%25&kind=_", 4),
    ],
)
def test_the_log_is_narrowed(reader: FlaskClient, dana: Person, query: str, found: list[str] | int):
    query = query.format(dana=dana.id)
    seen = acts(reader, query)
    assert (len(seen) if isinstance(found, int) else seen) == found
    page = reader.get(f"/admin/audit{query}")
    assert page.status_code == 200 and ("Nothing matches" in words(page)) == (seen == [])


def test_a_noun_is_not_the_beginning_of_another(reader: FlaskClient, dana: Person):
    record(dana, "entities.count", "entity", 3, MAY)
    assert acts(reader, "?action=entity") == ["entity.retire 2", "entity.update 1"]


def test_a_long_log_is_turned_page_by_page(reader: FlaskClient, dana: Person):
    for number in range(60):
        record(dana, "wall.paint", "wall", number, MAY)
    first = reader.get("/admin/audit?action=wall")
    assert "wall 59" in words(first) and "wall 9 " not in words(first)
    assert "action=wall&amp;before=" in first.text
    second = words(reader.get("/admin/audit?action=wall&before=15"))
    assert "wall 9 " in second and "wall 59" not in second


def test_a_page_asks_the_same_however_long_the_log_is(reader: FlaskClient, dana: Person):
    for number in range(5):
        record(dana, f"wall{number}.paint", "wall", number, MAY)
    reader.get("/admin/audit")
    with counted() as statements:
        reader.get("/admin/audit")
    assert len(statements) <= 7


def test_the_state_of_the_chain_stands_above_it(reader: FlaskClient):
    assert "The chain has not been proved yet." in words(reader.get("/admin/audit"))
    proof.check(clock.now())
    assert "4 entries are as they were written." in words(reader.get("/admin/audit"))
    with db.engine.connect() as connection:
        if is_sqlite(connection):
            connection.exec_driver_sql("DROP TRIGGER audit_entry_refuses_update")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("UPDATE audit_entry SET after = '' WHERE seq = 4")
        connection.commit()
    proof.check(clock.now())
    said = words(reader.get("/admin/audit"))
    assert "Entry 4 is not as it was written" in said and "3 entries are as they were written" in said


def test_a_viewer_reads_and_keeps_no_file(reader: FlaskClient, browser, vera: Person):
    viewer = sign_in_staff(browser(), vera)
    page = viewer.get("/admin/audit")
    assert page.status_code == 200 and "export.csv" not in page.text
    assert viewer.get("/admin/audit/export.csv").status_code == 403
    assert "export.csv" in reader.get("/admin/audit").text


def test_the_file_runs_no_formula(reader: FlaskClient, dana: Person):
    record(dana, "wall.paint", "=HYPERLINK(1)", 1, MAY)
    assert "'=HYPERLINK(1)" in reader.get("/admin/audit/export.csv").text


def test_what_was_written_is_text(reader: FlaskClient, dana: Person):
    record(dana, "wall.paint", "wall", 1, MAY, note="<script>alert(1)</script>", list=[1, "<b>"], texts={"en": "<i>"})
    page = reader.get("/admin/audit")
    assert "<script>alert" not in page.text and "&lt;script&gt;" in page.text and "&lt;i&gt;" in page.text
