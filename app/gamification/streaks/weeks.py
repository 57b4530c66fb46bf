"""What a streak is: weeks of practice in a row, as it follows from the days alone. Pure.

A week is Monday to Sunday of the member's own calendar. It is kept with enough days of practice; a planned rest day
that was kept is one. Kept weeks earn freezes, and a week that was missed uses one by itself: the streak stands, it just
does not grow. Who adds a day of practice can only gain by it: the state after each week (weeks in a row, freezes, weeks
towards the next one) never gets smaller, because a break begins again with nothing of all three.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from app.gamification.streaks.rules import Rules

DAYS = 7
# 1970-01-01 was a Thursday: week 0 began on the Monday before it.
_TO_MONDAY = 3


class State(StrEnum):
    """How a week came out."""

    KEPT = "kept"
    FROZEN = "frozen"  # missed, and a freeze held the streak
    MISSED = "missed"
    WAITING = "waiting"  # over, but a planned rest day that decides it is not looked through yet
    RUNNING = "running"


class Week(NamedTuple):
    """One week; `streak` and `freezes` are as it left them."""

    number: int
    days: int  # a bit for each day of practice, Monday the lowest
    needed: int
    state: State
    streak: int
    freezes: int
    earned: bool  # it brought a freeze

    @property
    def monday(self) -> int:
        """The day it begins on."""
        return monday_of(self.number)

    @property
    def done(self) -> int:
        """Days of practice so far."""
        return self.days.bit_count()

    def has(self, weekday: int) -> bool:
        """Whether there was practice on a day of it; Monday is 0."""
        return bool(self.days >> weekday & 1)


class Streak(NamedTuple):
    """A member's streak; `weeks` end with the running one, the oldest first."""

    weeks: tuple[Week, ...]
    current: int
    best: int
    freezes: int
    cap: int
    to_freeze: int | None  # kept weeks until the next freeze; None where none can be earned now

    @property
    def running(self) -> Week:
        """The week that is not over."""
        return self.weeks[-1]


def week_of(day: int) -> int:
    """The number of the week a day lies in."""
    return (day + _TO_MONDAY) // DAYS


def monday_of(week: int) -> int:
    """The first day of a week."""
    return week * DAYS - _TO_MONDAY


def by_week(days: Iterable[int]) -> dict[int, int]:
    """Days as one bit each, by week."""
    found: dict[int, int] = {}
    for day in days:
        week, weekday = divmod(day + _TO_MONDAY, DAYS)
        found[week] = found.get(week, 0) | 1 << weekday
    return found


def streak(practice: Mapping[int, int], today: int, rules: Rules, pending: Mapping[int, int] | None = None) -> Streak:
    """The streak as of a day of the member's calendar.

    `practice` and `pending` are days by week, as `by_week` gives them; pending are planned rest days that are over and
    not decided yet. Practice on days to come (a member who moved west has some) waits for its week.
    """
    waits, present = pending or {}, week_of(today)
    first = min((week for week in practice if week <= present), default=present)
    row = freezes = towards = best = 0
    weeks = []
    for number in range(first, present + 1):
        rule = rules.at(monday_of(number))
        days = practice.get(number, 0)
        state, earned = State.KEPT, False
        if days.bit_count() >= rule.days_needed:
            row += 1
            if freezes >= rule.freeze_cap or not rule.freeze_every:
                towards = 0
            elif towards + 1 >= rule.freeze_every:
                freezes, towards, earned = freezes + 1, 0, True
            else:
                towards += 1
        elif number == present:
            state = State.RUNNING
        elif (days | waits.get(number, 0)).bit_count() >= rule.days_needed:
            state = State.WAITING
        elif freezes and row:
            state, freezes = State.FROZEN, freezes - 1
        else:
            state, row, towards = State.MISSED, 0, 0
        best = max(best, row)
        weeks.append(Week(number, days, rule.days_needed, state, row, freezes, earned))
    rule = rules.at(monday_of(present))
    cap = rule.freeze_cap if rule.freeze_every else 0
    to_freeze = max(1, rule.freeze_every - towards) if freezes < cap else None
    return Streak(tuple(weeks), row, best, freezes, cap, to_freeze)


def best_of(days: Iterable[int], rules: Rules) -> int:
    """The longest streak in these days, whatever day it is."""
    practice = by_week(days)
    return streak(practice, monday_of(max(practice)), rules).best if practice else 0
