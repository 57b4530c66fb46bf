"""When points become available and when they lapse; boundaries are midnights of the programme's zone."""

from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.gamification.accrual.definition import Expiry
from app.lib.clock import from_day, to_day, to_micros
from app.lib.periods import add_months, period_end, start_of


@lru_cache(maxsize=4096)
def midnight(day: int, zone: ZoneInfo) -> int:
    """The instant a day starts in the zone, in microseconds."""
    return to_micros(start_of(day, zone))


@dataclass(frozen=True)
class Life:
    """Held until, lapses at (microseconds, None for never), and the idle days of inactivity expiry."""

    available_at: int | None
    expires_at: int | None
    idle_days: int | None


def lapse_day(expiry: Expiry, day: int) -> int | None:
    """The first day on which points awarded on `day` are gone; None when they never lapse by date.

    `days` and `months` give whole days: 30 days from the 1st last through the 31st and lapse as the 1st or 2nd begins.
    """
    if expiry.mode == "days":
        return day + expiry.n + 1
    if expiry.mode == "months":
        return to_day(add_months(from_day(day), expiry.n)) + 1
    if expiry.mode == "end_of_month":
        return period_end(to_day(add_months(from_day(day), expiry.n)), "month")
    if expiry.mode == "end_of_year":
        return period_end(to_day(add_months(from_day(day), 12 * expiry.n)), "year")
    return None


@lru_cache(maxsize=4096)
def life_of(expiry: Expiry, hold_days: int, day: int, zone: ZoneInfo) -> Life:
    """The life of points awarded on a day (days since 1970, in the programme's zone)."""
    lapse = lapse_day(expiry, day)
    return Life(
        midnight(day + hold_days, zone) if hold_days else None,
        None if lapse is None else midnight(lapse, zone),
        expiry.n if expiry.mode == "inactivity" else None,
    )
