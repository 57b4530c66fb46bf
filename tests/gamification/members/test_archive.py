"""The archive: everything twice, as JSON and as CSV, sent while it is read and holding nobody up."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from app.cli.members import said
from app.gamification.errors.members import MemberNotFound
from app.gamification.ledger.adjusting import adjust
from app.gamification.members import archive, marks, sign_ins
from app.gamification.members.enrolment import link
from app.gamification.members.known import part, parts
from app.gamification.members.messages import TOMORROW
from app.gamification.messages import choices
from app.gamification.messages.telling import tell
from app.lib import clock
from app.models.base import Base, db, in_transaction, transaction
from app.models.history import AccountRequest, StatementFile, StatementImport
from app.models.ledger import QualifyingDay
from app.models.people import TradingAccount
from app.models.questions import Question, QuestionEntry
from app.models.rules import TierHistory
from app.tasks import outbox
from tests.support.cast import Person
from tests.support.habits import something_of_everything
from tests.support.play import play, trade
from tests.support.queries import counted

NOW = clock.now()
JOURNAL = "I was afraid, and held on to the plan"
# What is derived from what is exported.
NOT_OF_ITS_OWN = {
    "active_day", "allocation", "cap_use", "member_word", "taken_back", "unit_balance",
}  # fmt: skip
FORMULA = '=HYPERLINK("https://example.com","win")'


@pytest.fixture
def full(app: Flask, alice: Person, mia: Person) -> Person:
    """Alice with something in every part."""
    play(alice.id, trade())
    play(alice.id, trade(seconds=10))
    with transaction() as conn:
        adjust(mia.id, alice.id, 40, FORMULA, "t" * 32, now=NOW)
        link(alice.id, "mt5", "Meridian-Live", "+1234567", now=NOW)
        sign_ins.start(alice.id, address="10.9.8.7", browser="Netscape 4", mark=marks.new(), now=NOW)
        account = conn.execute(
            insert(TradingAccount).values(platform="mt4", server="Old", login="660").returning(TradingAccount.id)
        ).scalar_one()
        conn.execute(insert(AccountRequest).values(member_id=alice.id, trading_account_id=account, made_at=NOW))
        for number, (name, content) in enumerate(
            (("../../etc/passwd", b"one"), ("my statement.HTM", b"<table>"), ("x.tar.gz", None), ("no ending", b"four"))
        ):
            import_id = conn.execute(
                insert(StatementImport)
                .values(
                    member_id=alice.id,
                    trading_account_id=account,
                    state="read",
                    file_name=name,
                    digest=bytes([number]) * 32,
                    told={"clock": "UTC"},
                    figures={"rows": 7},
                    made_at=NOW + timedelta(seconds=number),
                )
                .returning(StatementImport.id)
            ).scalar_one()
            if content is not None:
                conn.execute(insert(StatementFile).values(import_id=import_id, content=content))
        times = {"opened_at": NOW, "last_at": NOW, "since": NOW}
        question = conn.execute(
            insert(Question).values(member_id=alice.id, topic="points", replies=1, **times).returning(Question.id)
        ).scalar_one()
        # Of what is held nothing is booked for a day yet.
        conn.execute(insert(TierHistory).values(member_id=alice.id, number=1, effective_from=NOW, level_id=1))
        conn.execute(insert(QualifyingDay).values(member_id=alice.id, day=20_000, sum=5))
        tell(alice.id, TOMORROW, {"at": clock.to_micros(NOW)}, now=NOW)
        outbox.post(alice.email, "Hello", "text", member_id=alice.id, now=NOW)
        choices.stop_mails(alice.id, "tier")
        entry = {"question_id": question, "body": "line one\nline two, “quoted”", "token": "q", "written_at": NOW}
        conn.execute(insert(QuestionEntry).values(**entry))
    something_of_everything(alice.id, JOURNAL, now=NOW)
    return alice


def pieces(member: Person) -> Iterator[bytes]:
    return archive.written(member.id, said, NOW)


def opened(member: Person) -> zipfile.ZipFile:
    file = zipfile.ZipFile(io.BytesIO(b"".join(pieces(member))))
    assert file.testzip() is None
    return file


def listed(file: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read(f"{name}.json"))
    return found


def table(file: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read(f"{name}.csv").decode("utf-8-sig"), newline="")))


def test_every_subject_is_there_twice_and_said(full: Person):
    file = opened(full)
    names = {name.name for name in parts(full.id, NOW)}
    assert {name for name in file.namelist() if "/" not in name} == {
        "README.txt", *(f"{name}.{ending}" for name in names for ending in ("csv", "json"))
    }  # fmt: skip
    read_me = file.read("README.txt").decode()
    assert all(f"\n{name}: " in read_me for name in names)
    for name in names:
        assert len(table(file, name)) == len(listed(file, name)), name
        assert listed(file, name), f"nothing of {name} was tried"


def test_a_table_says_what_the_json_says(full: Person):
    file = opened(full)
    [person], [row] = listed(file, "person"), table(file, "person")
    assert (row["name"], row["points.available"]) == (person["name"], str(person["points"]["available"]))
    reported = [entry for entry in listed(file, "activities") if entry["kind"] == "trade.closed"]
    rows = [row for row in table(file, "activities") if row["kind"] == "trade.closed"]
    for entry, row in zip(reported, rows, strict=True):
        assert row["figures.lots"] == entry["figures"]["lots"]
        assert row["figures.side"] == entry["figures"]["side"] == "buy"
        assert row["figures.closed_at"] == entry["figures"]["closed_at"]
        assert row["points"] == str(entry["points"])
        assert row["confirmed_by_the_broker"] == "yes"
    assert "Open 10 s" in rows[1]["why_no_points"]


def test_no_entry_is_left_out_of_a_table(full: Person):
    """A value that has no column would be in the JSON alone."""
    for one in parts(full.id, NOW):
        for entry in one.entries:
            lost = {name for name in entry if name not in {column.split(".")[0] for column in one.columns}}
            assert not lost, f"{one.name} has no column for {lost}"


def test_no_table_of_a_member_is_forgotten(full: Person):
    """Whoever adds a table about members adds it to the archive, or says above why not."""
    with counted() as statements:
        opened(full)
    read = {name for one in statements for name in re.findall(r"(?:FROM|JOIN) (\w+)", one)}
    tables = {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in ("member", "wallet")
    }
    assert tables - read == NOT_OF_ITS_OWN


def test_the_words_of_a_journal_are_in_ones_own_copy_alone(full: Person):
    own = zipfile.ZipFile(io.BytesIO(b"".join(archive.written(full.id, said, NOW, own=True))))
    [entry] = listed(own, "journal")
    assert (entry["text"], entry["keep_or_change"]) == (f"Today I thought of this: {JOURNAL}", JOURNAL)
    assert (entry["mood"], entry["mood_in_words"]) == (4, "Calm")
    handed_out = opened(full)
    assert not any(JOURNAL.encode() in handed_out.read(name) for name in handed_out.namelist())
    assert [set(one) for one in listed(handed_out, "journal")] == [{"day", "written_at", "changed_at"}]


def test_what_was_played_and_planned_is_there_in_words(full: Person):
    file = opened(full)
    [entry] = listed(file, "challenges")
    assert (entry["challenge"], entry["state"], entry["run"]) == ("lots", "joined", 1)
    assert listed(file, "badge_progress") == [{"badge": "volume", "counted": "1.5", "level": 1}]
    [plan] = listed(file, "trading_plans")
    assert plan["in_words"] == ["With a stop-loss"]
    [attempt] = listed(file, "lessons")
    assert (attempt["title"], attempt["answers"], attempt["passed"]) == ("Risk", [2], True)
    assert {"topic": "streak", "channel": "mail"} in listed(file, "turned_off")


def test_no_cell_runs_as_a_formula(full: Person):
    file = opened(full)
    assert table(file, "points_changed_by_hand")[0]["note"] == "'" + FORMULA
    assert listed(file, "points_changed_by_hand")[0]["note"] == FORMULA
    assert {row["login"] for row in table(file, "trading_accounts")} == {"5012345", "'+1234567"}
    # Lines and quotation marks in a cell are one cell.
    assert table(file, "questions")[0]["text"] == "line one\nline two, “quoted”"


def test_files_that_are_still_kept_come_along_under_names_of_our_own(full: Person):
    file = opened(full)
    kept = {name: file.read(name) for name in file.namelist() if "/" in name}
    assert sorted(kept.values()) == [b"<table>", b"four", b"one"]
    assert sorted(name.partition(".")[2] for name in kept) == ["bin", "bin", "htm"]
    assert all(name.startswith("statements/") and ".." not in name for name in kept)
    assert listed(file, "statements")[0]["file"] == "../../etc/passwd"


def test_what_opens_the_account_is_left_out(full: Person):
    file = opened(full)
    said = b"".join(file.read(name) for name in file.namelist()).decode()
    assert "argon2" not in said and "password_hash" not in said
    assert "Mia" not in said and "Moreau" not in said
    assert len(listed(file, "sign_ins")[0]["mark"]) == 16


def test_those_who_play_in_the_demo_do_not_see_each_other(full: Person):
    with transaction() as conn:
        conn.execute(text("UPDATE member SET demo_role = 'trader' WHERE id = :id"), {"id": full.id})
    [entry] = listed(opened(full), "sign_ins")
    assert (entry["address"], entry["browser"], entry["mark"]) == (None, None, None)


def test_nobody_waits_for_whoever_takes_long(full: Person, bob: Person):
    """Between any two pieces others write; a transaction of the archive's own would hold SQLite's only lock."""
    number = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "PIECE", 64)
        for piece in pieces(full):
            assert piece and not in_transaction()
            with transaction() as conn:
                conn.execute(text("UPDATE member SET alias = :alias WHERE id = 2"), {"alias": f"bob{number}"})
            number += 1
    assert number > 20


def test_nothing_of_it_is_written_or_locked(full: Person):
    with counted() as statements:
        opened(full)
    assert statements and all(one.startswith("SELECT") and "FOR UPDATE" not in one for one in statements)
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_long_history_is_read_in_stretches(full: Person, monkeypatch: pytest.MonkeyPatch):
    for _ in range(5):
        play(full.id, trade())
    whole = opened(full)
    monkeypatch.setattr(part, "STRETCH", 2)
    again = opened(full)
    for name in ("activities", "points", "mails", "messages", "what_staff_did"):
        assert listed(again, name) == listed(whole, name)
    assert len(listed(whole, "activities")) >= 7


def test_an_archive_that_breaks_off_is_no_archive(full: Person, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "PIECE", 64)
    begun = b"".join(piece for _, piece in zip(range(8), pieces(full), strict=False))
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(begun))


def test_a_reader_who_goes_leaves_nothing_open(full: Person, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "PIECE", 64)
    sent = pieces(full)
    next(sent)
    sent.close()  # type: ignore[attr-defined]


def test_nobody_has_no_archive(app: Flask):
    with pytest.raises(MemberNotFound):
        next(archive.written(999_999, said, NOW))
