"""A round and a delivery send a fixed number of statements to the database, however many members are in them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import catalogue, ingest, pipeline
from app.gamification.ledger import lapsing
from app.lib.clock import to_micros
from app.models import bulk
from app.models.base import connection, db, is_sqlite, transaction
from tests.support.play import NOON, Said, trade
from tests.support.programmes import set_ladder
from tests.support.queries import counted

FEW, MANY = 5, 500
SECOND = timedelta(seconds=1)


class Noting:
    """A driver's cursor that notes what it is sent."""

    def __init__(self, cursor: Any, seen: list[str]) -> None:
        self._cursor, self._seen = cursor, seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, statement: str, *values: Any) -> Any:
        self._seen.append(statement)
        return self._cursor.execute(statement, *values)

    def copy(self, statement: str) -> Any:
        self._seen.append(statement)
        return self._cursor.copy(statement)


@contextmanager
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that is sent inside the block, those past SQLAlchemy too."""
    cursor = bulk._cursor
    with counted() as seen, monkeypatch.context() as patched:
        patched.setattr(bulk, "_cursor", lambda connection: Noting(cursor(connection), seen))
        yield seen


def members(count: int) -> list[int]:
    """So many members at once, whom the law allows everything."""
    with transaction() as conn:
        entity = conn.execute(text("SELECT id FROM legal_entity WHERE key = 'global'")).scalar_one()
        first = conn.execute(text("SELECT coalesce(max(id), 0) + 1 FROM member")).scalar_one()
        ids = list(range(first, first + count))
        person = ("id", "name", "entity_id", "country", "client_class", "language", "theme", "up_down", "time_zone")
        rows = [(id_, "Tara", entity, "AE", 2, "en", "auto", "auto", "UTC", 0, False) for id_ in ids]
        bulk.insert(conn, "member", (*person, "joined_at", "earning_blocked"), rows)
        zero = ("available", "pending", "debt", "lifetime", "qualifying", "window_from", "level_id", "level_since")
        more = ("next_expiry_amount", "seq", "decisions", "head")
        bulk.insert(conn, "wallet", ("id", *zero, *more), [(id_, *[0] * 11, b"") for id_ in ids])
    return ids


def deliver(ids: list[int], said: Callable[[int], Said], now: datetime = NOON, source: str = "broker") -> None:
    items = [said(member_id).incoming(member_id) for member_id in ids]
    with transaction():
        ingest.accept(ingest.source(source), items, now)


def trades(ids: list[int]) -> None:
    """A held award, a cap and qualifying for each."""
    deliver(ids, lambda member_id: Said(trade("XAUUSD", moved="1.5"), id=f"t{member_id}"))


def played(ids: list[int]) -> None:
    """Ten challenges, three of which need no joining, and twenty badges; everyone is in five of them."""
    every = [("lots_traded", "100"), ("instruments", 9), ("stop_loss", 9), ("plan_kept", 9), ("risk_within_limit", 9)]
    with transaction():
        for place in range(10):
            kind, target = every[place % 5]
            definition = {"name": {"en": "x"}, "steps": [{"kind": kind, "settings": {"target": target}}]}
            more = {"automatic": place > 6, "reward": {"points": 5}}
            catalogue.publish(catalogue.CHALLENGES, f"c{place}", definition | more, now=NOON)
        for place in range(20):
            kinds = ("lots_traded", "instruments", "trading_days", "stop_loss", "points_earned")
            badge = {
                "name": {"en": "x"},
                "criterion": {"kind": kinds[place % 5]},
                "levels": ["1", "5"],
                "points": [1, 2],
            }
            catalogue.publish(catalogue.BADGES, f"b{place}", badge, now=NOON)
        # They joined before their first activity, so that nothing waits to be counted anew.
        at = to_micros(NOON - timedelta(days=50))
        columns = (
            "member_id",
            "challenge_id",
            "run",
            "revision_id",
            "state",
            "joined_at",
            "zone",
            "since_seq",
            "progress",
        )
        rows = [(id_, number, 0, number, 1, at, "UTC", 0, "[[0,{}]]", 0, 0) for id_ in ids for number in range(1, 6)]
        bulk.insert(connection(), "challenge_entry", (*columns, "awards", "points"), rows)
    trades(ids)


def played_back(ids: list[int]) -> None:
    """The same, then each trade corrected."""
    played(ids)
    pipeline.drain()
    deliver(ids, lambda id_: Said(trade(lots="2"), id=f"c{id_}", corrects=f"t{id_}"), NOON + SECOND)


def corrections(ids: list[int]) -> None:
    """Each trade corrected, of some the correction corrected."""
    trades(ids)
    pipeline.drain()
    deliver(ids, lambda id_: Said(trade(lots="2"), id=f"c{id_}", corrects=f"t{id_}"), NOON + SECOND)
    deliver(ids, lambda id_: Said(trade(lots="3"), id=f"d{id_}", corrects=f"c{id_}"), NOON + 2 * SECOND)


def twins(ids: list[int]) -> None:
    """Each trade uploaded, folded, and then reported by the broker."""
    with transaction():
        bulk.insert(
            connection(),
            "trading_account",
            ("id", "platform", "server", "login", "member_id"),
            [(id_, "mt5", "Live", str(id_), id_) for id_ in ids],
        )

    def said(member_id: int) -> Said:
        return Said(trade(), id=f"u{member_id}", account=("mt5", "Live", str(member_id)), deal="7")

    deliver(ids, said, source="uploads")
    pipeline.drain()
    deliver(ids, lambda member_id: replace(said(member_id), id=f"r{member_id}"), NOON + SECOND)


def late(ids: list[int]) -> None:
    """Trades of the month before, in a monthly programme."""
    levels = [
        {"key": "bronze", "name": {"en": "B"}, "threshold": 0},
        {"key": "silver", "name": {"en": "S"}, "threshold": 50},
    ]
    set_ladder({"period": {"kind": "month"}, "promotion": "next_period", "levels": levels})
    trades(ids)
    pipeline.drain()
    lapsing.release_due(NOON + timedelta(days=10))
    february = datetime(2026, 2, 20, 12, tzinfo=UTC)
    deliver(ids, lambda id_: Said(trade(at=february), at=february, id=f"l{id_}"), NOON + timedelta(days=10))


# The first round of a programme compiles it, in seven statements; a round tallies itself in one.
@pytest.mark.parametrize(
    ("work", "at_most"),
    [(trades, 24), (corrections, 26), (twins, 26), (late, 22), (played, 34), (played_back, 37)],
)
def test_a_round_of_500_members_sends_as_many_statements_as_a_round_of_5(
    app: Flask,
    start_over: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[list[int]], None],
    at_most: int,
):
    numbers = []
    for count in (FEW, MANY):
        start_over()
        work(members(count))
        at_once = 2 * MANY  # the corrections are two of each
        with sent(monkeypatch) as seen:
            assert pipeline.run(at_once) >= count
        numbers.append(len(seen))
        with sent(monkeypatch) as nothing:
            assert pipeline.run(at_once) == 0
        assert len(nothing) <= 5
    assert numbers[0] == numbers[1] <= at_most, "\n".join(seen)


def test_a_delivery_of_500_sends_as_many_statements_as_one_of_5(app: Flask, monkeypatch: pytest.MonkeyPatch):
    numbers: list[list[int]] = []
    for count in (FEW, MANY):
        ids, counts = members(count), []
        first = [Said(trade(), id=f"{count}-{n}", account=("mt5", "Live", f"{count}-{n}"), deal="1") for n in ids]
        again, conflicts = first, [replace(said, data=trade(lots="7")) for said in first]
        amends = [Said(trade(), id=f"c{said.id}", account=said.account, corrects=said.id) for said in first]
        for said in (first, again, conflicts, amends):
            items = [one.incoming(None) for one in said]
            with sent(monkeypatch) as seen, transaction():
                ingest.accept(ingest.source("broker"), items, NOON)
            counts.append(len(seen))
        numbers.append(counts)
    assert numbers[0] == numbers[1]
    assert max(numbers[0]) <= 10


def test_releasing_500_batches_sends_as_many_statements_as_releasing_5(
    app: Flask, start_over: Callable[[], None], monkeypatch: pytest.MonkeyPatch
):
    numbers = []
    for count in (FEW, MANY):
        start_over()
        trades(members(count))
        pipeline.run()
        monkeypatch.setattr(lapsing, "CHUNK", MANY)
        with sent(monkeypatch) as seen:
            assert lapsing.release_due(NOON + timedelta(days=30)) == count
        numbers.append(len(seen))
    assert numbers[0] == numbers[1] <= 24
    assert is_sqlite(db.engine) or any(statement.startswith("COPY") for statement in seen)
