"""What happens to a level if nothing more is earned: until when it is safe, and how much would keep it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.gamification.tiers.ladder import Ladder


class Standing(Protocol):
    """Where a member stands; the fields of a wallet."""

    @property
    def qualifying(self) -> int: ...
    @property
    def window_from(self) -> int: ...
    @property
    def level_id(self) -> int: ...
    @property
    def grace_until(self) -> int | None: ...


@dataclass(frozen=True)
class Projection:
    """`needed` more qualifying points by the end of the day `by` keep the level; 0 when it is safe until then."""

    needed: int
    by: int
    is_short: bool  # the sum is too small already: the grace time is running

    @property
    def falls_on(self) -> int:
        """The day on which the level would be lost."""
        return self.by + 1


def project(
    member: Standing, ladder: Ladder, today: int, days: Mapping[int, int], seen: int | None = None
) -> Projection | None:
    """The next fall that threatens; None where the level cannot be lost, or not before the day `seen`.

    `days` are the sums of a rolling window's days, as far ahead as the answer should look: None too when nothing that
    leaves the window until then endangers the level. Other windows need none.
    """
    level = ladder.level(member.level_id)
    if ladder.downgrade == "never" or not level.keep:
        return None
    left = member.qualifying
    if ladder.is_calendar:
        by = ladder.window_end(member.window_from) if member.grace_until is None else member.grace_until
        return Projection(max(0, level.keep - left), by - 1, member.grace_until is not None)
    short = left < level.keep
    falls_on = (member.grace_until or today + 1 + ladder.grace_days) if short else None
    if ladder.is_rolling:
        length, start = ladder.period.days, ladder.window_start(today)
        for day in sorted(day for day in days if day >= start):
            if falls_on is not None and day + length > falls_on:
                break
            left -= days[day]
            if falls_on is None and left < level.keep:
                falls_on = day + length + ladder.grace_days
    if seen is not None and falls_on is not None and falls_on - ladder.grace_days > seen:
        return None
    return None if falls_on is None else Projection(max(0, level.keep - left), max(today, falls_on - 1), short)
