"""A revision of a badge, ready to be counted."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from app.gamification.activities import PaysFor
from app.gamification.badges.counts import Tally
from app.gamification.badges.definition import GIVEN, Definition, described, gauge_keys, read_definition
from app.gamification.badges.gauge import Gauge
from app.gamification.measures.measure import Described
from app.gamification.policy.packs import Standing, Verdict


@dataclass(frozen=True)
class CompiledBadge:
    """One revision of a badge. `measured` is None of one that a challenge gives; `thresholds` are scaled values.

    `counting` says as of which revision of the programme its counts begin: whoever's tallies are older is counted anew.
    `since`: what occurred before counts for nothing. `earlier`: thresholds of revisions that counted the same.
    `until`: when it was retired. What stands before that can still be taken back, or be corrected.
    """

    badge_id: int
    key: str
    revision_id: int
    number: int
    definition: Definition
    measured: Described | None
    thresholds: tuple[int, ...]
    listens: frozenset[str]
    facts: frozenset[PaysFor]
    is_gauge: bool
    counting: int = 0
    since: int | None = None
    earlier: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    until: int | None = None

    @property
    def is_given(self) -> bool:
        """Whether only challenges give it."""
        return self.measured is None

    @cached_property
    def is_keyed(self) -> bool:
        """Whether it counts different things, whose names a round has to know."""
        return self.measured is not None and self.measured.measure.counts_different

    @cached_property
    def needs_own(self) -> bool:
        """Whether it looks at members' own limits or plans."""
        return self.measured is not None and self.measured.measure.needs_own

    @property
    def levels(self) -> int:
        """How many levels it has."""
        return len(self.definition.levels)

    def verdict(self, standing: Standing) -> Verdict:
        """What the law says to it for such a member."""
        return standing.judge_all(self.facts) if self.facts else Verdict.RECOGNITION

    def level_of(self, value: int) -> int:
        """The level that a value reaches; 0: none."""
        return bisect_right(self.thresholds, value)

    def is_above(self, tally: Tally) -> bool:
        """Whether a value reaches a level that is not held."""
        level = tally.level
        return level < len(self.thresholds) and tally.value >= self.thresholds[level]

    def stands(self, level: int, revision_id: int, value: int) -> bool:
        """Whether a level that a revision gave still holds at this value: by what that asked for, or what is asked now.

        What was given for something else is not judged by this value.
        """
        if level <= self.level_of(value):
            return True
        asked = self.thresholds if revision_id == self.revision_id else self.earlier.get(revision_id)
        return asked is None or (level <= len(asked) and value >= asked[level - 1])


def compile_badge(
    badge_id: int,
    key: str,
    revision_id: int,
    number: int,
    plain: Mapping[str, Any],
    pays_for: Callable[[str], PaysFor],
    *,
    counting: int = 0,
    published_at: int | None = None,
    retired_at: int | None = None,
    before: CompiledBadge | None = None,
) -> CompiledBadge:
    """The revision as it is stored; `pays_for` says it of an activity's key, `before` is the revision before it.

    Raises NotSound, UnknownKind.
    """
    definition = read_definition(plain)
    if definition.criterion.kind == GIVEN:
        # What a challenge gives is judged with the challenge.
        return CompiledBadge(
            badge_id, key, revision_id, number, definition, None, (), frozenset(), frozenset(), is_gauge=False,
            until=retired_at,
        )  # fmt: skip
    measured = described(definition.criterion, definition.levels[0])
    is_gauge = definition.criterion.kind in gauge_keys()
    facts = facts_of(definition, pays_for)
    scale = measured.measure.scale
    thresholds = tuple(int(Decimal(level).scaleb(scale)) for level in definition.levels)
    since, earlier = None if definition.from_start else published_at, {}
    if before is not None and counts_the_same(before.definition, definition):
        since, earlier = before.since, {**before.earlier, before.revision_id: before.thresholds}
    return CompiledBadge(
        badge_id, key, revision_id, number, definition, measured, thresholds, measured.listens, facts, is_gauge,
        counting, since, earlier, retired_at,
    )  # fmt: skip


def facts_of(definition: Definition, pays_for: Callable[[str], PaysFor]) -> frozenset[PaysFor]:
    """What it pays for in the eyes of the law; nothing of one that is judged with the challenge that gives it."""
    if definition.criterion.kind == GIVEN:
        return frozenset()
    found = described(definition.criterion, definition.levels[0])
    if issubclass(found.measure, Gauge):
        return found.measure.facts
    return frozenset(pays_for(kind) for kind in found.listens)


def counts_the_same(one: Definition, other: Definition) -> bool:
    """Whether counts of the one go on under the other."""
    return one.criterion == other.criterion and one.from_start == other.from_start
