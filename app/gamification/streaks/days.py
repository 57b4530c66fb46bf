"""A member's days of practice during a round."""

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from app.lib.clock import DAY

# The length of a day, where clocks go forward in its night.
LEAST = DAY * 23 // 24


class Habits:
    """What the round found: `new` days by activity, and activities that are `gone`.

    `before` are the days by activity as they are stored, where something looks at all of them; else None. `near` are
    those around what the round may note, by activity: when it was (microseconds), and the day.
    """

    __slots__ = ("before", "gone", "near", "new", "zone")

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.before: dict[int, int] | None = None
        self.near: dict[int, tuple[int, int]] = {}
        self.new: dict[int, int] = {}
        self.gone: list[int] = []

    def days(self) -> Iterator[int]:
        """Every day there is practice on by now, once for each activity."""
        lost = set(self.gone)
        yield from (day for activity_id, day in (self.before or {}).items() if activity_id not in lost)
        yield from self.new.values()


def lived(day: int, at: int, near: Iterable[tuple[int, int]]) -> int:
    """The day of what was done at that moment, when the clocks of the member's zone say `day`. Pure.

    Who moved lives no day twice and reaches none sooner than the clock: days go the way of the instants, and between
    the practice of one day and that of the next but one lies a day.
    """
    first, last = day, day
    for other_at, other in near:
        between = 1 + abs(at - other_at) // LEAST
        if other_at <= at:
            first, last = max(first, other), min(last, other + between)
        else:
            first, last = max(first, other - between), min(last, other)
    # Of both bounds only one ever moves, unless the days that are known contradict each other.
    return first if first > day else last
