"""A revision of a challenge, ready to be played: its measures bound, whom it is for, what the law looks at."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.activities import PaysFor
from app.gamification.challenges.definition import Definition, Step, described, read_definition
from app.gamification.challenges.window import Run, first_run, fixed_run, goes_on
from app.gamification.measures.measure import Measure, Progress, Seen, hears
from app.gamification.policy.packs import Standing, Verdict


class CompiledStep(NamedTuple):
    """One step, with its measure."""

    said: Step
    measure: type[Measure]
    settings: Any
    target: int
    listens: frozenset[str]
    after: tuple[int, ...]


@dataclass(frozen=True)
class CompiledChallenge:
    """One revision of a challenge. `facts`: what it pays for in the eyes of the law, by the activities it counts.

    `first_run`: the number of its first run, where runs are the same for everybody. `offered_since`: when the first of
    its revisions with the same runs was published, in microseconds.
    """

    challenge_id: int
    key: str
    revision_id: int
    number: int
    definition: Definition
    steps: tuple[CompiledStep, ...]
    facts: frozenset[PaysFor]
    first_run: int = 0
    offered_since: int = 0

    def run_at(self, now: int, zone: ZoneInfo) -> Run | None:
        """The run of a window that is the same for everyone, see `fixed_run`, under its number; None of another."""
        run = fixed_run(self.definition, now, zone) if self.definition.window.kind == "fixed" else None
        if run is None or not self.definition.has_common_runs:
            return run
        return run._replace(number=self.first_run + run.number)

    def places_of(self, run: int) -> int:
        """Whose places somebody in a run takes: only where it is the same for everybody it has places of its own."""
        return run if self.definition.has_common_runs else self.first_run

    def places_at(self, now: int, zone: ZoneInfo) -> int:
        """The same of who joins now."""
        run = self.run_at(now, zone)
        return self.first_run if run is None else self.places_of(run.number)

    @cached_property
    def listens(self) -> frozenset[str]:
        return frozenset().union(*(step.listens for step in self.steps))

    def hears(self, kind: str) -> bool:
        """Whether it looks at activities of this key."""
        return hears(self.listens, kind)

    @cached_property
    def lasting(self) -> frozenset[str]:
        """The activities of what can be done only once."""
        return frozenset().union(*(step.listens for step in self.steps if step.measure.lasts))

    def reaches_back(self, kind: str) -> bool:
        """Whether an activity of this key counts that was done before taking part, and is reported afterwards.

        Not where there are several runs: it would count for each of them.
        """
        return self.definition.recurrence == "none" and hears(self.lasting, kind)

    @property
    def credits_begin(self) -> bool:
        """Whether who is taken in without joining begins with what they had done before, see `credited`.

        Not where there are several runs: what has brought the reward of one must not bring that of the next.
        """
        return self.definition.recurrence == "none" and bool(self.lasting)

    def looks_at(self, place: int, kind: str, *, early: bool) -> bool:
        """Whether a step looks at an activity of this key; `early`: it was done before taking part."""
        step = self.steps[place]
        return hears(step.listens, kind) and (step.measure.lasts or not early)

    @cached_property
    def keeps_time(self) -> bool:
        """Whether time alone does one of its steps."""
        return any(step.measure.keeps_time for step in self.steps)

    @cached_property
    def adds_up(self) -> bool:
        """Whether its steps only add up, whatever the order and the time."""
        return all(step.measure.for_badges and not step.after for step in self.steps)

    @cached_property
    def needs_own(self) -> bool:
        return any(step.measure.needs_own for step in self.steps)

    def verdict(self, standing: Standing) -> Verdict:
        """What the law says to it for such a member: a composite takes its strictest part."""
        return standing.judge_all(self.facts)

    def is_for(self, level_key: str | None, country: str, client_class: int) -> bool:
        """Whether the audience holds such a member; None: whatever their level is."""
        audience = self.definition.audience
        return (
            (level_key is None or not audience.levels or level_key in audience.levels)
            and (not audience.countries or country in audience.countries)
            and (not audience.classes or client_class in audience.classes)
        )

    def start(self) -> list[Progress]:
        """The progress of who has done nothing yet."""
        return [Progress() for _ in self.steps]

    def is_done(self, place: int, progress: list[Progress]) -> bool:
        """Whether a step is done."""
        return progress[place].value >= self.steps[place].target

    def all_done(self, progress: list[Progress]) -> bool:
        """Whether every step is done."""
        for step, one in zip(self.steps, progress, strict=True):  # noqa: SIM110 - for every activity, and a third of it
            if one.value < step.target:
                return False
        return True

    def is_open(self, place: int, progress: list[Progress]) -> bool:
        """Whether a step counts now: what it waits for is done, and itself is not."""
        if self.is_done(place, progress):
            return False
        after = self.steps[place].after
        return not after or all(self.is_done(before, progress) for before in after)

    def takes(self, place: int, progress: list[Progress]) -> bool:
        """Whether an activity counts for a step: it is open, or what it asks for can be done only once."""
        return self.is_open(place, progress) or (self.steps[place].measure.lasts and not self.is_done(place, progress))

    def credited(self, done: Iterable[Seen]) -> list[Progress]:
        """The progress of who joins and has done some of what lasts before. Pure."""
        progress = self.start()
        for seen in done:
            for place, step in enumerate(self.steps):
                if step.measure.lasts and hears(step.listens, seen.kind):
                    progress[place] = step.measure.advance(progress[place], seen, step.settings)
        return [Progress(one.value, {}, tuple(sorted(one.keys))) for one in progress]

    def advance(self, progress: list[Progress], seen: Seen, *, early: bool = False) -> list[Progress]:
        """The progress with one more activity: it counts for every step that took it before it came. Pure."""
        return [
            step.measure.advance(progress[place], seen, step.settings)
            if self.looks_at(place, seen.kind, early=early) and self.takes(place, progress)
            else progress[place]
            for place, step in enumerate(self.steps)
        ]

    def due(self, progress: list[Progress]) -> int | None:
        """When time alone does the next step; None where it does none."""
        if not self.keeps_time:
            return None
        found = [
            at
            for place, step in enumerate(self.steps)
            if self.is_open(place, progress) and (at := step.measure.due(progress[place], step.settings)) is not None
        ]
        return min(found, default=None)

    def passing(self, progress: list[Progress], until: int) -> Iterator[tuple[int, list[Progress]]]:
        """Each moment up to `until` (microseconds) at which time alone does a step, with the progress from then on."""
        found, reached = progress, 0
        while (at := self.due(found)) is not None and at <= until:
            found = [
                one._replace(value=step.target)
                if self.is_open(place, found) and step.measure.due(one, step.settings) == at
                else one
                for place, (step, one) in enumerate(zip(self.steps, found, strict=True))
            ]
            # What a step opens may have been due before it.
            reached = max(reached, at)
            yield reached, found

    def settle(self, progress: list[Progress], until: int) -> list[Progress]:
        """The progress with every step done that time alone has done by then (microseconds)."""
        for _, found in self.passing(progress, until):
            progress = found
        return progress


def compile_challenge(
    challenge_id: int,
    key: str,
    revision_id: int,
    number: int,
    plain: Mapping[str, Any],
    pays_for: Callable[[str], PaysFor],
    *,
    published_at: int = 0,
    before: "CompiledChallenge | None" = None,
) -> CompiledChallenge:
    """The revision as it is stored; `pays_for` says it of an activity's key, `before` is the revision before it.

    Raises NotSound, UnknownKind.
    """
    definition = read_definition(plain)
    steps = []
    for step in definition.steps:
        found = described(step)
        target = found.measure.target(found.settings)
        steps.append(CompiledStep(step, found.measure, found.settings, target, found.listens, step.after))
    facts = facts_of(definition, pays_for)
    first, since = 0, published_at
    if before is not None:
        first = first_run(definition, before.definition, before.first_run, published_at)
        if goes_on(definition, before.definition):
            since = before.offered_since
    return CompiledChallenge(challenge_id, key, revision_id, number, definition, tuple(steps), facts, first, since)


def facts_of(definition: Definition, pays_for: Callable[[str], PaysFor]) -> frozenset[PaysFor]:
    """What it pays for in the eyes of the law: a quest for all that its steps count."""
    return frozenset(pays_for(kind) for step in definition.steps for kind in described(step).listens)
