"""A streak as pages draw it: the running week day by day, and the weeks before."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from app.gamification.streaks.rules import Rules
from app.gamification.streaks.weeks import DAYS, Streak, Week, by_week, streak


class DayState(StrEnum):
    """What a day of the running week is."""

    PRACTISED = "practised"
    RESTED = "rested"  # planned, and kept
    PLANNED = "planned"  # a rest day that is to come, or not decided yet
    TODAY = "today"  # nothing yet
    AHEAD = "ahead"
    NOTHING = "nothing"


class Day(NamedTuple):
    day: int
    state: DayState
    is_today: bool


class Shown(NamedTuple):
    """A streak with the days of its running week."""

    streak: Streak
    days: tuple[Day, ...]

    @property
    def week(self) -> Week:
        """The running week."""
        return self.streak.running

    @property
    def missing(self) -> int:
        """Days that are still needed to keep the running week; 0 once it is kept."""
        return max(0, self.week.needed - self.week.done)

    @property
    def can_be_kept(self) -> bool:
        """Whether enough days of the running week are left."""
        open_ = [day for day in self.days if day.state in (DayState.TODAY, DayState.AHEAD, DayState.PLANNED)]
        return self.missing <= len(open_)

    @property
    def is_new(self) -> bool:
        """Whether there was no practice ever."""
        return not any(week.days for week in self.streak.weeks)

    def latest(self, weeks: int) -> tuple[Week | None, ...]:
        """The last weeks, the running one at the end; None for those before there was any practice."""
        found = self.streak.weeks[-weeks:]
        return (*(None for _ in range(weeks - len(found))), *found)


def shown(practice: Mapping[int, int], rests: Mapping[int, bool | None], today: int, rules: Rules) -> Shown:
    """The streak of a member today: days of practice by week, planned rest days with whether they were kept."""
    waiting = (day for day, kept in rests.items() if kept is None and day < today)
    found = streak(practice, today, rules, by_week(waiting))
    return Shown(found, tuple(_days(found.running, rests, today)))


def _days(week: Week, rests: Mapping[int, bool | None], today: int) -> Iterable[Day]:
    for weekday in range(DAYS):
        day = week.monday + weekday
        yield Day(day, _state(week.has(weekday), day, rests, today), day == today)


def _state(practised: bool, day: int, rests: Mapping[int, bool | None], today: int) -> DayState:
    if practised:
        return DayState.RESTED if rests.get(day) else DayState.PRACTISED
    if day in rests and rests[day] is None:
        return DayState.PLANNED
    if day == today:
        return DayState.TODAY
    return DayState.AHEAD if day > today else DayState.NOTHING
