"""Where a member stands on the ladder, from what every page knows of them already: no statement of its own."""

from dataclasses import dataclass
from datetime import datetime

from app.gamification.activities import PaysFor, kind_of
from app.gamification.members.sign_ins import SignedIn
from app.gamification.policy.packs import Standing, Verdict
from app.gamification.programme import NO_END, Programme
from app.gamification.tiers.ladder import Ladder, Level, Perk
from app.lib.periods import day_of


@dataclass(frozen=True, slots=True)
class Position:
    """A member on the ladder today; the sum is that of the window that is open now."""

    ladder: Ladder
    standing: Standing
    today: int  # in the programme's zone
    level: Level
    above: Level | None
    qualifying: int
    window_from: int
    grace_until: int | None

    @property
    def level_id(self) -> int:
        """The level's own id, also of a member who never entered one."""
        return self.level.id

    @property
    def can_fall(self) -> bool:
        """Whether the level can be lost by doing nothing."""
        return self.ladder.downgrade != "never" and self.ladder.period.kind != "lifetime" and self.level.keep > 0

    @property
    def missing(self) -> int:
        """What is missing to the next level; 0 at the top."""
        return max(0, self.above.threshold - self.qualifying) if self.above else 0

    @property
    def share(self) -> int:
        """How much of the next level's threshold is there, in whole percent; 100 only when it is reached."""
        return min(100, 100 * self.qualifying // self.above.threshold) if self.above else 100

    @property
    def next_perk(self) -> Perk | None:
        """The first thing the next level adds that the member may have."""
        return next((perk for perk in self.above.perks if not self.is_withheld(perk)), None) if self.above else None

    def is_withheld(self, perk: Perk) -> bool:
        """Whether the law keeps this perk from the member: its worth in money would be a benefit for trading."""
        return perk.value == "cash" and self.standing.judge(PaysFor.TRADING) == Verdict.FORBID


def position(me: SignedIn, programme: Programme, now: datetime) -> Position:
    """Where the member stands as of now."""
    ladder = programme.ladder
    today = day_of(now, programme.zone)
    qualifying, window_from = me.qualifying, me.window_from
    if ladder.is_calendar and window_from < ladder.window_start(today):
        # The period has ended, and its review has not come round yet.
        qualifying, window_from = 0, ladder.window_start(today)
    standing = programme.standing(me.entity_id, me.country, me.client_class)
    level = ladder.level(me.level_id)
    return Position(ladder, standing, today, level, ladder.above(level), qualifying, window_from, me.grace_until)


def has_factor(programme: Programme, standing: Standing) -> bool:
    """Whether the level's factor multiplies anything that this kind of member may earn."""
    return any(
        factor.kind == "tier"
        for rule in programme.rules_by_revision.values()
        if rule.effective_to == NO_END and may_earn(programme, rule.definition.kind, standing)
        for factor in rule.definition.factors
    )


def may_earn(programme: Programme, kind_key: str, standing: Standing) -> bool:
    """Whether the law lets this kind of member earn points for an activity."""
    return kind_of(kind_key) is not None and standing.judge(programme.pays_for(kind_key)) <= Verdict.SERVICE_ONLY
