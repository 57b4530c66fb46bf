"""Activities as measures see them, without a database: trades, deposits, habits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from app.gamification.activities import Deposit, Entry, Lesson, Nothing, Own, Purchase, Survey, Trade
from app.gamification.habits.own import Limit, OwnRules, Plan
from app.gamification.measures.measure import Seen
from app.lib.clock import to_micros

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
LIMIT = OwnRules(limits=((0, Limit(Decimal("100"), "USD")),))


def trade(at: datetime = NOON, seconds: float = 3600, **more: Any) -> Trade:
    """A closed purchase of a lot that went up by 0.005 and brought 500, an hour long, with a stop 0.001 below."""
    closed = to_micros(at) // 1000
    usual = Trade(
        *("EURUSD", 1, "1.00", "1.10000", "1.10500", closed - int(seconds * 1000), closed),
        *("500.00", "-3.50", "0.00", "USD", "1.09900", None, 0),
    )
    return usual._replace(**more)


def seen(
    facts: Any = None,
    kind: str = "trade.closed",
    at: datetime = NOON,
    zone: str = "UTC",
    own: Any = None,
    earned: int = 0,
) -> Seen:
    """One activity; of a trade unless something else is handed over."""
    facts = trade(at) if facts is None and kind == "trade.closed" else facts
    return Seen(
        1, kind, Nothing() if facts is None else facts, to_micros(at), earned, ZoneInfo(zone), own or OwnRules()
    )


def plan(since: datetime = NOON - timedelta(days=30), **rules: Any) -> OwnRules:
    """Somebody who wrote a plan at a moment."""
    return OwnRules(plans=((to_micros(since), Plan(**rules)),))


_prices = st.sampled_from(["0.00000001", "1.10000", "1.10001", "999999999999.99999999"])
_money = st.sampled_from(["0", "-0.01", "10.00", "123456789012345.12345678", "-999999999999999"])
_lots = st.sampled_from(["0.01", "1.00", "2.5", "0.00000001", "999999999999.99999999"])
_moments = st.integers(0, 400 * 24).map(lambda hours: NOON - timedelta(hours=hours))
_currency = st.sampled_from(["USD", "EUR", "USDT"])
_symbols = st.sampled_from(["EURUSD", "EURUSD.pro", "XAUUSD", "US30", "ACAD.USD", "B", "a#1 2"])
_OWN_RULES = (
    OwnRules(),
    LIMIT,
    replace(plan(symbols=("EURUSD",), max_lots="1", needs_stop=True, hold_minutes=30), limits=LIMIT.limits),
    plan(opens=datetime.min.time().replace(hour=22), closes=datetime.min.time().replace(hour=6), zone="Asia/Tokyo"),
)


@st.composite
def _trades(draw: st.DrawFn, at: datetime) -> Trade:
    closed = to_micros(at) // 1000
    opened = closed - draw(st.sampled_from([0, 179_999, 180_000, 3_600_000, 86_400_000]))
    return Trade(
        draw(_symbols), draw(st.sampled_from([1, -1])), draw(_lots), draw(_prices), draw(_prices), opened, closed,
        draw(_money), "0", "0", draw(_currency), draw(st.none() | _prices), None, draw(st.sampled_from([0, 0, 0, 1])),
    )  # fmt: skip


@st.composite
def anything(draw: st.DrawFn, key: str) -> Seen:
    """An activity of a kind with figures as strange as a sender may report them."""
    at = draw(_moments)
    facts: Any
    match key:
        case "trade.closed":
            facts = draw(_trades(at))
        case "deposit.made":
            facts = Deposit(draw(st.sampled_from(["50", "100.00", "999999999999.99999999"])), draw(_currency))
        case "account.entry":
            entry = draw(st.sampled_from(["balance", "transfer", "fee", "credit"]))
            facts = Entry(entry, draw(_money), draw(_currency))
        case "lesson.passed":
            facts = Lesson(draw(st.sampled_from(["risk", "leverage", "costs"])), 67)
        case "survey.answered":
            facts = Survey("year")
        case "partner.purchase":
            facts = Purchase("cafe", "3.50", "USD")
        case _ if key.startswith("custom."):
            key = "custom.webinar"
            facts = Own("webinar", draw(st.sampled_from([1, 2, 1_000_000])))
        case _:
            facts = Nothing()
    earned = draw(st.sampled_from([0, 1, 250, 2**53]))
    return Seen(
        draw(st.integers(1, 10**6)), key, facts, to_micros(at), earned, UTC_ZONE, draw(st.sampled_from(_OWN_RULES))
    )
