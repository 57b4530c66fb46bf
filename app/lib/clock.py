"""The one clock: asked once by whoever opens a transaction, then passed on."""

from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000  # microseconds of a day without a change of clocks


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware datetime; exact, no float."""
    return (instant - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC datetime of microseconds since 1970-01-01."""
    return EPOCH + timedelta(microseconds=micros)


def instant_of(micros: int | None) -> datetime | None:
    """The same of what may not have been; None where it was not."""
    return None if micros is None else from_micros(micros)


def to_day(day: date) -> int:
    """Days since 1970-01-01 of a calendar date."""
    return day.toordinal() - 719_163


def from_day(number: int) -> date:
    """The calendar date of days since 1970-01-01."""
    return date.fromordinal(number + 719_163)
