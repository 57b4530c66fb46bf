"""A badge as a member sees it on the wall: what they hold, how far the next level is, what it asks for. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import NamedTuple

from app.gamification.badges import told
from app.gamification.badges.compiled import CompiledBadge
from app.gamification.badges.counts import Badges, Tally
from app.gamification.badges.step import is_counted
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.policy.packs import Standing, Verdict
from app.lib.i18n import Sentence, _l

MORE = {
    1: _l("%(left)s more to bronze"),
    2: _l("%(left)s more to silver"),
    3: _l("%(left)s more to gold"),
}
ONE_LEVEL = _l("%(left)s more and it is yours")
_HUNDREDTH = Decimal("0.01")
_OF = _l("%(value)s of %(needed)s")
_TOP = Sentence(_l("Top level"))
_HELD = Sentence(_l("It is yours"))
_COUNTING = Sentence(_l("Being counted"))
_NOT_GIVEN = Sentence(_l("Not given any more"))


class State(StrEnum):
    """What a badge is to a member."""

    HELD = "held"
    OPEN = "open"
    HIDDEN = "hidden"  # there is one, and no more is said
    BARRED = "barred"  # by the law
    GONE = "gone"  # not offered any more, and not held


class Award(NamedTuple):
    """A level that is held, since when and with what points."""

    level: int
    revision_id: int
    at: datetime
    points: int


class Step(NamedTuple):
    """One level: what it asks for, since when it is held, and how far the member is where it is the next one."""

    level: int
    goal: Sentence
    held_since: datetime | None
    points: int  # that it brings, or has brought
    is_next: bool
    value: Decimal
    needed: Decimal | None

    @property
    def share(self) -> int:
        """In whole percent; 100 only when it is reached."""
        return share_of(self.value, self.needed) if self.needed else 0


@dataclass(frozen=True, slots=True)
class Tile:
    """One badge on the wall. `progress` fills its ring; None where there is nothing to fill."""

    key: str
    name: Sentence
    icon: str
    group: str
    state: State
    level: int
    levels: int
    under: Sentence
    progress: int | None = None
    next_words: Sentence | None = None  # what is missing to the next level, once something is counted
    goal: Sentence | None = None  # what the next level asks for


def share_of(value: Decimal, needed: Decimal) -> int:
    """In whole percent; 100 only when it is reached."""
    return int(100 * min(value, needed) // needed)


def name_of(badge: CompiledBadge) -> Sentence:
    """What it is called."""
    return as_it_is(badge.definition.name)


def state_of(badge: CompiledBadge, level: int, standing: Standing, *, offered: bool) -> State:
    """What it is to a member who holds that level, 0 for none."""
    if level:
        return State.HELD
    if not offered:
        return State.GONE
    if badge.verdict(standing) == Verdict.FORBID:
        return State.BARRED
    return State.HIDDEN if badge.definition.hidden else State.OPEN


def scaled(badge: CompiledBadge, value: int) -> Decimal:
    """A value in the measure's own unit."""
    scale = badge.measured.measure.scale if badge.measured is not None else 0
    return Decimal(value).scaleb(-scale).normalize() if value else Decimal(0)


def tile(badge: CompiledBadge, mine: Badges, level: int, standing: Standing, *, offered: bool) -> Tile:
    """The badge on the wall of a member who holds that level."""
    state = state_of(badge, level, standing, offered=offered)
    if state == State.HIDDEN:
        words = Sentence(_l("Found, not chased"))
        return Tile("", Sentence(_l("Hidden")), "", badge.definition.group, state, 0, 0, words)
    said, levels = badge.definition, badge.levels
    base = (badge.key, name_of(badge), said.icon, said.group, state, level, levels)
    following = next_level(badge, level)
    if not offered:
        return Tile(*base, _NOT_GIVEN)
    if following is None:
        return Tile(*base, _TOP if levels > 1 else _HELD, 0)
    goal = told.goal(said, following)
    if state == State.BARRED or badge.measured is None:
        return Tile(*base, goal, None if state == State.BARRED else 0, goal=goal)
    if not is_counted(mine, badge):
        return Tile(*base, _COUNTING, 0)
    value, needed = place(badge, mine.tally(badge.badge_id), following)
    if not value:
        return Tile(*base, goal, 0, goal=goal)
    words = Sentence(_OF, {"value": value, "needed": needed})
    more = Sentence(MORE[following] if levels > 1 else ONE_LEVEL, {"left": max(needed - value, Decimal(0))})
    return Tile(*base, words, share_of(value, needed), more, goal)


def next_level(badge: CompiledBadge, level: int) -> int | None:
    """The level above that; None on top."""
    return level + 1 if level < badge.levels else None


def place(badge: CompiledBadge, tally: Tally, level: int) -> tuple[Decimal, Decimal]:
    """(value, what that level needs), in the measure's own unit; of the value hundredths are enough."""
    value = scaled(badge, tally.value).quantize(_HUNDREDTH, ROUND_DOWN).normalize()
    return value, scaled(badge, badge.thresholds[level - 1])


def steps(badge: CompiledBadge, mine: Badges, awards: dict[int, Award], standing: Standing) -> tuple[Step, ...]:
    """Every level of it, the lowest first."""
    level, found = max(awards, default=0), []
    pays = not badge.is_given and badge.verdict(standing) < Verdict.RECOGNITION
    for number in range(1, badge.levels + 1):
        award = awards.get(number)
        value, needed = Decimal(0), None
        if badge.measured is not None:
            value, needed = place(badge, mine.tally(badge.badge_id), number)
        points = award.points if award is not None else badge.definition.points_of(number) if pays else 0
        goal = told.goal(badge.definition, number)
        since = award.at if award is not None else None
        found.append(Step(number, goal, since, points, number == level + 1, value, needed))
    return tuple(found)
