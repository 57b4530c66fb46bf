"""A month of points by day: what was earned, what of it is still pending, what was spent or taken back."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.outlook import QUARTER_HOUR, Held
from app.gamification.ledger.statement import statement
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import DAY, from_day, from_micros, to_day, to_micros
from app.lib.periods import add_months, day_of, period_end, period_start, start_of
from app.models.base import read_all
from app.models.ledger import Code, State, UnitId

OFFERED = 36  # months to choose from
FIRST_LINES = 1_000  # say how far back the choice reaches
_BEGINNING = -1  # stands for a day in the row that says it


class DaySum(NamedTuple):
    """One day, or all; every figure is 0 or more. `earned` is what is free already, `pending` comes on top of it."""

    day: int
    earned: int
    pending: int
    spent: int
    refunded: int
    reversed: int
    lapsed: int

    @property
    def gone(self) -> int:
        """Everything that left on that day."""
        return self.spent + self.reversed + self.lapsed


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in the programme's zone."""

    first: date
    today: int
    days: tuple[DaySum, ...]
    total: DaySum
    months: tuple[date, ...]  # to choose from, newest first


_SUMS = statement(
    f"""
    SELECT (occurred_at + CASE WHEN occurred_at < :change THEN :before ELSE :after END) / {DAY} AS day,
        sum(CASE WHEN debit = {State.ISSUED} THEN amount ELSE 0 END) AS earned,
        sum(CASE WHEN debit < {State.AVAILABLE} OR code IN ({Code.REVERSAL}, {Code.EXPIRY}) THEN 0 ELSE amount END)
            AS spent,
        sum(CASE WHEN code = {Code.REFUND} THEN amount ELSE 0 END) AS refunded,
        sum(CASE WHEN code = {Code.REVERSAL} THEN amount ELSE 0 END) AS reversed,
        sum(CASE WHEN code = {Code.EXPIRY} THEN amount ELSE 0 END) AS lapsed
    FROM transfer
    WHERE wallet_id = :member AND occurred_at >= :first AND occurred_at < :last AND unit_id = {UnitId.POINTS}
        AND code NOT IN ({Code.RELEASE}, {Code.REPAYMENT})
    GROUP BY 1
    UNION ALL
    SELECT {_BEGINNING}, min(occurred_at), 0, 0, 0, 0 FROM (
        SELECT occurred_at FROM transfer WHERE wallet_id = :member ORDER BY seq LIMIT {FIRST_LINES}
    ) AS beginning
    """,
    "day earned spent refunded reversed lapsed",
)


def month(me: SignedIn, chosen: date | None, held: Sequence[Held], now: datetime) -> Month:
    """The month a date lies in, the present one without; `held` is the outlook's. One statement."""
    zone = compiled().zone
    today = day_of(now, zone)
    start = period_start(to_day(chosen) if chosen else today, "month")
    rows = read_all(_SUMS, {"member": me.id, **_bounds(start, zone)})
    by_day = {row.day: row for row in rows}
    pending: dict[int, int] = {}
    for one in held:
        pending[one.day] = pending.get(one.day, 0) + one.points
    days = tuple(_sum(day, by_day.get(day), pending.get(day, 0)) for day in range(start, period_end(start, "month")))
    total = DaySum(start, *(sum(figures) for figures in list(zip(*days, strict=True))[1:]))
    beginning = by_day[_BEGINNING].earned
    oldest = today if beginning is None else day_of(from_micros(int(beginning)), zone)
    return Month(from_day(start), today, days, total, _offered(min(oldest, start), max(today, start)))


def _sum(day: int, row: Any, pending: int) -> DaySum:
    if row is None:
        return DaySum(day, 0, 0, 0, 0, 0, 0)
    earned, gone = int(row.earned) - pending, (row.spent, row.refunded, row.reversed, row.lapsed)
    return DaySum(day, earned, pending, *map(int, gone))


def _offered(first: int, last: int) -> tuple[date, ...]:
    months = [from_day(period_start(last, "month"))]
    while to_day(months[-1]) > first and len(months) < OFFERED:
        months.append(add_months(months[-1], -1))
    return tuple(months)


@lru_cache(maxsize=256)
def _bounds(start: int, zone: ZoneInfo) -> dict[str, int]:
    """A month's first instant and the one after its last, and what turns an instant into a day number of the zone.

    A zone's clocks change at most once a calendar month, and on a quarter of an hour.
    """
    first, last = (to_micros(start_of(day, zone)) for day in (start, period_end(start, "month")))
    before, after = _offset(first, zone), _offset(last, zone)
    quarters = range(first, last, QUARTER_HOUR)
    place = bisect_left(quarters, True, key=lambda at: _offset(at, zone) != before)
    change = quarters[place] if place < len(quarters) else last
    return {"first": first, "last": last, "before": before, "after": after, "change": change}


def _offset(at: int, zone: ZoneInfo) -> int:
    """How far the zone is ahead of UTC at an instant, in microseconds."""
    ahead = from_micros(at).astimezone(zone).utcoffset()
    return 0 if ahead is None else ahead // timedelta(microseconds=1)
