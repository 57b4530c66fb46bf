"""The ladder as its page shows it: the levels, where the member stands, what happens next, how they came here."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from app.gamification.accrual.bases import bases
from app.gamification.activities import PaysFor
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.statement import statement
from app.gamification.members.sign_ins import SignedIn
from app.gamification.policy.packs import Standing
from app.gamification.programme import NO_END, Programme
from app.gamification.tiers import words
from app.gamification.tiers.ladder import Level
from app.gamification.tiers.position import Position, has_factor, may_earn, position
from app.gamification.tiers.projection import Projection, project
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l, pick
from app.models.base import read_all

SHOWN = 12

_DAYS = statement(
    "SELECT day, sum FROM qualifying_day WHERE member_id = :member AND day >= :first AND sum > 0 ORDER BY day",
    "day sum",
)
_HISTORY = statement(
    "SELECT effective_from, level_id FROM tier_history WHERE member_id = :member ORDER BY number DESC LIMIT :most",
    "effective_from level_id",
)


@dataclass(frozen=True, slots=True)
class Benefit:
    """A perk in the reader's language; `withheld` by the law for this member."""

    words: str
    withheld: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """One level; `state` is passed, here or ahead. The factor is None where it multiplies nothing of the member's."""

    key: str
    name: str
    position: int
    state: str
    threshold: int
    keep: int
    factor: Decimal | None
    benefits: tuple[Benefit, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A rule that the member can qualify by."""

    name: str
    rate: Sentence
    pays_for: PaysFor


@dataclass(frozen=True, slots=True)
class Moved:
    """A level that was entered; `way` is up, down or start, `ahead` where its day is still to come."""

    name: str
    position: int
    way: str
    at: datetime
    ahead: bool


@dataclass(frozen=True, slots=True)
class Climb:
    """Everything the page says."""

    place: Position
    rungs: tuple[Rung, ...]
    projection: Projection | None
    outlook: Sentence | None
    decides: Sentence
    rules: tuple[Sentence, ...]
    falls: tuple[tuple[int, int], ...]  # of a rolling window: (day, sum from it on) if nothing more is earned
    ways: tuple[Way, ...]
    history: tuple[Moved, ...]

    @property
    def here(self) -> Rung:
        return self.rungs[self.place.level.position]

    @property
    def above(self) -> Rung | None:
        """The next level up."""
        return self.rungs[self.here.position + 1] if self.here.position + 1 < len(self.rungs) else None


def climb(me: SignedIn, now: datetime) -> Climb:
    """The member's own ladder. Two statements."""
    programme = compiled()
    place, days = in_window(me, position(me, programme, now))
    projection = project(place, place.ladder, place.today, days)
    return Climb(
        place,
        rungs(programme, place, me.language),
        projection,
        words.outlook(place, projection, me.language),
        words.decides(place.ladder),
        words.rules(place.ladder),
        _falls(place, days),
        _ways(programme, place.standing, me.language),
        _history(me, place, now),
    )


def in_window(me: SignedIn, place: Position) -> tuple[Position, dict[int, int]]:
    """The days of a rolling window with their sums, in order, and the position by them; of others none is needed.

    Between midnight and the review the wallet's sum still holds the day that has just left. One statement.
    """
    if not place.ladder.is_rolling or not place.qualifying:
        return place, {}
    rows = read_all(_DAYS, {"member": me.id, "first": place.window_from})
    return settle(place, {row[0]: row[1] for row in rows})


def settle(place: Position, days: dict[int, int]) -> tuple[Position, dict[int, int]]:
    """The position without what has left the window, and the days that stay; `days` begin with the wallet's window."""
    start = place.ladder.window_start(place.today)
    gone = sum(points for day, points in days.items() if day < start)
    stay = {day: points for day, points in days.items() if day >= start}
    return replace(place, qualifying=place.qualifying - gone), stay


def rungs(programme: Programme, place: Position, language: str) -> tuple[Rung, ...]:
    """The levels in the reader's language."""
    multiplies = has_factor(programme, place.standing)
    return tuple(_rung(level, place, multiplies, language) for level in place.ladder.levels)


def _rung(level: Level, place: Position, multiplies: bool, language: str) -> Rung:
    here = place.level.position
    return Rung(
        level.key,
        pick(dict(level.name), language),
        level.position,
        "here" if level.position == here else "passed" if level.position < here else "ahead",
        level.threshold,
        level.keep,
        level.factor if multiplies else None,
        tuple(Benefit(pick(perk.text, language), place.is_withheld(perk)) for perk in level.perks),
    )


def _falls(place: Position, days: dict[int, int]) -> tuple[tuple[int, int], ...]:
    left, steps = place.qualifying, [(place.today, place.qualifying)]
    for day, points in days.items():
        left -= points
        steps.append((day + place.ladder.period.days, left))
    return tuple(steps) if days else ()


def _ways(programme: Programme, standing: Standing, language: str) -> tuple[Way, ...]:
    found = []
    for key, rules in programme.rules.items():
        if not may_earn(programme, key, standing):
            continue
        for rule in rules:
            said = rule.definition
            if said.qualifying and rule.effective_to == NO_END:
                per = Sentence(bases.get(said.base.kind).per)
                rate = Sentence(_l("%(rate)s %(per)s"), {"rate": Decimal(said.base.rate), "per": per})
                found.append(Way(pick(said.name, language), rate, programme.pays_for(key)))
    return tuple(found)


def _history(me: SignedIn, place: Position, now: datetime) -> tuple[Moved, ...]:
    rows = read_all(_HISTORY, {"member": me.id, "most": SHOWN + 1})
    levels = [place.ladder.named(row.level_id) for row in rows]
    moved = []
    came_from = [*levels[1:], place.ladder.levels[0]]
    for row, level, before in zip(rows, levels, came_from, strict=False):
        way = "up" if level.position > before.position else "down"
        at = from_micros(row.effective_from)
        moved.append(Moved(pick(dict(level.name), me.language), level.position, way, at, at > now))
    return tuple(moved[:SHOWN])
