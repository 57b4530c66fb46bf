"""Taking one line of a ledger back by hand: the points, and the qualifying points given with them."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from app.gamification import programme
from app.gamification.errors.points import AlreadyReversed, NotReversible, TransferNotFound
from app.gamification.ledger import wallets
from app.gamification.ledger.book import POINTS, QUALIFYING, Posted
from app.gamification.tiers import load as tiers
from app.gamification.tiers.step import count
from app.lib.clock import to_micros
from app.lib.periods import day_at
from app.models import bulk
from app.models.base import connection
from app.models.ledger import Adjustment, Cause, Code, State

_UNDONE = (
    f"EXISTS (SELECT 1 FROM transfer r WHERE r.cause = {int(Cause.REVERSAL)} AND r.cause_id = t.wallet_id"
    " AND r.part IN (4 * t.seq, 4 * t.seq + 1)) AS undone"
)
_COLUMNS = (
    f"t.seq, t.unit_id, t.code, t.debit, t.credit, t.amount, t.cause, t.cause_id, t.part, t.occurred_at, {_UNDONE}"
)
_LINE = f"SELECT {_COLUMNS} FROM transfer t WHERE t.wallet_id = ? AND t.seq = ?"
# What a challenge or a badge has brought is not there to be taken once more when what completed it is cancelled.
_NOT_BROUGHT = {
    Cause.CHALLENGE: (
        "UPDATE challenge_entry SET points = 0, points_seq = NULL, qualifying_seq = NULL"
        " WHERE member_id = ? AND points_seq = ?"
    ),
    Cause.BADGE: "UPDATE badge_award SET points = 0, points_seq = NULL WHERE member_id = ? AND points_seq = ?",
}
_BESIDE = f"SELECT {_COLUMNS} FROM transfer t WHERE t.cause = ? AND t.cause_id = ? AND t.part = ? AND t.wallet_id = ?"


def reversible(member_id: int, seq: int) -> Any:
    """The line as a row, when it can be taken back. Inside an open transaction.

    Raises TransferNotFound, NotReversible for a line that brought no points, AlreadyReversed.
    """
    row = bulk.execute(connection(), _LINE, (member_id, seq)).first()
    if row is None:
        raise TransferNotFound(seq=seq)
    if row.unit_id != POINTS or row.code not in (Code.ACCRUAL, Code.ADJUSTMENT) or row.debit != State.ISSUED:
        raise NotReversible()
    if row.undone:
        raise AlreadyReversed()
    return row


def reverse(
    member_id: int, seq: int, note: str, now: datetime, staff_id: int, *, token: str | None, proposal_id: int
) -> int:
    """Take a line back: its own batch, then other points, then debt; the adjustment's id.

    The rule's counters stay drawn on: what was taken back by hand is not to be earned again under the same cap.
    Raises what `reversible` raises.
    """
    current, at = programme.current(), to_micros(now)
    with wallets.one(member_id, current) as state:
        row = reversible(member_id, seq)
        state.book.reverse(_posted(row), row.occurred_at, at, earned=row.code == Code.ACCRUAL)
        if row.cause in (Cause.ACTIVITY, Cause.CHALLENGE):
            beside = (row.cause, row.cause_id, row.part + 1, member_id)
            qualified = bulk.execute(connection(), _BESIDE, beside).first()
            if qualified is not None and qualified.unit_id == QUALIFYING and not qualified.undone:
                tiers.load(connection(), current, {member_id: state}, at)
                state.book.reverse(_posted(qualified), qualified.occurred_at, at)
                count(state, -qualified.amount, day_at(qualified.occurred_at, current.zone), at, current)
        if (forget := _NOT_BROUGHT.get(row.cause)) is not None:
            bulk.execute(connection(), forget, (member_id, seq))
        values = {"wallet_id": member_id, "staff_id": staff_id, "amount": -row.amount, "note": note, "made_at": now}
        made = connection().execute(
            insert(Adjustment)
            .values(**values, token=token, proposal_id=proposal_id, reverses=seq)
            .returning(Adjustment.id)
        )
        adjustment_id: int = made.scalar_one()
        return adjustment_id


def _posted(row: Any) -> Posted:
    return Posted(row.seq, row.unit_id, row.credit, row.amount, row.part, row.occurred_at)
