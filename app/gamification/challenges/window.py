"""When a challenge runs, and which run of it a moment falls into. Days are those of one zone, instants microseconds."""

from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.accrual.expiry import midnight
from app.gamification.challenges.definition import Definition
from app.lib.clock import DAY, to_day
from app.lib.periods import day_at

# What occurred in time may be reported later. For so long the entry goes on as if it were not over,
GRACE = DAY
# and for so long it counts for an entry that ended without being completed: a bridge that was down loses nobody a
# challenge. What occurred longer ago than that is late by its flag, too (see `ingest.LATE`).
COUNTS_FOR = 30 * DAY
LATE = GRACE // 2  # a report of an entry that has ended is later than that, however clocks differ
RUNS = 1 << 16  # that have a number in the references of rewards
_EASTMOST = ZoneInfo("Pacific/Kiritimati")  # where every run has begun that has begun anywhere


class Run(NamedTuple):
    """One run of a challenge: its number, and when it begins and ends; None: open."""

    number: int
    starts_at: int | None
    ends_at: int | None


def fixed_run(definition: Definition, now: int, zone: ZoneInfo) -> Run | None:
    """The run of a window that is the same for everyone: the one that is on, else the next one; None once all is over.

    One that begins again when it ends follows itself without a gap.
    """
    window = definition.window
    assert window.first is not None and window.last is not None
    first, after = to_day(window.first), to_day(window.last) + 1
    number = 0
    today = day_at(now, zone)
    if definition.recurrence == "end" and today >= after:
        number = (today - first) // (after - first)
    elif today >= after:
        return None
    shift = number * (after - first)
    return Run(number, midnight(first + shift, zone), midnight(after + shift, zone))


def first_run(new: Definition, before: Definition, number: int, published_at: int) -> int:
    """The number of the first run of a revision, where that of the revision before it is `number`.

    Runs that are the same for everybody go on being counted when their days change: another run has a number, and
    places, of its own.
    """
    if not (new.has_common_runs or before.has_common_runs) or _days(new) == _days(before):
        return number
    if _days(before) is None:
        # What members repeat for themselves has no highest number; nobody needs one so far ahead.
        return number + (1 if before.recurrence == "none" else day_at(published_at, _EASTMOST))
    last = fixed_run(before, published_at, _EASTMOST)
    if last is not None and last.starts_at is not None and published_at < last.starts_at:
        return number  # it never began
    return number + 1 + (last.number if last is not None else 0)


def goes_on(new: Definition, before: Definition) -> bool:
    """Whether two revisions have the same runs and take members in alike: who was offered one is in the other."""
    return all(getattr(new, name) == getattr(before, name) for name in ("window", "recurrence", "automatic"))


def _days(definition: Definition) -> tuple[date | None, date | None] | None:
    """The days of a window in which everybody is in the same run; None where members count their own."""
    window = definition.window
    return (window.first, window.last) if window.kind == "fixed" and definition.recurrence != "completion" else None


def personal_run(definition: Definition, now: int, zone: ZoneInfo, number: int) -> Run:
    """The run of who joins now; the day of joining is the first of its days."""
    if definition.window.kind == "open":
        return Run(number, None, None)
    return Run(number, None, midnight(day_at(now, zone) + definition.window.days, zone))
