"""Counting members who did something: once a day, and once in the 7, 30, 90 and 365 days that end on each day.

A member who did something on a day counts in the windows that end on it and on the days after it. Kept are not those
numbers but where they change, so that one more day of a member changes at most two rows a window, in whatever order
days arrive; the number of a window is the sum of its changes up to its last day. Nothing is ever counted over members.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.gamification.insight.figures import WITHIN, Figure
from app.gamification.insight.tally import Sums, Tally
from app.lib.periods import day_of
from app.models import bulk

# An activity counts up to 400 days after it occurred, and then asks for its neighbours of a year before.
KEPT_DAYS = 400 + 366

_ACTIVE, _WITHIN = int(Figure.ACTIVE), [(length, int(figure)) for length, figure in WITHIN.items()]
_KEYS = {"member_id": "bigint", "day": "integer"}
_BEFORE = (
    "SELECT keys.member_id, keys.day, (SELECT max(a.day) FROM active_day a"
    " WHERE a.member_id = keys.member_id AND a.day <= keys.day) FROM keys"
)
_AFTER = (
    "SELECT keys.member_id, keys.day, (SELECT min(a.day) FROM active_day a"
    " WHERE a.member_id = keys.member_id AND a.day > keys.day) FROM keys"
)
_OLD = "SELECT a.member_id, a.day FROM ids CROSS JOIN active_day a ON a.member_id = ids.id WHERE a.day < ?"


def count_active(conn: Connection, found: Tally, zone: ZoneInfo, now: datetime) -> None:
    """Store the days of members that are new, and add what they change to the sums. Nobody else may be at it."""
    keys = [(member_id, day) for day, member_id in found.active]
    before = {(member_id, day): last for member_id, day, last in bulk.tuples_by_keys(conn, _BEFORE, _KEYS, keys)}
    fresh = sorted(key for key in keys if before[key] != key[1])
    if not fresh:
        return
    after = {(member_id, day): then for member_id, day, then in bulk.tuples_by_keys(conn, _AFTER, _KEYS, fresh)}
    previous: tuple[int, int] | None = None
    for member_id, day in fresh:
        last = before[member_id, day]
        if previous is not None and previous[0] == member_id:
            last = previous[1] if last is None else max(last, previous[1])
        count_day(found.sums, last, day, after[member_id, day])
        previous = member_id, day
    bulk.insert(conn, "active_day", ("member_id", "day"), fresh)
    members = {member_id for member_id, _ in fresh}
    old = bulk.tuples_by_ids(conn, _OLD, members, day_of(now, zone) - KEPT_DAYS)
    bulk.delete(conn, "active_day", _KEYS, old)


def count_days(sums: Sums, days: Iterable[int]) -> None:
    """Count all days of one member, in order."""
    last = None
    for day in days:
        count_day(sums, last, day, None)
        last = day


def count_day(sums: Sums, last: int | None, day: int, then: int | None) -> None:
    """Count one more day of a member, between the nearest active days before and after it."""
    sums[_ACTIVE, day, 0] += 1
    for length, figure in _WITHIN:
        # The windows that end on first … end - 1 hold this day, and none of the others.
        first = day if last is None else max(day, last + length)
        end = day + length if then is None else min(day + length, then)
        if first < end:
            sums[figure, first, 0] += 1
            sums[figure, end, 0] -= 1
