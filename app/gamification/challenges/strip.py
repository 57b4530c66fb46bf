"""The days that a challenge runs, one by one, as its page draws them: which counted, which are for rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.challenges.compiled import CompiledChallenge
from app.gamification.challenges.entry import Entry
from app.gamification.challenges.judged import Story
from app.gamification.challenges.shown import Seat
from app.gamification.challenges.window import Run
from app.gamification.habits.reads import rests_between
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import from_day
from app.lib.periods import day_at

LONGEST_STRIP = 62  # days that are drawn one by one


class DayShown(NamedTuple):
    """A day of the window; `rest` where the member planned to rest on it, and did not trade after all."""

    day: date
    state: Literal["past", "today", "ahead"]
    counted: bool
    rest: Literal["kept", "planned", ""]


@dataclass(frozen=True, slots=True)
class Window:
    """The days it runs, one by one unless they are too many; `zone` is said where it is not the member's own."""

    first: date
    last: date
    today: date
    days: tuple[DayShown, ...]
    zone: str | None

    @property
    def rests(self) -> int:
        """How many of the days are for rest."""
        return sum(bool(day.rest) for day in self.days)

    @property
    def is_on(self) -> bool:
        return self.first <= self.today <= self.last

    @property
    def side(self) -> Literal["early", "late", ""]:
        """Where today stands: so far towards an end of the window that its name goes there too."""
        passed, whole = (self.today - self.first).days, (self.last - self.first).days
        return "early" if 3 * passed < whole else "late" if 3 * passed > 2 * whole else ""


def window_of(
    me: SignedIn, challenge: CompiledChallenge, place: Seat, story: Story | None, zone: ZoneInfo, now: int
) -> Window | None:
    """The days of the entry, or of the run that a member without one would come into."""
    entry = place.entry
    run = _run_of(challenge, entry) if entry is not None else place.run
    if run is None or run.ends_at is None or run.starts_at is None:
        return None
    days_of = entry.zone if entry is not None else zone
    first, last, today = (day_at(at, days_of) for at in (run.starts_at, run.ends_at - 1, now))
    counted = story.days if story is not None else frozenset()
    days: tuple[DayShown, ...] = ()
    if last - first < LONGEST_STRIP:
        rests = rests_between(me.id, first, last)
        days = tuple(
            DayShown(from_day(day), _tense(day, today), day in counted, _rest(rests, day))
            for day in range(first, last + 1)
        )
    elsewhere = days_of.key if days_of != zone else None
    return Window(from_day(first), from_day(last), from_day(today), days, elsewhere)


def _run_of(challenge: CompiledChallenge, entry: Entry) -> Run:
    """The run that an entry is in, from its first day on."""
    if entry.ends_at is not None:
        # Its last instant lies in no other run.
        same = challenge.run_at(entry.ends_at - 1, entry.zone)
        if same is not None:
            return same
    return Run(entry.run, entry.joined_at, entry.ends_at)


def _tense(day: int, today: int) -> Literal["past", "today", "ahead"]:
    return "past" if day < today else "today" if day == today else "ahead"


def _rest(rests: Mapping[int, bool | None], day: int) -> Literal["kept", "planned", ""]:
    """A rest day that was traded on is a day like any other."""
    if day not in rests or rests[day] is False:
        return ""
    return "kept" if rests[day] else "planned"
