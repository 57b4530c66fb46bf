"""How many members take part in each challenge and hold each badge, counted for everybody at the desk beside its pages.

There is no running count: a row that every completion raises would let all rounds wait for each other, and a sum of
changes would have to be written by the steps that count. So the indexes of all entries and all badges held are walked,
as seldom as that is dear (recount.py); places, which decide something, are counted where they are taken.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from sqlalchemy import Engine

from app.gamification.catalogue.recount import Recount
from app.gamification.challenges.entry import EntryState
from app.gamification.ledger.statement import statement
from app.gamification.policy.reach import standings
from app.models.base import kept_by_app, reader

KEPT_FOR = 60.0

_ENTRIES = statement(
    "SELECT challenge_id, run, state, count(*) FROM challenge_entry GROUP BY challenge_id, run, state",
    "challenge_id run state number",
)
_PLACES = statement("SELECT challenge_id, run, taken FROM challenge_run", "challenge_id run taken")
_HELD = statement(
    "SELECT badge_id, level, count(*) FROM badge_award WHERE fell_at IS NULL GROUP BY badge_id, level",
    "badge_id level number",
)


@dataclass(frozen=True)
class Entered:
    """Who joined, of them who completed it, and of those who have the reward. Who left is not among them."""

    joined: int = 0
    completed: int = 0
    claimed: int = 0


@dataclass(frozen=True)
class Taking:
    """A challenge's figures: all in all, by run, and the places that are taken in each."""

    total: Entered = Entered()
    runs: Mapping[int, Entered] = field(default_factory=dict)
    taken: Mapping[int, int] = field(default_factory=dict)


def taking_part() -> Mapping[int, Taking]:
    """The figures of every challenge that somebody has joined, by challenge."""
    return kept_by_app("taking_part", lambda: Recount(partial(_taking_part, reader()), KEPT_FOR))()


def holders() -> Mapping[int, Mapping[int, int]]:
    """How many members hold each level of each badge, by badge and level; who holds gold holds all three."""
    return kept_by_app("holders", lambda: Recount(partial(_holders, reader()), KEPT_FOR))()


def share(number: int) -> Decimal:
    """How many per cent of all members that is."""
    everybody = sum(counted for _, counted in standings())
    return Decimal(100 * number) / everybody if everybody else Decimal()


def _taking_part(engine: Engine) -> Mapping[int, Taking]:
    counted: defaultdict[int, defaultdict[int, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    taken: defaultdict[int, dict[int, int]] = defaultdict(dict)
    with engine.connect() as connection:
        for row in connection.execute(_ENTRIES):
            counted[row[0]][row[1]][row[2]] = row[3]
        for row in connection.execute(_PLACES):
            taken[row[0]][row[1]] = row[2]
    found = {}
    for challenge_id in counted.keys() | taken.keys():
        runs = {run: _entered(states) for run, states in sorted(counted[challenge_id].items())}
        found[challenge_id] = Taking(_sum(runs), runs, taken[challenge_id])
    return found


def _entered(states: Counter[int]) -> Entered:
    claimed = states[EntryState.CLAIMED]
    return Entered(states.total() - states[EntryState.LEFT], states[EntryState.COMPLETED] + claimed, claimed)


def _sum(runs: Mapping[int, Entered]) -> Entered:
    every = runs.values()
    return Entered(
        sum(one.joined for one in every), sum(one.completed for one in every), sum(one.claimed for one in every)
    )


def _holders(engine: Engine) -> Mapping[int, Mapping[int, int]]:
    found: defaultdict[int, dict[int, int]] = defaultdict(dict)
    with engine.connect() as connection:
        for badge_id, level, number in connection.execute(_HELD):
            found[badge_id][level] = number
    return found
