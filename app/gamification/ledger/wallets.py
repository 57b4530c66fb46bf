"""Changing wallets outside the pipeline: lock, load, post, write, inside the caller's transaction."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import insert

from app.gamification import programme, rounds
from app.gamification.activities import PaysFor
from app.gamification.errors.members import MemberNotFound
from app.gamification.errors.points import ForbiddenByLaw
from app.gamification.ledger import store
from app.gamification.policy.packs import Standing, Verdict
from app.gamification.programme import Programme
from app.gamification.state import MemberState
from app.gamification.tiers import sums
from app.lib.clock import to_micros
from app.models import bulk
from app.models.base import connection, is_sqlite
from app.models.ledger import Adjustment, Cause

CHUNK = 500  # wallets of a bulk award that are loaded at once

_ERASED = "SELECT m.id FROM ids CROSS JOIN member m ON m.id = ids.id WHERE m.erased_at IS NOT NULL ORDER BY m.id"
_ADJUSTMENT = insert(Adjustment).returning(Adjustment.id, Adjustment.wallet_id)


@contextmanager
def opened(
    member_ids: Iterable[int], current: Programme | None = None, *, only: Mapping[int, Iterable[int]] | None = None
) -> Iterator[dict[int, MemberState]]:
    """These members' states, locked in order of id, with their open batches; what was posted is written at the end.

    `current` is the programme that the caller goes by; raises Changed when another is in force by now. `only` names the
    batches, by wallet, where the caller releases these and looks at no other.
    """
    conn = connection()
    ids = sorted(set(member_ids))
    lock_in_order(ids)
    current = current or programme.current()
    if current.settling_since is not None:
        sums.settle(conn, current, ids)
    states = rounds.load(conn, current, ids)
    books = [state.book for state in states.values()]
    if only is None:
        store.load_batches(conn, books)
    else:
        store.load_named(conn, books, only)
    yield states
    rounds.write(conn, current, list(states.values()))


def lock_in_order(ids: list[int]) -> None:
    """Lock wallets in order of id, waiting for whoever holds one; SQLite's transaction is the lock already."""
    conn = connection()
    if not is_sqlite(conn):
        bulk.select_by_ids(
            conn, "SELECT w.id FROM ids CROSS JOIN wallet w ON w.id = ids.id ORDER BY w.id FOR NO KEY UPDATE OF w", ids
        )


def lock_present(ids: list[int]) -> None:
    """Lock wallets whose members are there until the commit: who erases somebody locks the wallet first.

    Raises MemberNotFound for who was erased.
    """
    lock_in_order(ids)
    if gone := erased(ids):
        raise MemberNotFound(member=gone[0])


def erased(ids: Iterable[int]) -> list[int]:
    """Those of them who were erased, in order. Behind their wallets' locks."""
    return [row.id for row in bulk.select_by_ids(connection(), _ERASED, sorted(ids))]


@contextmanager
def one(member_id: int, current: Programme | None = None) -> Iterator[MemberState]:
    """One member's state, like `opened`; raises MemberNotFound."""
    with opened([member_id], current) as states:
        if member_id not in states:
            raise MemberNotFound(member=member_id)
        yield states[member_id]


def redeem(member_id: int, amount: int, redemption_id: int, now: datetime, *, service: bool = False) -> int:
    """Spend points, first to lapse first; the seq of the transfer. Raises NotEnoughPoints, with nothing changed.

    `service`: what is bought is recognition or service, so that points marked service-only count too.
    """
    with one(member_id) as state:
        return state.book.redeem(amount, redemption_id, to_micros(now), service=service)


def refund(member_id: int, redemption_id: int, now: datetime) -> None:
    """Give back what a redemption took, as new batches with the old ones' expiry, a week from now at the earliest."""
    with one(member_id) as state:
        conn = connection()
        seq = bulk.execute(
            conn,
            "SELECT seq FROM transfer WHERE cause = ? AND cause_id = ? AND part = 0 AND wallet_id = ?",
            (int(Cause.REDEMPTION), redemption_id, member_id),
        ).scalar_one()
        state.book.refund(store.load_spent(conn, state.book, seq), redemption_id, to_micros(now))


def adjust(
    member_id: int,
    amount: int,
    note: str,
    now: datetime,
    staff_id: int | None = None,
    *,
    token: str | None = None,
    proposal_id: int | None = None,
) -> int:
    """Add points, or take them with a negative amount; the adjustment's id. Raises NotEnoughPoints, ForbiddenByLaw."""
    with one(member_id) as state:
        values = {"wallet_id": member_id, "staff_id": staff_id, "amount": amount, "note": note, "made_at": now}
        made = connection().execute(_ADJUSTMENT, values | {"token": token, "proposal_id": proposal_id})
        adjustment_id: int = made.scalar_one()
        _adjust(state, amount, adjustment_id, now)
        return adjustment_id


def award(awards: Mapping[int, int], note: str, now: datetime, staff_id: int, proposal_id: int) -> None:
    """Add points to many members at once, by id: all of them, or, when this raises, none once it is rolled back.

    Wallets are locked in order of id, chunk after chunk. Raises MemberNotFound, ForbiddenByLaw.
    """
    ids = sorted(awards)
    same = {"staff_id": staff_id, "note": note, "made_at": now, "token": None, "proposal_id": proposal_id}
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        lock_present(chunk)
        with opened(chunk) as states:
            if missing := [member_id for member_id in chunk if member_id not in states]:
                raise MemberNotFound(member=missing[0])
            rows = [same | {"wallet_id": member_id, "amount": awards[member_id]} for member_id in chunk]
            made = connection().execute(_ADJUSTMENT, rows)
            for adjustment_id, wallet_id in made.all():
                _adjust(states[wallet_id], awards[wallet_id], adjustment_id, now)


def service_only(standing: Standing, member_id: int) -> bool:
    """Whether points that staff give to such a member buy recognition and service alone. Raises ForbiddenByLaw."""
    verdict = standing.judge(PaysFor.SERVICE)
    if verdict >= Verdict.RECOGNITION:
        raise ForbiddenByLaw(member=member_id)
    return verdict == Verdict.SERVICE_ONLY


def _adjust(state: MemberState, amount: int, adjustment_id: int, now: datetime) -> None:
    # The law limits what is given, never what is taken.
    marked = amount > 0 and service_only(state.standing, state.id)
    state.book.adjust(amount, adjustment_id, to_micros(now), service_only=marked)
