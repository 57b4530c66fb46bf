"""What happens to points by itself: held ones are released, old ones lapse. Chunk by chunk, each in its transaction."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

import structlog

from app.gamification import programme
from app.gamification.ledger import store, wallets
from app.gamification.ledger.book import Book, OpenBatch, Reference
from app.gamification.ledger.messages import RELEASED
from app.gamification.messages.telling import tell_many
from app.gamification.tiers import load as tiers
from app.gamification.tiers.step import qualify
from app.lib.clock import DAY, to_micros
from app.lib.periods import day_at
from app.models import bulk
from app.models.base import after_commit, connection, give_way, is_the_databases, transaction
from app.models.ledger import Cause

log = structlog.get_logger()

Due = dict[int, list[int]]  # wallet → seqs of batches

CHUNK = 200  # batches: SQLite's write lock is held for some 30 ms

_HELD = (
    "SELECT wallet_id, seq FROM batch WHERE held AND remaining > 0 AND available_at <= ? ORDER BY available_at LIMIT ?"
)
_OLD = (
    "SELECT b.wallet_id, b.seq FROM wallet w JOIN batch b ON b.wallet_id = w.id"
    " WHERE w.next_expiry_at <= ? AND NOT b.held AND b.remaining > 0 AND b.expires_at <= w.next_expiry_at LIMIT ?"
)
_IDLE = (
    "SELECT b.wallet_id, b.seq FROM batch b JOIN wallet w ON w.id = b.wallet_id"
    " WHERE b.remaining > 0 AND b.idle_days IS NOT NULL AND NOT b.held"
    f" AND coalesce(w.last_accrual_at, 0) + b.idle_days * {DAY} <= ? LIMIT ?"
)


def release_due(now: datetime) -> int:
    """Make every held batch available whose time has come, book its qualifying points, and tell whose it is; how many.

    Each member is told once, in all.
    """
    told: dict[int, int] = {}

    def release_and_tell(due: Due, now: datetime) -> int:
        done, freed = _release(due, now)
        in_all = {wallet_id: points + told.get(wallet_id, 0) for wallet_id, points in freed.items()}
        tell_many(RELEASED, {id_: {"points": points} for id_, points in in_all.items()}, told, now=now)
        after_commit(lambda: told.update(in_all))
        return done

    return _each_chunk(_HELD, now, release_and_tell)


def expire_due(now: datetime) -> int:
    """Lapse every batch whose time has come, by date or by inactivity; how many."""
    return _each_chunk(_OLD, now, _expire) + _each_chunk(_IDLE, now, _expire)


def release(due: Due, now: datetime) -> int:
    """Release held batches, named by wallet, inside the open transaction; how many were still held.

    Nobody is told: who releases them by hand says why.
    """
    return _release(due, now)[0]


def _release(due: Due, now: datetime) -> tuple[int, dict[int, int]]:
    """How many batches were still held, and the points of them by wallet, of whoever can still be told."""
    at, done = to_micros(now), 0
    freed: dict[int, int] = defaultdict(int)
    # Behind the locks, which may take a while: somebody may publish meanwhile.
    wallets.lock_in_order(sorted(due))
    current, origins = programme.current(), _origins(due)
    with wallets.opened(due, current, only=due) as states:
        tiers.load(connection(), current, states, at)
        for wallet_id, seqs in sorted(due.items()):
            state = states[wallet_id]
            batches = state.book.batches or {}
            held = [batches[seq] for seq in seqs if seq in batches and batches[seq].held]
            for batch in sorted(held, key=lambda batch: (batch.available_at or 0, batch.seq)):
                if not state.erased:
                    freed[wallet_id] += batch.remaining
                state.book.release(batch, at)
                done += 1
                if batch.qualifying:
                    # Dated by the activity, as if there had been no hold; a promotion counts from the release.
                    activity_id, part, occurred_at, outcome = origins[wallet_id, batch.seq]
                    reference = Reference(Cause.ACTIVITY, activity_id, part + 1)
                    state.book.qualify(batch.qualifying, reference, occurred_at, at, outcome.encode())
                    day = day_at(occurred_at, current.zone)
                    qualify(state, batch.qualifying, day, at, at, current, activity_id)
    return done, dict(freed)


def _expire(due: Due, now: datetime) -> int:
    at, done = to_micros(now), 0
    with wallets.opened(due) as states:
        for wallet_id, seqs in sorted(due.items()):
            book = states[wallet_id].book
            for seq in seqs:
                batch = (book.batches or {}).get(seq)
                # Found before the lock: what was spent or renewed meanwhile stays as it is.
                if batch is not None and not batch.held and _is_over(batch, book, at):
                    book.expire(batch, at)
                    done += 1
    return done


def _is_over(batch: OpenBatch, book: Book, at: int) -> bool:
    if batch.idle_days is not None:
        return (book.last_accrual_at or 0) + batch.idle_days * DAY <= at
    return batch.expires_at is not None and batch.expires_at <= at


def _each_chunk(found: str, now: datetime, change: Callable[[Due, datetime], int]) -> int:
    done = 0
    while True:
        due: Due = defaultdict(list)
        try:
            with transaction() as conn:
                for wallet_id, seq in bulk.execute(conn, found, (to_micros(now), CHUNK)):
                    due[wallet_id].append(seq)
                changed = change(due, now) if due else 0
        except Exception as failure:
            if is_the_databases(failure):
                raise
            log.error("lapsing.failed", error=repr(failure))
            changed = _one_by_one(due, now, change)
        done += changed
        if not changed:
            return done
        give_way()


def _one_by_one(due: Due, now: datetime, change: Callable[[Due, datetime], int]) -> int:
    """The wallets of a failed chunk, each on its own, so that one cannot hold up everybody's points."""
    done = 0
    for wallet_id, seqs in sorted(due.items()):
        try:
            with transaction():
                done += change({wallet_id: seqs}, now)
        except Exception as failure:
            if is_the_databases(failure):
                raise
            log.critical("wallet.stuck", wallet=wallet_id, error=repr(failure))
    return done


def _origins(due: Due) -> dict[tuple[int, int], tuple[int, int, int, str]]:
    """Of batches that an activity earned: its id, the part of its reference, when it occurred, its outcome."""
    rows = bulk.tuples_by_keys(
        connection(),
        "SELECT t.wallet_id, t.seq, t.cause_id, t.part, t.occurred_at, d.outcome FROM keys"
        " CROSS JOIN transfer t ON t.wallet_id = keys.wallet_id AND t.seq = keys.seq"
        f" CROSS JOIN decision d ON t.cause = {int(Cause.ACTIVITY)} AND d.activity_id = t.cause_id",
        store.WALLET_SEQ,
        [(wallet_id, seq) for wallet_id, seqs in due.items() for seq in seqs],
    )
    return {(row[0], row[1]): (row[2], row[3], row[4], row[5]) for row in rows}
