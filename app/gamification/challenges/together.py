"""How many take part in a challenge, have finished it, and may still come: figures that are kept for a moment."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.challenges.compiled import CompiledChallenge
from app.gamification.challenges.entry import REWARDED, EntryState
from app.gamification.ledger.statement import statement
from app.lib.cache import Kept
from app.models.base import kept_by_app, read_all

SECONDS = 5.0  # for which counting is good enough
EVERY_RUN = -1
_COUNTS = statement(
    "SELECT state, count(*) AS number FROM challenge_entry"
    f" WHERE challenge_id = :challenge AND (:run = {EVERY_RUN} OR run = :run) GROUP BY state",
    "state number",
)
# The last two runs: at a midnight some zones are in the next one already.
_TAKEN = statement(
    "SELECT challenge_id, run, taken FROM challenge_run r"
    " WHERE run >= (SELECT max(run) - 1 FROM challenge_run n WHERE n.challenge_id = r.challenge_id)",
    "challenge_id run taken",
)


_Counts = dict[tuple[int, int], Kept[Mapping[int, int]]]


class Together(NamedTuple):
    """Everybody's figures of one challenge; `left` is None where there are places for all."""

    joined: int
    finished: int
    left: int | None


def together(challenge: CompiledChallenge, run: int, zone: ZoneInfo, now: int) -> Together:
    """The figures; of a challenge whose runs are the same for everybody those of this run."""
    counts = _counts(challenge.challenge_id, run if challenge.definition.has_common_runs else EVERY_RUN)
    joined = sum(number for state, number in counts.items() if state != EntryState.LEFT)
    finished = sum(counts.get(state, 0) for state in REWARDED)
    places = challenge.definition.places
    return Together(joined, finished, None if places is None else max(0, places - taken(challenge, zone, now)))


def taken(challenge: CompiledChallenge, zone: ZoneInfo, now: int) -> int:
    """How many places are taken in the run that is on; 0 where there are places for all."""
    if challenge.definition.places is None:
        return 0
    kept = kept_by_app("challenge places", lambda: Kept(_read_taken))
    return kept().get((challenge.challenge_id, challenge.places_at(now, zone)), 0)


def forget(challenge_id: int) -> None:
    """Count anew at the next page: somebody came or went, and looks at what follows from it."""
    kept_by_app("challenge places", lambda: Kept(_read_taken)).forget()
    for (of, _), kept in list(kept_by_app("challenge counts", _Counts).items()):
        if of == challenge_id:
            kept.forget()


def _counts(challenge_id: int, run: int) -> Mapping[int, int]:
    every = kept_by_app("challenge counts", _Counts)
    kept = every.setdefault((challenge_id, run), Kept(partial(_read_counts, challenge_id, run), SECONDS))
    return kept()


def _read_counts(challenge_id: int, run: int) -> Mapping[int, int]:
    rows: Any = read_all(_COUNTS, {"challenge": challenge_id, "run": run})
    return {row.state: row.number for row in rows}


def _read_taken() -> Mapping[tuple[int, int], int]:
    return {(row.challenge_id, row.run): row.taken for row in read_all(_TAKEN)}
