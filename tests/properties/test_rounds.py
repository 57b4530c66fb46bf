"""However work is cut into rounds, and however often it is delivered, the ledger comes out the same to the last hash."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.gamification import ingest, pipeline
from app.gamification.activities import Data, DepositMade, Incoming, LessonPassed, TradeClosed, incoming, kind_of
from app.gamification.ledger.verify import verify
from app.gamification.members.enrolment import enrol
from app.models.activity import ActivityFlag
from app.models.base import reader, transaction
from app.models.people import ClientClass
from tests.support.programmes import set_ladder

START = datetime(2026, 3, 27, 8, tzinfo=UTC)  # two days before Europe's clocks change
TABLES = {
    "decision": "member_id, seq",
    "transfer": "wallet_id, seq",
    "batch": "wallet_id, seq",
    "allocation": "wallet_id, seq, batch",
    "wallet": "id",
    "tier_history": "member_id, number",
    "cap_use": "member_id, rule_id, day",
    "qualifying_day": "member_id, day",
}
MEMBERS = (
    ("AE", ClientClass.PROFESSIONAL, "global"),
    ("CY", ClientClass.RETAIL, "eu"),
    ("JP", ClientClass.RETAIL, "global"),
)


@dataclass(frozen=True)
class Said:
    """One activity as hypothesis draws it."""

    member: int
    kind: str
    size: int
    hours_before: int
    seconds_open: int
    symbol: str
    amends: int | None
    bust: bool


said = st.builds(
    Said,
    st.integers(0, 2),
    st.sampled_from(["trade.closed", "trade.closed", "trade.closed", "lesson.passed", "deposit.made", "visit"]),
    st.integers(1, 3000),
    st.integers(1, 24 * 40),
    st.sampled_from([60, 179, 180, 5000]),
    st.sampled_from(["EURUSD", "XAUUSD.m", "US30"]),
    st.one_of(st.none(), st.none(), st.integers(0, 30)),
    st.booleans(),
)
# Shrinking would live hundreds of histories again; a failing one is short enough to read.
unshrunk = settings(phases=(Phase.explicit, Phase.generate))
deliveries = st.lists(st.lists(said, min_size=1, max_size=6), min_size=1, max_size=6)


def encode(said: Said, place: int, at: datetime) -> Incoming:
    kind = kind_of(said.kind)
    assert kind is not None
    occurred_at = at - timedelta(hours=said.hours_before)
    flags = 0
    if said.amends is not None:
        flags = ActivityFlag.BUSTS if said.bust else ActivityFlag.CORRECTS
    return incoming(
        f"a{place}",
        kind,
        None if flags == ActivityFlag.BUSTS else data_of(said, occurred_at),
        occurred_at,
        member=f"M{said.member}",
        amends=None if said.amends is None else f"a{said.amends}",
        flags=flags,
    )


def data_of(said: Said, occurred_at: datetime) -> Data:
    if said.kind == "lesson.passed":
        return LessonPassed("risk", said.size % 101)
    if said.kind == "deposit.made":
        return DepositMade(str(said.size), "USD")
    if said.kind == "visit":
        return Data()
    opened_at = occurred_at - timedelta(seconds=said.seconds_open)
    lots, close = f"{Decimal(said.size) / 100:.2f}", f"{Decimal('100.00') + Decimal(said.size % 9) / 10:.2f}"
    return TradeClosed(said.symbol, "buy", lots, "100.00", close, opened_at, occurred_at, "1.00", "0", "0", "USD")


def everything() -> dict[str, list[Any]]:
    with reader().connect() as conn:
        return {
            table: [tuple(row) for row in conn.execute(text(f"SELECT * FROM {table} ORDER BY {order}"))]
            for table, order in TABLES.items()
        }


def live(
    start_over: Callable[[], None], plan: list[list[Said]], *, after_each: bool, limit: int = 0
) -> dict[str, list[Any]]:
    """Deliver the plan to a new installation and fold it; everything that came of it."""
    start_over()
    with transaction():
        for place, (country, client_class, entity) in enumerate(MEMBERS):
            enrol(
                f"m{place}@example.com",
                f"Member {place}",
                now=START - timedelta(days=50),
                country=country,
                client_class=client_class,
                entity_key=entity,
                external_id=f"M{place}",
            )
    place = 0
    for number, delivery in enumerate(plan):
        at = START + timedelta(hours=5 * number)
        items = [encode(said, place + offset, at) for offset, said in enumerate(delivery)]
        place += len(delivery)
        with transaction():
            ingest.accept(ingest.source("broker"), items, at)
        if after_each:
            pipeline.drain()
    while pipeline.run(limit):
        pass
    return everything()


@unshrunk
@given(deliveries)
def test_a_round_of_many_gives_the_same_as_rounds_of_one_and_as_folding_at_once(app, start_over, plan):
    at_once = live(start_over, plan, after_each=False)
    report = verify()
    assert report.bad is None
    assert report.wallets == len(MEMBERS)
    assert live(start_over, plan, after_each=False, limit=1) == at_once
    assert live(start_over, plan, after_each=True) == at_once


@unshrunk
@given(deliveries)
def test_delivered_twice_counts_once(app, start_over, plan):
    once = live(start_over, plan, after_each=True)
    for delivery_number in range(len(plan)):
        place = sum(len(delivery) for delivery in plan[:delivery_number])
        at = START + timedelta(hours=5 * delivery_number)
        items = [encode(said, place + offset, at) for offset, said in enumerate(plan[delivery_number])]
        with transaction():
            results = ingest.accept(ingest.source("broker"), items, at + timedelta(days=3))
        assert {str(result.status) for result in results} <= {"duplicate", "rejected"}
        assert pipeline.drain() == 0
    assert everything() == once


@unshrunk
@given(deliveries)
def test_a_monthly_ladder_that_promotes_next_period_folds_the_same(app, start_over, plan):
    monthly = {
        "period": {"kind": "month"},
        "promotion": "next_period",
        "levels": [
            {"key": "bronze", "name": {"en": "Bronze"}, "threshold": 0},
            {"key": "silver", "name": {"en": "Silver"}, "threshold": 300, "factor": "1.5"},
            {"key": "gold", "name": {"en": "Gold"}, "threshold": 2000, "factor": "2"},
        ],
    }

    def start_with_it() -> None:
        start_over()
        set_ladder(monthly)

    at_once = live(start_with_it, plan, after_each=False)
    assert live(start_with_it, plan, after_each=True, limit=2) == at_once
