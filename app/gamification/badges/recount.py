"""Counting badges anew from what a member did before: the same judgements, in the same order, as one by one. Pure."""

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from app.gamification.badges.compiled import CompiledBadge
from app.gamification.badges.counts import Badges
from app.gamification.badges.step import add, award
from app.gamification.measures.measure import Seen, heard
from app.gamification.programme import Programme
from app.gamification.state import MemberState


class Recount:
    """Some badges of one member, counted from nothing; `reached`: when each level of a badge was reached."""

    __slots__ = ("badges", "by_kind", "counts", "reached")

    def __init__(self, badges: Collection[CompiledBadge]) -> None:
        self.badges = tuple(badges)
        self.counts = Badges(None)
        self.reached: dict[int, dict[int, int]] = {badge.badge_id: {} for badge in badges}
        self.by_kind: dict[str, list[CompiledBadge]] = {}
        for badge in badges:
            for kind in badge.listens:
                self.by_kind.setdefault(kind, []).append(badge)

    @property
    def has_retired(self) -> bool:
        """Whether any of them is offered no longer, so that when something was reported matters."""
        return any(badge.until is not None for badge in self.badges)

    def take(self, every: Iterable[tuple[Seen, int]]) -> None:
        """Count what still stands of what the member did, in the order in which it was decided.

        With each comes since when it stands (microseconds): of a badge that was retired nothing counts behind that.
        """
        for seen, placed_at in every:
            for badge in heard(self.by_kind, seen.kind):
                if badge.until is not None and placed_at >= badge.until:
                    continue
                add(self.counts, badge, seen, 1)
                level, reached = badge.level_of(self.counts.tally(badge.badge_id).value), self.reached[badge.badge_id]
                for new in range(len(reached) + 1, level + 1):
                    reached[new] = seen.occurred_at


def apply(state: MemberState, found: Recount, completed: int, recorded_at: int, programme: Programme) -> None:
    """Let counts take the place of what was counted so far, and give the levels they reach; what is held stays.

    What was retired before the member was counted gives nothing any more.
    """
    mine = state.badges
    assert mine is not None
    for badge in found.badges:
        if badge.is_keyed:
            mine.recounted.add(badge.badge_id)
        if not badge.is_gauge and not badge.is_given:
            value = found.counts.tally(badge.badge_id).value
            mine.put(badge.badge_id, replace(mine.tally(badge.badge_id), value=value))
    mine.keys |= found.counts.keys
    mine.new_keys |= found.counts.new_keys
    mine.counted_to, mine.completed, mine.changed = programme.play.counting, completed, True
    for badge in found.badges:
        if not badge.is_gauge and not badge.is_given and badge.until is None:
            award(state, badge, recorded_at, recorded_at, programme, found.reached[badge.badge_id])
