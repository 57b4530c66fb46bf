"""What was recorded stays as it was recorded: the database itself refuses to change it."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, Table, insert
from sqlalchemy.exc import IntegrityError

import app.models  # noqa: F401
from app.lib.clock import EPOCH
from app.models import schema
from app.models.base import Instant, db

# In the order of their references.
GUARDED = {
    "member": {"id": 1, "country": "CY"},
    "wallet": {"id": 1},
    "source": {"id": 1},
    "activity": {"id": 1, "source_id": 1, "member_id": 1},
    "transfer": {"wallet_id": 1, "seq": 1, "amount": 5, "debit": 1, "credit": 10},
    "allocation": {"wallet_id": 1, "seq": 1, "batch": 1, "amount": 5},
    "rule": {"id": 1},
    "pack": {"id": 1},
    "ladder_revision": {"id": 1, "number": 1},
    "pack_revision": {"id": 1, "pack_id": 1, "number": 1},
    "rule_revision": {"id": 1, "rule_id": 1, "number": 1},
    "challenge": {"id": 1},
    "challenge_revision": {"id": 1, "challenge_id": 1, "number": 1},
    "badge": {"id": 1},
    "badge_revision": {"id": 1, "badge_id": 1, "number": 1},
    "lesson": {"id": 1},
    "lesson_revision": {"id": 1, "lesson_id": 1, "number": 1},
}


def whole_row(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """The values, and the least that may stand in every other column that must not be empty."""
    least = {int: 0, str: "", bytes: b"\0", bool: False, object: {}, datetime: EPOCH}
    needed = [column for column in table.columns if not column.nullable]
    return {column.name: least[type_of(column)] for column in needed} | values


def type_of(column: Column[Any]) -> type:
    return datetime if isinstance(column.type, Instant) else column.type.python_type  # of JSON: object


@pytest.fixture
def recorded(bare_app: Flask) -> Flask:
    """One row of everything that is guarded."""
    schema.migrate()
    with db.engine.begin() as connection:
        for name, values in GUARDED.items():
            table = db.metadata.tables[name]
            connection.execute(insert(table).values(whole_row(table, values)))
    return bare_app


def send(statement: str) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE activity SET data = '[1]'",
        "UPDATE transfer SET amount = 500",
        "UPDATE allocation SET amount = 1",
        "DELETE FROM activity",
        "DELETE FROM transfer",
        "DELETE FROM allocation",
        "INSERT INTO allocation (wallet_id, seq, batch, amount) VALUES (1, 1, 1, 9) "
        "ON CONFLICT (wallet_id, seq, batch) DO UPDATE SET amount = 9",
    ],
)
def test_history_is_append_only(recorded: Flask, statement: str):
    with pytest.raises(IntegrityError, match="rows are never"):
        send(statement)


@pytest.mark.parametrize("table", ["ladder_revision", "pack_revision", "rule_revision"])
def test_a_published_revision_is_immutable(recorded: Flask, table: str):
    changes = ["definition = '{\"points\": 9}'", "effective_from = 9", "number = 9", "published_at = 9"]
    for statement in [*(f"UPDATE {table} SET {change}" for change in changes), f"DELETE FROM {table}"]:
        with pytest.raises(IntegrityError, match="a published revision is never"):
            send(statement)


@pytest.mark.parametrize("table", ["challenge_revision", "badge_revision", "lesson_revision"])
def test_what_members_have_joined_or_hold_never_changes(recorded: Flask, table: str):
    changes = ["definition = '{\"points\": 9}'", "number = 9", "published_at = 9"]
    for statement in [*(f"UPDATE {table} SET {change}" for change in changes), f"DELETE FROM {table}"]:
        with pytest.raises(IntegrityError, match="a published revision is never"):
            send(statement)


def test_the_end_of_a_revision_only_comes_nearer(recorded: Flask):
    send("UPDATE rule_revision SET effective_to = 100")
    send("UPDATE rule_revision SET effective_to = 90")
    for end in ("91", "NULL"):
        with pytest.raises(IntegrityError, match="only comes nearer"):
            send(f"UPDATE rule_revision SET effective_to = {end}")


@pytest.mark.postgres
def test_emptying_a_table_stays_possible_for_its_owner(recorded: Flask):
    send("TRUNCATE activity, transfer, allocation")
