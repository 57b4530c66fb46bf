"""What a measure is: a pure judgement of one activity, and the pure fold of such judgements into progress."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, ClassVar, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from app.gamification.activities import OWN_KINDS
from app.gamification.habits.own import NOTHING_SET, OwnRules
from app.gamification.measures import kinds
from app.lib.i18n import Sentence, _l
from app.lib.periods import day_at
from app.lib.registry import Registry

Listening = TypeVar("Listening")

_BETWEEN = _l("Choose a number from %(least)s to %(most)s.")
_CHOICE = _l("Choose from the list.")


class Counted(NamedTuple):
    """The activity counts: `amount` in the measure's smallest unit, see `Measure.scale`.

    With a `key` it is one of different things (an instrument, a day), of which each counts once.
    """

    amount: int
    key: str | None = None


ONE = Counted(1)


class Missed(NamedTuple):
    """The activity does not count, and why, as the member is told."""

    why: Sentence


class Progress(NamedTuple):
    """How far a fold has come: the value, and how often each of different things was done.

    `credit` are those that had been done before it began and last, see `Measure.lasts`; the value counts them.
    """

    value: int = 0
    keys: Mapping[str, int] = {}
    credit: tuple[str, ...] = ()

    def anew(self) -> "Progress":
        """Where the fold began."""
        return Progress(len(self.credit), {}, self.credit)


class Seen:
    """One activity as measures see it; `kind` is its full key, times are microseconds."""

    __slots__ = ("_judged", "earned", "facts", "id", "kind", "occurred_at", "own", "zone")

    def __init__(
        self,
        id: int,
        kind: str,
        facts: Any,
        occurred_at: int,
        earned: int,
        zone: ZoneInfo,
        own: OwnRules = NOTHING_SET,
    ) -> None:
        self.id, self.kind, self.facts, self.occurred_at = id, kind, facts, occurred_at
        self.earned, self.zone, self.own = earned, zone, own
        self._judged: dict[str, Counted | Missed] = {}

    @property
    def day(self) -> int:
        """The calendar day it occurred on, in the zone that the fold goes by."""
        return day_at(self.occurred_at, self.zone)

    def judged_by(self, measured: "Described") -> Counted | Missed:
        """What a measure finds; whoever asks the same of it gets the same answer, so it is looked at once."""
        judged, question = self._judged, measured.question
        if question not in judged:
            judged[question] = measured.measure.count(self, measured.settings)
        return judged[question]


class Measure:
    """One thing that can be counted; each is one file in `kinds/`.

    `Settings` is a frozen dataclass whose first field is `target`; a staff form grows from it, a badge asks for its
    levels in place of the target. What it pays for in the eyes of the law follows from `listens_to`.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str]
    unit: ClassVar[str]  # the word under the figure, as the title is: "lots"
    listens_to: ClassVar[frozenset[str]]  # keys of activities
    scale: ClassVar[int] = 0  # decimals of the value: 2 counts hundredths
    keeps_time: ClassVar[bool] = False  # time alone reaches its target: it says when, see `due`
    for_badges: ClassVar[bool] = True  # False: a fold in which order or time matters
    # What can be done only once, each under its own key and for 1: who did it before joining has done it, and a step
    # that waits for others counts it nevertheless.
    lasts: ClassVar[bool] = False
    counts_different: ClassVar[bool] = False  # what it counts has keys, whatever the activity earned
    needs_own: ClassVar[bool] = False  # looks at the member's own limits or plan: of who has set none nothing counts
    Settings: ClassVar[type]

    @classmethod
    def listens(cls, settings: Any) -> frozenset[str]:
        """The activities that it looks at under these settings; `custom.` stands for all of the broker's own."""
        return cls.listens_to

    @classmethod
    def flaws(cls, settings: Any) -> Iterator[tuple[str, Sentence]]:
        """What is wrong with settings beyond their types, by field: a definition need not come from a form."""
        for field in fields(settings):
            value, about = getattr(settings, field.name), field.metadata
            if isinstance(value, int | Decimal) and not _is_between(value, about.get("min"), about.get("max")):
                yield field.name, Sentence(_BETWEEN, {"least": about["min"], "most": about["max"]})
            chosen = value if isinstance(value, tuple) else (value,)
            if isinstance(choices := about.get("choices"), Mapping) and not set(chosen) <= set(choices):
                yield field.name, Sentence(_CHOICE)

    @classmethod
    def count(cls, seen: Seen, settings: Any) -> Counted | Missed:
        """Judge one activity of a kind it listens to, whatever the target. Pure."""
        raise NotImplementedError

    @classmethod
    def advance(cls, progress: Progress, seen: Seen, settings: Any) -> Progress:
        """The progress with one more activity. Pure."""
        return cls.fold(progress, cls.count(seen, settings))

    @classmethod
    def fold(cls, progress: Progress, found: Counted | Missed) -> Progress:
        """The progress with one more judgement. Pure; what is missed changes nothing."""
        return progress if isinstance(found, Missed) else added(progress, found)

    @classmethod
    def due(cls, progress: Progress, settings: Any) -> int | None:
        """The instant (microseconds) at which time alone reaches the target; None where it never does."""
        return None

    @classmethod
    def value_at(cls, progress: Progress, settings: Any, now: int) -> int:
        """How far it is at a moment (microseconds); only where time alone moves it this is not the value itself."""
        return progress.value

    @classmethod
    def goal(cls, settings: Any) -> Sentence:
        """What to do, in one sentence: “Close trades of 5 lots in all”."""
        raise NotImplementedError

    @classmethod
    def target(cls, settings: Any) -> int:
        """The value that reaches the target."""
        return int(settings.target * 10**cls.scale)


def added(progress: Progress, found: Counted) -> Progress:
    """The progress with one more that counts."""
    (amount, key), (value, keys, credit) = found, progress
    if key is None:
        return Progress(value + amount, keys, credit)
    if key in credit:
        return progress
    times = keys.get(key, 0)
    return Progress(value if times else value + amount, {**keys, key: times + 1}, credit)


def _is_between(value: int | Decimal, least: Any, most: Any) -> bool:
    if isinstance(value, Decimal) and not value.is_finite():
        return False
    return (least is None or least <= value) and (most is None or value <= most)


def hears(listens: frozenset[str], kind: str) -> bool:
    """Whether an activity of this key is among those that are listened to."""
    return kind in listens or (OWN_KINDS in listens and kind.startswith(OWN_KINDS))


def heard(those: Mapping[str, Sequence[Listening]], kind: str) -> Sequence[Listening]:
    """Of what listens, by key, everything that looks at an activity of this key."""
    found = those.get(kind, ())
    return (*found, *those.get(OWN_KINDS, ())) if kind.startswith(OWN_KINDS) else found


measures: Registry[Measure] = Registry("measure")


@cache
def load() -> None:
    """Find the measures; called by whoever reads definitions."""
    measures.discover(kinds)


@dataclass(frozen=True)
class Described:
    """A measure with its settings, ready to count."""

    measure: type[Measure]
    settings: Any

    @property
    def listens(self) -> frozenset[str]:
        return self.measure.listens(self.settings)

    @cached_property
    def question(self) -> str:
        """What is asked of an activity: the measure and its settings without the target, which judges nobody."""
        asked = {name: value for name, value in msgspec.to_builtins(self.settings).items() if name != "target"}
        return f"{self.measure.key} {sorted(asked.items())}"
