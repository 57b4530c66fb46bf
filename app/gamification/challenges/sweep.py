"""What time alone does to entries: deposits kept long enough, windows that are over. Chunk by chunk, each on its own.

The pipeline does the same with the next thing a member reports; this is for who reports nothing.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from app.gamification import programme
from app.gamification.challenges import enrolment
from app.gamification.ledger import wallets
from app.lib.clock import to_micros
from app.models import bulk
from app.models.base import give_way, is_the_databases, reader, transaction

log = structlog.get_logger()

CHUNK = 100  # members: SQLite's write lock is held for some 30 ms

# In the order of the index, each entry once: what cannot be settled, or waits for a report, is passed over.
_DUE = (
    "SELECT due_at, member_id FROM challenge_entry WHERE due_at <= ? AND (due_at, member_id) > (?, ?)"
    " ORDER BY due_at, member_id LIMIT ?"
)


def settle_due(now: datetime) -> int:
    """Bring every entry up to now that is due; how many members had one."""
    done, place = 0, (0, 0)
    while due := _due(now, place):
        place = due[-1]
        members = sorted({member_id for _, member_id in due})
        try:
            with transaction():
                settle(members, now)
            done += len(members)
        except Exception as failure:
            if is_the_databases(failure):
                raise
            log.error("settling.failed", error=repr(failure))
            done += _one_by_one(members, now)
        give_way()
    return done


def settle(members: Sequence[int], now: datetime) -> None:
    """Bring the entries of these members up to now, with what follows from it. Inside an open transaction."""
    wallets.lock_in_order(list(members))
    current, at = programme.current(), to_micros(now)
    with wallets.opened(members, current) as states:
        enrolment.load(states, at, current)
        for state in states.values():
            enrolment.finish(state, at, current)


def _due(now: datetime, behind: tuple[int, int]) -> list[tuple[int, int]]:
    with reader().connect() as conn:
        return [(due_at, member_id) for due_at, member_id in bulk.tuples(conn, _DUE, (to_micros(now), *behind, CHUNK))]


def _one_by_one(members: Sequence[int], now: datetime) -> int:
    """The members of a failed chunk, each alone, so that one cannot hold up the others."""
    done = 0
    for member_id in members:
        try:
            with transaction():
                settle([member_id], now)
            done += 1
        except Exception as failure:
            if is_the_databases(failure):
                raise
            log.critical("entries.stuck", member=member_id, error=repr(failure))
    return done
