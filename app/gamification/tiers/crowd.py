"""How many members stand where, and who would move by another ladder.

The database sorts wallets into bands between all the figures that a ladder compares a sum with; within a band everybody
of a level fares alike, so that the ladder itself, and no copy of its rules in SQL, says what becomes of each.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text

from app.gamification import programme
from app.gamification.programme import Programme
from app.gamification.tiers.ladder import Ladder, Level, read_ladder
from app.lib.cache import Kept
from app.lib.periods import day_of
from app.models.base import kept_by_app, read_all, read_one

MOST_NAMED = 50
NEAR = 90  # percent of what the next level needs
KEPT_FOR, MOST_KEPT = 60.0, 20  # seconds, statements
FOLD = 1000  # more than there are bands
LARGE = 200_000  # members, who are counted in a fifth of a second to half a one

_LAST = text("SELECT max(id) FROM wallet")


class Place(NamedTuple):
    """Members of one level in one band: `points` is the least sum that anybody in it has."""

    level_id: int
    points: int
    members: int


@dataclass(frozen=True)
class Stair:
    """A level with who stands on it; `near` have at least nine tenths of what the next level needs."""

    level: Level
    members: int
    near: int


@dataclass(frozen=True)
class Flow:
    """Members who would go from one level to another; `way` is up, down, or over from a level that is gone."""

    origin: Level
    to: Level
    members: int
    way: str


class Mover(NamedTuple):
    """One of those who would move."""

    id: int
    name: str
    points: int
    origin: Level
    to: Level


@dataclass(frozen=True)
class Movement:
    """What becomes of everybody by a ladder, if nobody earned anything more."""

    live: Ladder
    ladder: Ladder
    flows: tuple[Flow, ...]
    staying: int
    anyway: int  # of those who move: would go the same way by the ladder in force
    rise_on: int  # day of the review that raises
    fall_on: int  # first day on which somebody falls
    movers: tuple[Mover, ...]  # the first of them

    @property
    def moving(self) -> int:
        """How many would move."""
        return sum(flow.members for flow in self.flows)


def stairs(ladder: Ladder, now: datetime) -> tuple[Stair, ...]:
    """The ladder in force with its members, from the lowest level."""
    members: Counter[int] = Counter()
    near: Counter[int] = Counter()
    for place in _places(programme.current(), ladder, now):
        level = ladder.level(place.level_id)
        members[level.position] += place.members
        above = ladder.above(level)
        if above and _near(above) <= place.points < above.threshold:
            near[level.position] += place.members
    return tuple(Stair(level, members[level.position], near[level.position]) for level in ladder.levels)


def movement(definition: Mapping[str, Any], now: datetime) -> Movement:
    """Who would move if this were in force now."""
    current = programme.current()
    live, ladder = current.ladder, as_ladder(definition, current.ladder)
    flows: Counter[tuple[int, int]] = Counter()  # (id of the level stood on, position it leads to)
    moving: list[Place] = []
    staying = anyway = 0
    for place in _places(current, ladder, now):
        origin, to = live.level(place.level_id), _after(ladder, place)
        if to.key == origin.key:
            staying += place.members
            continue
        moving.append(place)
        flows[origin.id, to.position] += place.members
        if live.period.sums_as(ladder.period) and _after(live, place).key == to.key:
            anyway += place.members
    drawn = (_flow(live.level(id_), ladder.levels[to], members, ladder) for (id_, to), members in flows.items())
    ordered = tuple(sorted(drawn, key=lambda flow: (flow.way, -flow.members)))
    movers = _movers(current, ladder, moving, now) if moving else ()
    return Movement(live, ladder, ordered, staying, anyway, *_days(current, ladder, now), movers)


def is_large() -> bool:
    """Whether counting everybody takes longer than a page should."""
    return (read_one(_LAST)[0] or 0) > LARGE


def as_ladder(definition: Mapping[str, Any], live: Ladder) -> Ladder:
    """A ladder as it would be in force after this one; levels that no ladder had yet have ids below zero."""
    known = {level.key: level for level in (*live.former.values(), *live.levels)}
    keys = [level["key"] for level in definition["levels"]]
    ids = {key: level.id for key, level in known.items()} | {
        key: -place for place, key in enumerate(keys, start=1) if key not in known
    }
    former = {level.id: level for key, level in known.items() if key not in keys}
    return replace(read_ladder(0, dict(definition), ids), former=former)


def _after(ladder: Ladder, place: Place) -> Level:
    return ladder.after_review(ladder.level(place.level_id), place.points)


def _flow(origin: Level, to: Level, members: int, ladder: Ladder) -> Flow:
    stands = ladder.level(origin.id)
    way = "up" if to.position > stands.position else "down" if to.position < stands.position else "over"
    return Flow(origin, to, members, way)


def _days(current: Programme, ladder: Ladder, now: datetime) -> tuple[int, int]:
    """The days of the review that raises by this ladder, and of the first that lowers."""
    today = day_of(now, current.zone)
    closes = ladder.window_end(today) if ladder.is_calendar else today + 1
    return today + 1 if ladder.promotion == "at_once" else closes, closes + ladder.grace_days


def _near(above: Level) -> int:
    return -(-above.threshold * NEAR // 100)


def _bounds(*ladders: Ladder) -> list[int]:
    found = {0}
    for level in (level for ladder in ladders for level in ladder.levels):
        found |= {level.threshold, level.keep, _near(level)}
    return sorted(found)


def _places(current: Programme, ladder: Ladder, now: datetime) -> list[Place]:
    bounds = _bounds(current.ladder, ladder)
    # Grouped by one number, which costs a quarter less than by two.
    banded = f"SELECT w.level_id * {FOLD} + {_band(bounds)} AS place FROM w"
    counted = f"SELECT place, count(*) AS members FROM ({banded}) AS banded GROUP BY place"
    rows = _counts()(f"WITH w AS MATERIALIZED ({_summed(current, ladder, now)}) {counted}")
    return [Place(place // FOLD, bounds[place % FOLD], members) for place, members in rows]


def _movers(current: Programme, ladder: Ladder, moving: Iterable[Place], now: datetime) -> tuple[Mover, ...]:
    live = current.ladder
    bounds = _bounds(live, ladder)
    bands: dict[int, list[str]] = {}
    for place in moving:
        bands.setdefault(place.level_id, []).append(str(bisect_left(bounds, place.points)))
    which = " OR ".join(f"(w.level_id = {id_} AND w.band IN ({', '.join(found)}))" for id_, found in bands.items())
    # The limit that nobody reaches keeps both databases from summing the days anew for every bound, and lets them stop
    # at the last mover that is shown.
    summed = f"SELECT * FROM ({_summed(current, ladder, now)}) AS s ORDER BY s.id LIMIT {2**62}"
    banded = f"SELECT w.id, w.level_id, w.points, {_band(bounds)} AS band FROM ({summed}) AS w"
    found = f"SELECT w.id, w.level_id, w.points FROM ({banded}) AS w WHERE {which} ORDER BY w.id LIMIT {MOST_NAMED}"
    named = f"SELECT w.id, m.name, w.level_id, w.points FROM ({found}) AS w JOIN member m ON m.id = w.id ORDER BY w.id"
    movers = []
    for id_, name, level_id, points in _counts()(named):
        to = _after(ladder, Place(level_id, points, 1))
        movers.append(Mover(id_, name, points, live.level(level_id), to))
    return tuple(movers)


def _band(bounds: list[int]) -> str:
    """The place of the highest bound that the sum reaches."""
    whens = " ".join(f"WHEN w.points >= {bounds[place]} THEN {place}" for place in range(len(bounds) - 1, 0, -1))
    return f"CASE {whens} ELSE 0 END" if whens else "0"


def _summed(current: Programme, ladder: Ladder, now: datetime) -> str:
    """Every wallet with its level and its sum in the window of a ladder."""
    start = ladder.window_start(day_of(now, current.zone))
    if current.settling_since is None and ladder.period.sums_as(current.ladder.period):
        # A period that has ended and was not reviewed yet says nothing about the one that is open.
        points = f"CASE WHEN window_from < {start} THEN 0 ELSE qualifying END" if ladder.is_calendar else "qualifying"
        return f"SELECT id, level_id, {points} AS points FROM wallet"
    days = f"SELECT sum(q.sum) FROM qualifying_day q WHERE q.member_id = wallet.id AND q.day >= {start}"
    return f"SELECT id, level_id, coalesce(({days}), 0) AS points FROM wallet"


class _Counts:
    """Answers of the last minute, by statement: each walks all members."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept[Sequence[Any]]] = {}

    def __call__(self, statement: str) -> Sequence[Any]:
        if statement not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[statement] = Kept(lambda: read_all(text(statement)), KEPT_FOR)
        return self._kept[statement]()


def _counts() -> _Counts:
    return kept_by_app("crowd", _Counts)
