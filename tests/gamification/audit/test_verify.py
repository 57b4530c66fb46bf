"""The audit log proves itself: what was changed, dropped, slipped in or written anew is named."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.gamification.audit import jobs, log
from app.gamification.audit import verify as proof
from app.gamification.audit.log import chained
from app.gamification.audit.verify import BadEntry
from app.lib.clock import to_micros
from app.models.base import db, is_sqlite, read_all, read_one, settings, transaction
from tests.support.cast import Person
from tests.support.play import NOON
from tests.support.together import no_errors, together

GUARDS = ("audit_entry_refuses_update", "audit_entry_refuses_delete", "audit_head_refuses_delete")


@pytest.fixture
def entries(app: Flask, dana: Person) -> int:
    """Some acts; how many entries there are."""
    for number in range(1, 11):
        with transaction():
            log.record(
                dana.id, "wall.paint", "wall", number, now=NOON, before={"a": None}, after={"a": "红 \u202e \x01"}
            )
    return int(read_one(text("SELECT seq FROM audit_head"))[0])


def tamper(*statements: str) -> None:
    """What somebody does who may do anything to the database."""
    with db.engine.connect() as connection:
        if is_sqlite(connection):
            for guard in GUARDS:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


def rewrite(first: int) -> None:
    """Make every hash from an entry on again, and the end too: a chain that holds, of a history that never was."""
    rows = read_all(
        text(
            "SELECT seq, made_at, staff_id, action, subject_kind, subject_id, before, after, hash FROM audit_entry"
            " ORDER BY seq"
        )
    )
    head, changes = b"", []
    for *row, kept in rows:
        head = bytes(kept) if row[0] < first else chained(head, tuple(row))
        changes.append(f"UPDATE audit_entry SET hash = {literal(head)} WHERE seq = {row[0]}")
    tamper(*changes, f"UPDATE audit_head SET seq = {rows[-1][0]}, hash = {literal(head)}")


def literal(value: bytes) -> str:
    return f"x'{value.hex()}'" if is_sqlite(db.engine) else f"decode('{value.hex()}', 'hex')"


def test_an_untouched_log_is_proved(entries: int):
    report = proof.verify()
    assert (report.entries, report.bad) == (entries, None)
    assert report.hash == bytes(read_one(text("SELECT hash FROM audit_head"))[0])


def test_an_empty_log_is_proved(app: Flask):
    tamper("DELETE FROM audit_entry", f"UPDATE audit_head SET seq = 0, hash = {literal(b'')}")
    assert proof.verify() == proof.Report(0, b"", None)


def test_a_long_log_is_read_in_chunks(entries: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(proof, "_ENTRIES", proof._ENTRIES.replace(str(proof.CHUNK), "3"))
    assert proof.verify().bad is None
    tamper(f"UPDATE audit_entry SET after = '' WHERE seq = {entries}")
    assert proof.verify().bad == BadEntry(entries, "changed")


@pytest.mark.parametrize(
    ("change", "bad"),
    [
        ("UPDATE audit_entry SET after = '{{}}' WHERE seq = {n}", "changed"),
        ("UPDATE audit_entry SET before = '' WHERE seq = {n}", "changed"),
        ("UPDATE audit_entry SET staff_id = NULL WHERE seq = {n}", "changed"),
        ("UPDATE audit_entry SET action = 'wall.admire' WHERE seq = {n}", "changed"),
        ("UPDATE audit_entry SET subject_id = subject_id + 1 WHERE seq = {n}", "changed"),
        ("UPDATE audit_entry SET subject_kind = 'hall' WHERE seq = {n}", "changed"),
        ("UPDATE audit_entry SET made_at = made_at + 1 WHERE seq = {n}", "changed"),
        ("UPDATE audit_entry SET hash = (SELECT hash FROM audit_head) WHERE seq = {n}", "changed"),
        ("DELETE FROM audit_entry WHERE seq = {n}", "dropped"),
    ],
)
@pytest.mark.parametrize("place", [1, 5, -1])
def test_the_first_entry_that_is_not_as_it_was_is_named(entries: int, change: str, bad: str, place: int):
    number = place if place > 0 else entries
    tamper(change.format(n=number))
    report = proof.verify()
    if "hash = (SELECT" in change and number == entries:
        assert report.bad is None  # the end's own hash: nothing was changed
        return
    assert (report.bad, report.entries) == (BadEntry(number, bad), number - 1)


def test_an_entry_slipped_in_behind_the_end_is_named(entries: int):
    columns = "seq, made_at, staff_id, action, subject_kind, subject_id, before, after, hash"
    row = (entries + 1, to_micros(NOON), None, "wall.paint", "wall", 1, "", "")
    made = chained(bytes(read_one(text("SELECT hash FROM audit_head"))[0]), row)
    tamper(
        f"INSERT INTO audit_entry ({columns}) VALUES"
        f" ({row[0]}, {row[1]}, NULL, 'wall.paint', 'wall', 1, '', '', {literal(made)})"
    )
    assert proof.verify().bad == BadEntry(entries + 1, "inserted")


def test_one_slipped_in_between_shows_where_it_stands(entries: int):
    # The others move up by one, which their hashes do not.
    tamper(
        *(f"UPDATE audit_entry SET seq = seq + 1 WHERE seq = {number}" for number in range(entries, 4, -1)),
        "INSERT INTO audit_entry (seq, made_at, staff_id, action, subject_kind, subject_id, before, after, hash)"
        " SELECT 5, made_at, staff_id, action, subject_kind, subject_id, before, after, hash FROM audit_entry"
        " WHERE seq = 4",
        f"UPDATE audit_head SET seq = {entries + 1}",
    )
    assert proof.verify().bad == BadEntry(5, "changed")


def test_a_tail_that_was_cut_is_named(entries: int):
    tamper(f"DELETE FROM audit_entry WHERE seq > {entries - 3}")
    assert proof.verify().bad == BadEntry(entries - 2, "dropped")


def test_a_tail_that_was_cut_together_with_its_end_shows_against_the_last_check(entries: int):
    assert proof.check(NOON).bad is None
    tamper(
        f"DELETE FROM audit_entry WHERE seq > {entries - 3}",
        f"UPDATE audit_head SET seq = {entries - 3}, hash = (SELECT hash FROM audit_entry WHERE seq = {entries - 3})",
    )
    assert proof.verify().bad == BadEntry(entries - 2, "dropped")


def test_a_history_written_anew_shows_against_the_last_check_and_against_a_copy_kept_elsewhere(
    entries: int, tmp_path: Path
):
    report = proof.check(NOON)
    proof.note_end(report, NOON, tmp_path)
    tamper("UPDATE audit_entry SET after = '' WHERE seq = 5")
    rewrite(5)
    assert proof.verify().bad == BadEntry(entries, "rewritten")
    tamper("DELETE FROM audit_check")
    assert proof.verify().bad is None
    noted = proof.noted_ends(tmp_path / "roots.log")
    assert proof.verify(noted).bad == BadEntry(entries, "rewritten")


def test_the_database_refuses_to_change_the_log(entries: int):
    for statement in (
        "UPDATE audit_entry SET after = '' WHERE seq = 1",
        "DELETE FROM audit_entry WHERE seq = 1",
        "DELETE FROM audit_head",
    ):
        with pytest.raises(IntegrityError), transaction() as conn:
            conn.exec_driver_sql(statement)


def test_everybody_at_once_makes_one_chain(app: Flask, entries: int):
    def act() -> None:
        for _ in range(10):
            with transaction():
                log.record(None, "wall.paint", "wall", now=NOON)

    no_errors(together(app, [act] * 6))
    report = proof.verify()
    assert (report.entries, report.bad) == (entries + 60, None)


def test_an_act_that_is_rolled_back_leaves_no_entry(entries: int):
    with pytest.raises(ZeroDivisionError), transaction():
        log.record(None, "wall.paint", "wall", now=NOON)
        _ = 1 // 0
    assert proof.verify().entries == entries


# --- every night, and at the console ----------------------------------------------------------------------------------


@pytest.fixture
def roots(app: Flask) -> Path:
    """The file of roots, gone before and after."""
    path = settings().data / "roots.log"
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


def test_the_night_proves_the_log_and_notes_its_end(entries: int, roots: Path, client: FlaskClient):
    assert jobs.verify() == entries
    assert proof.noted_ends(roots) == {entries: proof.verify().hash}
    assert client.get("/readyz").json["warnings"] == []


def test_what_the_night_finds_is_a_warning_for_staff(entries: int, roots: Path, client: FlaskClient):
    tamper("UPDATE audit_entry SET after = '' WHERE seq = 5")
    assert jobs.verify() == 4
    assert not roots.exists()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert "The audit log was changed at entry 5." in answer.json["warnings"][0]


def test_the_console_proves_the_log(entries: int, cli: FlaskCliRunner, roots: Path, tmp_path: Path):
    answer = cli.invoke(args=["audit", "verify", "--json"])
    assert answer.exit_code == 0 and f'"ok": true, "entries": {entries}' in answer.output
    jobs.verify()
    kept = tmp_path / "kept.log"
    kept.write_bytes(roots.read_bytes() + b'{"day": 1, "root": "of the ledger"}\n')
    assert cli.invoke(args=["audit", "verify", "--roots", str(kept)]).exit_code == 0
    tamper("UPDATE audit_entry SET after = '' WHERE seq = 5")
    answer = cli.invoke(args=["audit", "verify"])
    assert (answer.exit_code, answer.output.splitlines()[0]) == (1, "Entry 5: changed.")
    rewrite(5)
    tamper("DELETE FROM audit_check")
    assert cli.invoke(args=["audit", "verify"]).exit_code == 0
    tamper("DELETE FROM audit_check")
    answer = cli.invoke(args=["audit", "verify", "--roots", str(kept)])
    assert (answer.exit_code, answer.output.splitlines()[0]) == (1, f"Entry {entries}: rewritten.")


def test_the_console_names_a_file_that_is_none(cli: FlaskCliRunner, tmp_path: Path):
    (tmp_path / "other").write_text("not json")
    for name, told in (("none", "cannot be read"), ("other", "is no copy of roots.log")):
        answer = cli.invoke(args=["audit", "verify", "--roots", str(tmp_path / name)])
        assert answer.exit_code == 1 and told in answer.output


def test_the_console_shows_the_newest_entries(entries: int, cli: FlaskCliRunner):
    answer = cli.invoke(args=["audit", "show", "--count", "2"])
    assert answer.exit_code == 0
    assert [line.split()[0] for line in answer.output.splitlines()[1:]] == [str(entries), str(entries - 1)]
