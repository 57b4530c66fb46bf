"""The ledger's proof at the console, and its nightly root."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.gamification import pipeline
from app.models.base import db, is_sqlite
from tests.cli.conftest import Told

WELCOME = 100


@pytest.fixture
def three_members(told: Told) -> list[int]:
    """Three members who were welcomed with points: the ids of their wallets."""
    options = ("--country", "AE", "--client-class", "professional", "--entity", "global")
    made = [told("members", "create", f"ann{number}@example.com", *options)["id"] for number in range(3)]
    pipeline.drain()
    assert told("members", "show", "ann0@example.com")["available"] == WELCOME
    return made


def past_the_guards(change: str) -> None:
    """Change rows as somebody would who may do anything to the database."""
    with db.engine.connect() as connection:
        if is_sqlite(connection):
            connection.exec_driver_sql("DROP TRIGGER transfer_refuses_update")
            connection.exec_driver_sql("DROP TRIGGER transfer_refuses_delete")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(change)
        connection.commit()


def change(statement: str) -> None:
    with db.engine.connect() as connection:
        connection.exec_driver_sql(statement)
        connection.commit()


def test_an_untouched_ledger_is_counted(three_members: list[int], told: Told):
    assert told("ledger", "verify") == {"ok": True, "wallets": 3, "transfers": 3}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE transfer SET amount = 900 WHERE wallet_id = {}",
        "DELETE FROM transfer WHERE wallet_id = {}",
        "UPDATE wallet SET available = 900 WHERE id = {}",
    ],
)
def test_a_row_that_was_tampered_with_is_named(three_members: list[int], told: Told, change: str):
    past_the_guards(change.format(three_members[1]))
    found = told("ledger", "verify", code=1)
    assert not found["ok"]
    assert found["bad"]["wallet"] == three_members[1]
    assert found["bad"]["what"]


def test_a_person_reads_a_sentence(three_members: list[int], cli: FlaskCliRunner):
    assert "3 transfers in 3 wallets" in cli.invoke(args=["ledger", "verify"]).output


def test_the_nightly_root_is_stored_printed_and_logged(three_members: list[int], told: Told, app: Flask):
    assert told("ledger", "root", code=1)["error"] == "problem"
    log: Path = app.extensions["laurel_settings"].data / "roots.log"
    log.unlink(missing_ok=True)
    (root,) = told("ledger", "root", "--take")["roots"]
    assert (root["wallets"], root["transfers"], len(root["root"])) == (3, 3, 64)
    assert told("ledger", "root", "--take") == told("ledger", "root") == {"roots": [root]}
    (line,) = log.read_text().splitlines()
    assert json.loads(line)["root"] == root["root"]


def test_history_rolled_back_behind_a_root_is_noticed(three_members: list[int], told: Told):
    told("ledger", "root", "--take")
    wallet = three_members[2]
    past_the_guards(f"DELETE FROM transfer WHERE wallet_id = {wallet}")
    change(f"DELETE FROM batch WHERE wallet_id = {wallet}")
    nothing = "x''" if is_sqlite(db.engine) else "''"
    change(f"UPDATE wallet SET available = 0, lifetime = 0, seq = 0, head = {nothing} WHERE id = {wallet}")
    assert "root" in told("ledger", "verify", code=1)["bad"]["what"]
