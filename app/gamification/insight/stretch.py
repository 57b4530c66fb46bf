"""A stretch of days up to today, compared with as many days before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

RANGES = (7, 30, 90, 365)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days up to today, and as many before them; drawn in steps of a day, or in a year of a week."""

    days: int
    today: int

    @property
    def first(self) -> int:
        return self.today - self.days + 1

    @property
    def step(self) -> int:
        return 7 if self.days > 90 else 1

    @property
    def last(self) -> int:
        """The place of the last step."""
        return self.days // self.step - 1

    def place(self, day: int) -> int | None:
        """In which step a day lies; -1 for the days before, None for all others. The first step takes what is over."""
        if self.first <= day <= self.today:
            return max(0, self.last - (self.today - day) // self.step)
        return -1 if self.first - self.days <= day < self.first else None

    def bounds(self, place: int) -> tuple[int, int]:
        """The first and the last day of a step."""
        end = self.today - (self.last - place) * self.step
        return (self.first if place == 0 else end - self.step + 1), end


class Trend(NamedTuple):
    """A figure of a stretch, of as many days before it, and of each step."""

    now: int
    before: int
    steps: tuple[int, ...]

    def plus(self, other: "Trend") -> "Trend":
        """Both together."""
        steps = (one + more for one, more in zip(self.steps, other.steps, strict=True))
        return Trend(self.now + other.now, self.before + other.before, tuple(steps))


class Step(NamedTuple):
    """What moved between the first and the last day of a step, and what was outstanding at its end."""

    first: int
    last: int
    issued: int
    redeemed: int
    refunded: int
    expired: int
    adjusted: int  # by staff, up less down
    reversed: int  # taken back from balances, and what went into debts
    outstanding: int

    @property
    def grown(self) -> int:
        """By how much what is outstanding grew."""
        return self.issued + self.refunded + self.adjusted - self.redeemed - self.expired - self.reversed


def flow(stretch: Stretch, by_place: Mapping[int, int]) -> Trend:
    """The trend of what is summed up by step; -1 stands for the days before."""
    steps = tuple(by_place.get(place, 0) for place in range(stretch.last + 1))
    return Trend(sum(steps), by_place.get(-1, 0), steps)


def level(stretch: Stretch, changes: Mapping[int, int]) -> Trend:
    """The trend of what is kept by its changes: as it stood before the stretch, and at the end of each step."""
    before = changes.get(-1, 0)
    steps = tuple(accumulate((changes.get(place, 0) for place in range(stretch.last + 1)), initial=before))[1:]
    return Trend(steps[-1], before, steps)
