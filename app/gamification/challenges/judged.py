"""Which activities counted for an entry, and why others did not: the entry folded again, telling of each. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.gamification.challenges.compiled import CompiledChallenge
from app.gamification.challenges.entry import REWARDED, Entry
from app.gamification.habits.own import OwnRules
from app.gamification.measures.measure import Missed, Progress, Seen
from app.lib.i18n import Sentence, _l
from app.lib.periods import day_at

_TAKEN_BACK = Sentence(_l("Taken back: it was cancelled or corrected"))
_UPLOADED = Sentence(_l("From an uploaded statement: only what your broker reports itself counts"))
_FORBIDDEN = Sentence(_l("Your client category allowed no benefit for it then"))
_BEFORE = Sentence(_l("Before you joined"))
_AFTER = Sentence(_l("After it ended"))
_LATE = Sentence(_l("Reported more than 30 days after it ended"))
_COUNTED = Sentence(_l("Counted"))
_ALREADY = Sentence(_l("Counts once, and did already"))
_DONE = Sentence(_l("That step was done already"))
_COUNTED_FOR = _l("Counted for step %(step)s")
_NOT_OPEN = _l("Step %(step)s was not open yet")


class Reported(NamedTuple):
    """One activity as it was decided; `stands` is False of one that was taken back, replaced or could not be read.

    What corrects another stands in its place: `place` and `placed_at` are then those of the other.
    """

    seq: int
    id: int
    kind: int
    key: str
    facts: Any
    earned: int
    occurred_at: int
    place: int
    placed_at: int
    verified: bool
    stands: bool
    forbidden: bool  # by the law, when it was judged


class Judged(NamedTuple):
    """One activity, whether it counted, why, and for which step (its place)."""

    report: Reported
    counted: bool
    why: Sentence
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that was looked at, oldest first; when each step was done (microseconds); the days that counted."""

    judged: tuple[Judged, ...]
    done_at: tuple[int | None, ...]
    days: frozenset[int]


def tell(entry: Entry, reports: Iterable[Reported], own: OwnRules, now: int) -> Story:
    """Fold an entry's activities from its baseline, in the order in which they were decided."""
    return _Telling(entry, own).tell(reports, now)


def tell_apart(entry: Entry, reports: Iterable[Reported], own: OwnRules) -> Story:
    """The same of the newest of more activities than a page looks through: each is judged by itself."""
    telling, judged = _Telling(entry, own), []
    for one in reports:
        found = telling.barred(one) or telling.alone(one)
        judged.append(found)
    days = frozenset(day_at(one.report.occurred_at, entry.zone) for one in judged if one.counted)
    return Story(tuple(judged), (None,) * len(entry.challenge.steps), days)


class _Telling:
    def __init__(self, entry: Entry, own: OwnRules) -> None:
        self._entry, self._own = entry, own
        self._challenge: CompiledChallenge = entry.challenge
        self._progress: list[Progress] = entry.start()
        self._done_at: list[int | None] = [None] * len(self._challenge.steps)
        self._changed_at: int | None = None  # when a report last moved it

    def tell(self, reports: Iterable[Reported], now: int) -> Story:
        entry, judged = self._entry, []
        rewarded = entry.state in REWARDED
        for one in reports:
            self._pass_time(one.placed_at)
            if rewarded and self._challenge.all_done(self._progress):
                break
            judged.append(self.barred(one) or self._judge(one))
        self._pass_time(now)
        days = frozenset(day_at(one.report.occurred_at, entry.zone) for one in judged if one.counted)
        return Story(tuple(judged), tuple(self._done_at), days)

    def barred(self, one: Reported) -> Judged | None:
        """Why it was not looked at at all."""
        entry = self._entry
        if not one.stands:
            return Judged(one, False, _TAKEN_BACK)
        if not one.verified:
            return Judged(one, False, _UPLOADED)
        if one.forbidden:
            return Judged(one, False, _FORBIDDEN)
        early = entry.is_early(one.occurred_at) and not self._challenge.reaches_back(one.key)
        if early or one.place <= entry.since_seq:
            return Judged(one, False, _BEFORE)
        if entry.ends_at is not None and one.occurred_at >= entry.ends_at:
            return Judged(one, False, _AFTER)
        if entry.shuts_at is not None and one.placed_at >= entry.shuts_at:
            return Judged(one, False, _LATE)
        return None

    def alone(self, one: Reported) -> Judged:
        """Whether it is what a step asks for, whatever came before it."""
        seen, missed, early = self._seen(one), None, self._entry.is_early(one.occurred_at)
        for place, step in enumerate(self._challenge.steps):
            if not self._challenge.looks_at(place, one.key, early=early):
                continue
            found = step.measure.count(seen, step.settings)
            if not isinstance(found, Missed):
                return Judged(one, True, self._counted_for(place), place)
            missed = missed or Judged(one, False, found.why, place)
        return missed or Judged(one, False, _DONE)

    def _judge(self, one: Reported) -> Judged:
        challenge, before = self._challenge, self._progress
        early = self._entry.is_early(one.occurred_at)
        looking = [place for place in range(len(challenge.steps)) if challenge.looks_at(place, one.key, early=early)]
        opened = [place for place in looking if challenge.takes(place, before)]
        if not opened:
            return self._too_early(one, looking)
        seen = self._seen(one)
        self._progress = self._entry.advanced(before, seen)
        if self._progress != before:
            self._changed_at = one.placed_at
        self._note(one.occurred_at)
        missed = None
        for place in opened:
            step = challenge.steps[place]
            if self._progress[place].value > before[place].value:
                return Judged(one, True, self._counted_for(place), place)
            found = step.measure.count(seen, step.settings)
            if not isinstance(found, Missed) and not found.amount:
                # Time does the rest.
                return Judged(one, True, self._counted_for(place), place)
            missed = missed or Judged(one, False, found.why if isinstance(found, Missed) else _ALREADY, place)
        assert missed is not None
        return missed

    def _too_early(self, one: Reported, looking: list[int]) -> Judged:
        for place in looking:
            if not self._challenge.is_done(place, self._progress):
                return Judged(one, False, Sentence(_NOT_OPEN, {"step": place + 1}), place)
        return Judged(one, False, _DONE, looking[-1] if looking else None)

    def _counted_for(self, place: int) -> Sentence:
        return Sentence(_COUNTED_FOR, {"step": place + 1}) if len(self._challenge.steps) > 1 else _COUNTED

    def _seen(self, one: Reported) -> Seen:
        return Seen(one.id, one.key, one.facts, one.occurred_at, one.earned, self._entry.zone, self._own)

    def _pass_time(self, now: int) -> None:
        """Let time do what it does, step by step, so that each is dated."""
        if self._changed_at is None or self._changed_at >= now:
            return
        for at, progress in self._challenge.passing(self._progress, self._entry.until(now)):
            self._progress = progress
            self._note(at)

    def _note(self, at: int) -> None:
        for place, done_at in enumerate(self._done_at):
            if done_at is None and self._challenge.is_done(place, self._progress):
                self._done_at[place] = at
