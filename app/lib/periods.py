"""Days and calendar periods, as half-open intervals `[start, end)` in one time zone.

Days are numbers (days since 1970-01-01), instants are aware datetimes. A period is named by the day it starts on.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from app.lib.clock import from_day, from_micros, to_day

Calendar = Literal["week", "month", "quarter", "year"]


def day_of(instant: datetime, zone: ZoneInfo) -> int:
    """The calendar day an instant falls on in that zone."""
    return to_day(instant.astimezone(zone).date())


QUARTER_HOUR = 900_000_000


def day_at(micros: int, zone: ZoneInfo) -> int:
    """The calendar day of an instant in microseconds: `day_of` for who asks it of every activity."""
    return _day_of_quarter(micros // QUARTER_HOUR, zone)


@lru_cache(maxsize=1 << 16)
def _day_of_quarter(quarter: int, zone: ZoneInfo) -> int:
    # No zone's midnight has ever fallen inside a quarter of an hour since standard time; older local mean time has,
    # but nothing here is older than a century.
    return day_of(from_micros(quarter * QUARTER_HOUR), zone)


def start_of(day: int, zone: ZoneInfo) -> datetime:
    """The instant a day starts in that zone, in UTC; where midnight is skipped, the first instant after it."""
    return datetime.combine(from_day(day), time(), zone).astimezone(UTC)


@lru_cache(maxsize=1 << 14)
def period_start(day: int, calendar: Calendar) -> int:
    """The first day of the calendar period a day lies in; weeks start on Monday."""
    date_ = from_day(day)
    if calendar == "week":
        return day - date_.weekday()
    if calendar == "month":
        return to_day(date_.replace(day=1))
    if calendar == "quarter":
        return to_day(date(date_.year, date_.month - (date_.month - 1) % 3, 1))
    return to_day(date(date_.year, 1, 1))


@lru_cache(maxsize=1 << 14)
def period_end(day: int, calendar: Calendar) -> int:
    """The first day after the calendar period a day lies in."""
    start = from_day(period_start(day, calendar))
    if calendar == "week":
        return to_day(start) + 7
    return to_day(add_months(start, {"month": 1, "quarter": 3, "year": 12}[calendar]))


def add_months(day: date, months: int) -> date:
    """The same day of the month that many months later; the last day where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
