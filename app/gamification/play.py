"""What members can play, compiled: challenges, badges and lessons, in the revisions in force and in older ones."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import Connection, text

from app.gamification.activities import PaysFor, code_of
from app.gamification.badges.compiled import CompiledBadge, compile_badge
from app.gamification.challenges.compiled import CompiledChallenge, compile_challenge
from app.gamification.habits.own import NOTHING_SET, OwnRules
from app.gamification.lessons.definition import CompiledLesson, compile_lesson
from app.gamification.measures.measure import heard
from app.models.base import plain_json

_CHALLENGES = text(
    "SELECT c.id, c.key, v.id AS revision_id, v.number, v.definition, v.published_at, c.retired_at FROM challenge c"
    " JOIN challenge_revision v ON v.challenge_id = c.id ORDER BY c.id, v.number"
)
_BADGES = text(
    "SELECT b.id, b.key, b.counting, v.id AS revision_id, v.number, v.definition, v.published_at, b.retired_at"
    " FROM badge b JOIN badge_revision v ON v.badge_id = b.id ORDER BY b.id, v.number"
)
_LESSONS = text(
    "SELECT l.id, l.key, v.id AS revision_id, v.number, v.definition, l.retired_at FROM lesson l"
    " JOIN lesson_revision v ON v.lesson_id = l.id ORDER BY l.place, l.id, v.number"
)


@dataclass(frozen=True)
class Play:
    """`challenges` and `lessons` by revision, `badges` by badge (the newest revision); `live` ones are offered now."""

    challenges: Mapping[int, CompiledChallenge] = field(default_factory=dict)
    live: tuple[CompiledChallenge, ...] = ()
    badges: Mapping[int, CompiledBadge] = field(default_factory=dict)
    live_badges: tuple[CompiledBadge, ...] = ()
    lessons: Mapping[int, CompiledLesson] = field(default_factory=dict)
    live_lessons: tuple[CompiledLesson, ...] = ()

    @cached_property
    def automatic(self) -> Mapping[str, tuple[CompiledChallenge, ...]]:
        """Challenges that need no joining, by the activities they look at."""
        found = defaultdict(list)
        for challenge in self.live:
            if challenge.definition.automatic:
                for kind in challenge.listens:
                    found[kind].append(challenge)
        return {kind: tuple(those) for kind, those in found.items()}

    def automatic_for(self, kind: str) -> Sequence[CompiledChallenge]:
        """Those that look at an activity of this key."""
        return heard(self.automatic, kind)

    @cached_property
    def automatic_ids(self) -> tuple[int, ...]:
        return tuple(challenge.challenge_id for challenge in self.live if challenge.definition.automatic)

    @cached_property
    def automatic_crediting(self) -> tuple[CompiledChallenge, ...]:
        """Of those the ones for which something counts that was done before and lasts."""
        return tuple(one for one in self.live if one.definition.automatic and one.credits_begin)

    @cached_property
    def by_challenge(self) -> Mapping[int, CompiledChallenge]:
        """The offered revision of each challenge, by challenge."""
        return {challenge.challenge_id: challenge for challenge in self.live}

    @cached_property
    def badges_by_kind(self) -> Mapping[str, tuple[CompiledBadge, ...]]:
        """Badges on offer by the activities they look at."""
        return _by_kind(self.live_badges)

    @cached_property
    def badges_for_all(self) -> Mapping[str, tuple[CompiledBadge, ...]]:
        """The same without those that count nothing of who has set no limit and no plan."""
        return _by_kind(badge for badge in self.live_badges if not badge.needs_own)

    @cached_property
    def retired_by_kind(self) -> Mapping[str, tuple[CompiledBadge, ...]]:
        """Badges that are offered no longer, by the activities they looked at."""
        return _by_kind(badge for badge in self.badges.values() if badge.until is not None)

    def counting_for(self, kind: str, placed_at: int, own: OwnRules) -> Sequence[CompiledBadge]:
        """Badges that may count an activity of this key which stands at that moment: those of now, and of then.

        `own`: what the member has set.
        """
        badges = heard(self.badges_for_all if own is NOTHING_SET else self.badges_by_kind, kind)
        if self.retired_by_kind:
            return (*badges, *(one for one in heard(self.retired_by_kind, kind) if placed_at < (one.until or 0)))
        return badges

    @cached_property
    def keyed_kinds(self) -> frozenset[int]:
        """Codes of the activities of which badges count different things."""
        return _codes(key for badge in self.badges.values() if badge.is_keyed for key in badge.listens)

    @cached_property
    def badges_by_key(self) -> Mapping[str, CompiledBadge]:
        return {badge.key: badge for badge in self.badges.values()}

    @cached_property
    def gauges(self) -> tuple[CompiledBadge, ...]:
        """Badges on offer that look at where a member stands; what looks at other badges comes last."""
        return tuple(badge for badge in self.every_gauge if badge.until is None)

    @cached_property
    def every_gauge(self) -> tuple[CompiledBadge, ...]:
        """The same with those that are offered no longer."""
        found = [badge for badge in self.badges.values() if badge.is_gauge]
        return tuple(sorted(found, key=lambda badge: badge.badge_id in self.badges_for_badges))

    @cached_property
    def badges_for_badges(self) -> frozenset[int]:
        """Badges that are given for other badges."""
        return frozenset(
            id_
            for id_, badge in self.badges.items()
            if badge.measured is not None and badge.is_gauge and getattr(badge.measured.measure, "is_last", False)
        )

    @cached_property
    def counting(self) -> int:
        """The highest number that any badge counts by: who has it is counted for all of them, retired ones too."""
        return max((badge.counting for badge in self.badges.values()), default=0)

    @cached_property
    def own_kinds(self) -> frozenset[int]:
        """Codes of the activities of which something looks at members' own limits and plans."""
        steps = [step for challenge in self.challenges.values() for step in challenge.steps]
        badges = [badge for badge in self.badges.values() if badge.needs_own]
        listens = [step.listens for step in steps if step.measure.needs_own] + [badge.listens for badge in badges]
        return _codes(key for keys in listens for key in keys)

    @property
    def needs_own(self) -> bool:
        """Whether anything looks at members' own limits and plans."""
        return bool(self.own_kinds)

    @cached_property
    def needs_practice(self) -> bool:
        """Whether a badge looks at all of a member's days of practice."""
        gauges = [badge.measured.measure for badge in self.every_gauge if badge.measured is not None]
        return any(getattr(gauge, "needs_practice", False) for gauge in gauges)

    @cached_property
    def lessons_by_key(self) -> Mapping[str, CompiledLesson]:
        """The newest revision of each lesson, retired ones too."""
        return {lesson.key: lesson for lesson in self.lessons.values()}


def _by_kind(badges: Iterable[CompiledBadge]) -> dict[str, tuple[CompiledBadge, ...]]:
    found = defaultdict(list)
    for badge in badges:
        for kind in badge.listens:
            found[kind].append(badge)
    return {kind: tuple(those) for kind, those in found.items()}


def _codes(keys: Iterable[str]) -> frozenset[int]:
    return frozenset(code_of(key) for key in keys)


def compile_play(connection: Connection, pays_for: Callable[[str], PaysFor]) -> Play:
    """Everything that was ever published, as the connection sees it."""
    challenges: dict[int, CompiledChallenge] = {}
    live: dict[int, CompiledChallenge] = {}
    before: dict[int, CompiledChallenge] = {}
    for row in connection.execute(_CHALLENGES):
        one = compile_challenge(
            row.id, row.key, row.revision_id, row.number, plain_json(row.definition), pays_for,
            published_at=row.published_at, before=before.get(row.id),
        )  # fmt: skip
        challenges[row.revision_id] = before[row.id] = one
        if row.retired_at is None:
            live[row.id] = one
    badges: dict[int, CompiledBadge] = {}
    for row in connection.execute(_BADGES):
        badges[row.id] = compile_badge(
            row.id, row.key, row.revision_id, row.number, plain_json(row.definition), pays_for,
            counting=row.counting, published_at=row.published_at, retired_at=row.retired_at,
            before=badges.get(row.id),
        )  # fmt: skip
    lessons: dict[int, CompiledLesson] = {}
    live_lessons: dict[int, CompiledLesson] = {}
    for row in connection.execute(_LESSONS):
        lessons[row.revision_id] = compile_lesson(row, plain_json(row.definition))
        if row.retired_at is None:
            live_lessons[row.id] = lessons[row.revision_id]
    return Play(
        challenges=challenges,
        live=tuple(live.values()),
        badges=badges,
        live_badges=tuple(badge for badge in badges.values() if badge.until is None),
        lessons=lessons,
        live_lessons=tuple(live_lessons.values()),
    )
