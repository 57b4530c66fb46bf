"""Members doing things: what a sender reports, folded by the real pipeline, and what came of it."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import Row, text

from app.gamification import ingest, pipeline
from app.gamification.accrual.rule import AWARDED, GIVEN, QUALIFYING, WANTED
from app.gamification.activities import Data, Incoming, TradeClosed, incoming, kind_of
from app.gamification.members.enrolment import enrol
from app.models.activity import ActivityFlag, Reason
from app.models.base import read_all, read_one, transaction
from app.models.people import ClientClass

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday; the programme's zone is two hours ahead
LIVE = ("mt5", "Meridian-Live", "7001")
_numbers = count(1)


def trader(
    country: str = "AE",
    client_class: ClientClass = ClientClass.PROFESSIONAL,
    entity: str | None = "global",
    **options: Any,
) -> int:
    """A member whom the law allows everything, unless told otherwise; joined long ago, and folded."""
    number = next(_numbers)
    with transaction():
        member_id = enrol(
            f"trader{number}@example.com",
            "Tara Trader",
            now=NOON - timedelta(days=100),
            country=country,
            client_class=client_class,
            entity_key=entity,
            **options,
        )
    pipeline.drain()
    return member_id


def trade(
    symbol: str = "EURUSD",
    lots: str = "1.00",
    *,
    seconds: float = 3600,
    moved: str = "0.00500",
    at: datetime = NOON,
    **more: Any,
) -> TradeClosed:
    """A closed purchase, profitable and long enough for the seeded rules."""
    opened, close = at - timedelta(seconds=seconds), Decimal("1.10000") + Decimal(moved)
    values = {"profit": "10.00", "commission": "-1.00", "swap": "0.00", "currency": "USD", **more}
    return TradeClosed(symbol, "buy", lots, "1.10000", str(close), opened, at, **values)


@dataclass(frozen=True)
class Said:
    """One report: by a member unless an account is named; of a closed trade unless a kind is named."""

    data: Data | None = None
    kind: str = "trade.closed"
    at: datetime = NOON
    id: str = field(default_factory=lambda: f"a{next(_numbers)}")
    account: tuple[str, str, str] | None = None
    deal: str | None = None
    corrects: str | None = None
    busts: str | None = None

    def incoming(self, member_id: int | None) -> Incoming:
        kind = kind_of(self.kind)
        assert kind is not None
        flags = ActivityFlag.BUSTS if self.busts else ActivityFlag.CORRECTS if self.corrects else 0
        return incoming(
            self.id,
            kind,
            self.data,
            self.at,
            key=self.kind,
            member_id=None if self.account else member_id,
            account=self.account,
            deal=self.deal,
            amends=self.busts or self.corrects,
            flags=int(flags),
        )


def report(member_id: int | None, *said: Said, now: datetime = NOON, source: str = "broker") -> list[str]:
    """Hand a delivery to ingestion and fold nothing; what became of each."""
    with transaction():
        results = ingest.accept(ingest.source(source), [one.incoming(member_id) for one in said], now)
    return [str(result.status) for result in results]


@dataclass(frozen=True)
class Decided:
    """What the programme decided about an activity."""

    seq: int
    earned: int
    reason: Reason
    context: list[Any]
    entries: list[list[Any]]

    @property
    def entry(self) -> list[Any]:
        """What the only rule said."""
        (entry,) = self.entries
        return entry

    @property
    def wanted(self) -> int:
        return int(self.entry[WANTED])

    @property
    def given(self) -> int:
        return int(self.entry[GIVEN])

    @property
    def qualifying(self) -> int:
        """What the rules gave towards the levels, held or not."""
        return sum(entry[QUALIFYING] if entry[1] == AWARDED else 0 for entry in self.entries)


def decided(id: str, source: str = "broker") -> Decided | None:
    """The decision about a report, or None while there is none."""
    row = read_one(
        text(
            "SELECT d.seq, d.earned, d.reason, d.outcome FROM decision d JOIN activity a ON a.id = d.activity_id"
            " JOIN source s ON s.id = a.source_id WHERE a.external_id = :id AND s.key = :source"
        ),
        {"id": id, "source": source},
    )
    if row is None:
        return None
    context, *entries = json.loads(row.outcome)
    return Decided(row.seq, row.earned, Reason(row.reason), context, entries)


def play(member_id: int, said: Said | Data, *, now: datetime | None = None, source: str = "broker") -> Decided:
    """Report one thing, fold it, and return what was decided; recorded when it occurred unless told otherwise."""
    if isinstance(said, Data):
        said = Said(said, at=getattr(said, "closed_at", NOON))
    assert report(member_id, said, now=now or said.at, source=source) == ["accepted"]
    pipeline.drain()
    found = decided(said.id, source)
    assert found is not None
    return found


def wallet(member_id: int) -> Row[Any]:
    """The member's balances as they are now."""
    row: Row[Any] = read_one(text("SELECT * FROM wallet WHERE id = :id"), {"id": member_id})
    return row


def balances(member_id: int) -> tuple[int, int, int, int]:
    """Available, pending, debt and lifetime."""
    row = wallet(member_id)
    return row.available, row.pending, row.debt, row.lifetime


def batches(member_id: int) -> list[Row[Any]]:
    """Every batch of a member, in order of its making."""
    return list(read_all(text("SELECT * FROM batch WHERE wallet_id = :id ORDER BY seq"), {"id": member_id}))


def transfers(member_id: int) -> list[Row[Any]]:
    """Every transfer of a member, in order."""
    return list(read_all(text("SELECT * FROM transfer WHERE wallet_id = :id ORDER BY seq"), {"id": member_id}))
