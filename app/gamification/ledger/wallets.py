"""Changing wallets outside the pipeline: lock, load, post, write, inside the caller's transaction."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import insert

from app.gamification import programme, rounds
from app.gamification.errors import MemberNotFound
from app.gamification.ledger import store
from app.gamification.state import MemberState
from app.lib.clock import to_micros
from app.models import bulk
from app.models.base import connection, is_sqlite
from app.gamification.tiers import sums
from app.models.ledger import Adjustment, Cause


@contextmanager
def opened(member_ids: Iterable[int]) -> Iterator[dict[int, MemberState]]:
    """These members' states, locked in order of id, with their open batches; what was posted is written at the end."""
    conn = connection()
    ids = sorted(set(member_ids))
    lock_in_order(ids)
    current = current or programme.current()
    if current.settling_since is not None:
        sums.settle(conn, current, ids)
    states = rounds.load(conn, current, ids)
    store.load_batches(conn, [state.book for state in states.values()])
    yield states
    rounds.write(conn, list(states.values()))


def lock_in_order(ids: list[int]) -> None:
    """Lock wallets in order of id, waiting for whoever holds one; SQLite's transaction is the lock already."""
    conn = connection()
    if not is_sqlite(conn):
        bulk.select_by_ids(
            conn, "SELECT w.id FROM ids CROSS JOIN wallet w ON w.id = ids.id ORDER BY w.id FOR NO KEY UPDATE OF w", ids
        )


@contextmanager
def _one(member_id: int) -> Iterator[MemberState]:
    with opened([member_id]) as states:
        if member_id not in states:
            raise MemberNotFound(member=member_id)
        yield states[member_id]


def redeem(member_id: int, amount: int, redemption_id: int, now: datetime, *, service: bool = False) -> int:
    """Spend points, first to lapse first; the seq of the transfer. Raises NotEnoughPoints, with nothing changed.

    `service`: what is bought is recognition or service, so that points marked service-only count too.
    """
    with _one(member_id) as state:
        return state.book.redeem(amount, redemption_id, to_micros(now), service=service)


def refund(member_id: int, redemption_id: int, now: datetime) -> None:
    """Give back what a redemption took, as new batches with the old ones' expiry, a week from now at the earliest."""
    with _one(member_id) as state:
        conn = connection()
        seq = bulk.execute(
            conn,
            "SELECT seq FROM transfer WHERE cause = ? AND cause_id = ? AND part = 0 AND wallet_id = ?",
            (int(Cause.REDEMPTION), redemption_id, member_id),
        ).scalar_one()
        state.book.refund(store.load_spent(conn, state.book, seq), redemption_id, to_micros(now))


def adjust(member_id: int, amount: int, note: str, now: datetime, staff_id: int | None = None) -> int:
    """Add points, or take them with a negative amount; the adjustment's id. Raises NotEnoughPoints."""
    with _one(member_id) as state:
        made = connection().execute(
            insert(Adjustment)
            .values(wallet_id=member_id, staff_id=staff_id, amount=amount, note=note, made_at=now)
            .returning(Adjustment.id)
        )
        adjustment_id: int = made.scalar_one()
        _adjust(state, amount, adjustment_id, now)
        return adjustment_id
