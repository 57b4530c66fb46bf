"""`statements import`: real and hand-made reports, once and again, as a trial and for good."""

import contextvars
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from app.gamification import backlog, pipeline
from app.gamification.policy.starting import EEA
from app.models.base import read_all
from tests.cli.conftest import Told
from tests.platforms import test_real_statements as real
from tests.platforms import test_samples as own
from tests.platforms.writing import mt4
from tests.support.cast import Person
from tests.support.deliveries import Sender, new_sender, trade_sent
from tests.support.play import balances

FIELDS = own.FIELDS.split()
KEYS = [*FIELDS, "earning", "not_earning", "duplicates"]
MONEY = ("lots", "commission", "swap", "profit")
TABLES = ("activity", "decision", "transfer", "batch", "wallet", "trading_account", "cap_use", "activity_queue")

Import = Callable[..., dict[str, Any]]


@pytest.fixture
def import_(told: Told, alice: Person) -> Import:
    """Imports a file for Alice."""
    pipeline.drain()

    def run(file: Path, *options: str, code: int = 0) -> dict[str, Any]:
        return told("statements", "import", str(file), "--member", alice.email, *options, code=code)

    return run


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows that an import could touch."""
    return {table: [tuple(row) for row in read_all(text(f"SELECT * FROM {table} ORDER BY 1, 2"))] for table in TABLES}


def control_of(facts: dict[str, Any]) -> str:
    return " ".join(str(facts[name]) for name in FIELDS)


CONTROL = {
    **{own.SAMPLES / name: totals for name, totals in own.CONTROL.items()},
    **{real.FOLDER / name: totals for name, totals in real.CONTROL.items()},
}


@pytest.mark.parametrize("file", CONTROL, ids=lambda path: path.name)
def test_a_statement_agrees_with_its_totals_and_counts_once(import_: Import, alice: Person, file: Path):
    if not file.exists():
        pytest.skip("the real statements of ../shared/data are not here")
    untouched = everything()
    tried = import_(file, "--dry-run")
    assert everything() == untouched

    done = import_(file)
    assert done == tried
    assert list(done) == KEYS
    numbers, expected = control_of(done).split(), CONTROL[file].split()
    assert [float(number) for number in numbers] == [float(number) for number in expected]
    assert all(isinstance(done[name], str) for name in MONEY)
    assert done["earning"] + sum(done["not_earning"].values()) == done["closed"]
    assert done["earning"] > 0
    assert done["not_earning"].get("archived", 0) == done["archived"]
    assert done["duplicates"] == 0
    assert backlog.read().queued == 0

    before = everything()
    for options in ((), ("--dry-run",)):
        again = import_(file, *options)
        assert control_of(again) == control_of(done)
        assert (again["earning"], again["not_earning"], again["duplicates"]) == (0, {}, done["closed"])
    assert everything() == before


def test_every_row_is_kept_with_the_reason_why_it_earned_nothing(import_: Import, alice: Person):
    import_(own.SAMPLES / "mt4_statement.htm")
    reasons = read_all(
        text(
            "SELECT a.external_id, d.reason FROM activity a JOIN decision d ON d.activity_id = a.id"
            " WHERE a.kind = 3 ORDER BY a.external_id"
        )
    )
    assert [row.reason for row in reasons] == [10] * 6


@pytest.mark.parametrize("name", ["mt4_statement.htm", "mt5_history.xlsx"])
def test_a_client_whom_the_law_protects_earns_nothing(told: Told, bob: Person, name: str):
    assert "CY" in EEA
    facts = told("statements", "import", str(own.SAMPLES / name), "--member", bob.email)
    assert facts["earning"] == 0
    assert facts["not_earning"]["law"] == facts["closed"] - sum(
        facts["not_earning"].get(aside, 0) for aside in ("archived", "closed_by")
    )


def test_overlapping_reports_count_each_trade_once(import_: Import, alice: Person, tmp_path: Path):
    row = "|{0}|2025.03.0{0} 09:00:00|buy|0.10|eurusd|1.1|0|0|2025.03.0{0} 10:00:00|1.2|0|0|0|10.00"
    (tmp_path / "first").write_text(mt4("\n".join(row.format(day) for day in (1, 2))))
    (tmp_path / "second").write_text(mt4("\n".join(row.format(day) for day in (2, 3))))
    first, second = import_(tmp_path / "first"), import_(tmp_path / "second")
    assert (first["earning"], first["duplicates"]) == (2, 0)
    assert (second["earning"], second["duplicates"]) == (1, 1)


def test_a_deal_that_the_broker_reported_is_known(import_: Import, alice: Person, app: Flask, tmp_path: Path):
    row = "|77|2025.03.03 09:00:00|buy|0.10|eurusd|1.1|0|0|2025.03.03 10:00:00|1.2|0|0|0|10.00"
    (tmp_path / "report").write_text(mt4(row, account="5012345"))
    bridge: Sender = new_sender(app)
    bridge.send(trade_sent("b-1", account={"platform": "mt4", "server": "Live", "login": "5012345", "deal": "77"}))
    for options in (("--dry-run",), ()):
        facts = import_(tmp_path / "report", "--server", "Live", *options)
        assert (facts["earning"], facts["not_earning"], facts["duplicates"]) == (0, {}, 1)


def test_rows_that_cannot_be_kept_are_counted_and_told(
    import_: Import, cli: FlaskCliRunner, alice: Person, tmp_path: Path
):
    bad = "|{0}|2025.03.03 09:00:00|buy|0.10|€uro|1.1|0|0|2025.03.03 10:00:00|1.2|0|0|0|10.00"
    good = "|99|2025.03.03 09:00:00|buy|0.10|eurusd|1.1|0|0|2025.03.03 10:00:00|1.2|0|0|0|10.00"
    (tmp_path / "report").write_text(mt4("\n".join([good, *(bad.format(ticket) for ticket in range(1, 9))])))
    for options in (["--dry-run"], []):
        arguments = ["statements", "import", str(tmp_path / "report"), "--member", alice.email, "--json", *options]
        result = cli.invoke(args=arguments)
        facts = json.loads(result.stdout)
        assert (facts["closed"], facts["earning"], facts["not_earning"]) == (9, 1, {"unusable": 8})
        assert "Row 1: " in result.stderr
        assert "3 more rows" in result.stderr


def test_a_changed_row_is_a_conflict_and_the_first_stands(import_: Import, alice: Person, tmp_path: Path):
    row = "|77|2025.03.03 09:00:00|buy|{0}|eurusd|1.1|0|0|2025.03.03 10:00:00|1.2|0|0|0|10.00"
    (tmp_path / "report").write_text(mt4(row.format("0.10")))
    import_(tmp_path / "report")
    before = balances(alice.id)
    (tmp_path / "report").write_text(mt4(row.format("9.00")))
    facts = import_(tmp_path / "report")
    assert (facts["earning"], facts["not_earning"], facts["duplicates"]) == (0, {"conflict": 1}, 0)
    assert balances(alice.id) == before


def test_the_servers_clock_can_be_told(import_: Import, alice: Person, tmp_path: Path):
    row = "|77|2025.01.15 09:00:00|buy|0.10|eurusd|1.1|0|0|2025.01.15 10:00:00|1.2|0|0|0|10.00"
    (tmp_path / "report").write_text(mt4(row))
    import_(tmp_path / "report", "--zone", "Asia/Tokyo")
    ((at,),) = read_all(text("SELECT occurred_at FROM activity WHERE deal = '77'"))
    assert at == 1736902800000000  # 01:00 in UTC


def test_a_worker_that_runs_meanwhile_changes_nothing(app: Flask, import_: Import, alice: Person):
    ended = threading.Event()

    def work() -> None:
        with app.app_context():
            while not ended.is_set():
                pipeline.run(limit=1)

    worker = threading.Thread(target=contextvars.Context().run, args=(work,))
    worker.start()
    try:
        facts = import_(own.SAMPLES / "mt5_history.html")
    finally:
        ended.set()
        worker.join()
    assert facts["earning"] + sum(facts["not_earning"].values()) == facts["closed"]
    assert "waiting" not in facts["not_earning"]
    ((activities,),) = read_all(text("SELECT count(*) FROM activity"))
    assert len(read_all(text("SELECT DISTINCT activity_id FROM decision"))) == activities
    assert backlog.read().queued == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--member", "nobody@example.com"), "member_not_found"),
        (("--member", "alice@example.com", "--zone", "Mars"), "unknown_time_zone"),
    ],
)
def test_what_cannot_be_imported_says_why(told: Told, alice: Person, options: tuple[str, ...], code: str):
    problem = told("statements", "import", str(own.SAMPLES / "mt4_statement.htm"), *options, code=1)
    assert problem["error"] == code


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04", b"\xff\xfe\x00", b"<table>" * 1000])
def test_a_file_that_is_no_statement_says_what_to_do(import_: Import, tmp_path: Path, content: bytes):
    (tmp_path / "file").write_bytes(content)
    problem = import_(tmp_path / "file", code=1)
    assert problem["error"] == "unreadable_statement"
    assert "MetaTrader" in problem["message"]


def test_what_a_file_leaves_open_is_said_and_may_be_told(app: Flask, alice: Person, tmp_path: Path):
    row = '7,03/04/2025 09:00,buy,1,X,1,03/04/2025 10:00,1,"1,234"'
    (tmp_path / "file").write_text(f"Ticket,Open Time,Type,Lots,Symbol,Price,Close Time,Price,Profit\n{row}\n")
    command = ["statements", "import", str(tmp_path / "file"), "--member", alice.email, "--dry-run"]
    said = app.test_cli_runner().invoke(args=command).output
    assert all(f"--{name}" in said for name in ("marks", "dates", "currency"))
    told = ["--marks", "comma", "--dates", "month_first", "--currency", "EUR"]
    said = app.test_cli_runner().invoke(args=[*command, *told]).output
    assert "Otherwise" not in said
    assert "1.234" in said


def test_somebody_elses_account_is_refused_in_a_trial_too(import_: Import, told: Told, alice: Person, bob: Person):
    told("members", "link", bob.email, "mt5", "Meridian-Live", "6001001")
    for options in (("--dry-run",), ()):
        assert import_(own.SAMPLES / "mt5_history.html", *options, code=1)["error"] == "linked_elsewhere"


def test_people_read_a_table(cli: FlaskCliRunner, alice: Person):
    arguments = ["statements", "import", str(own.SAMPLES / "mt4_statement.htm"), "--member", alice.email]
    told = cli.invoke(args=[*arguments, "--account", "5"])
    assert told.exit_code == 0
    assert "imported as 5, as told" in told.stderr
    for words in ("closed trades that earn points", "-925.90", "archived", "closed by"):
        assert words in told.stdout
    assert "nothing is stored" in cli.invoke(args=[*arguments, "--account", "5", "--dry-run"]).stdout
