"""What became of the files that a member sent, as their pages ask for it."""

from typing import Any

from sqlalchemy import bindparam, func, select, text

from app.gamification.errors.statements import ImportNotFound
from app.gamification.statements.shown import Import, made_of
from app.lib.clock import to_micros
from app.models.activity import QueuedActivity
from app.models.base import read_all, read_one
from app.models.history import StatementImport as Sent
from app.models.ledger import Cause, Code, UnitId

SHOWN = 50  # of a member's imports
LIVE = 5000  # batches of an import up to which its points are read batch by batch

# What an import has in the queue: its rows, or, while it is taken back, their busts.
WAITING_ROWS = (
    select(func.count())
    .select_from(QueuedActivity)
    .where(
        QueuedActivity.member_id == Sent.member_id,
        QueuedActivity.recorded_at == func.coalesce(Sent.decided_at, Sent.recorded_at),
    )
    .scalar_subquery()
)
COLUMNS = (
    Sent.id,
    Sent.member_id,
    Sent.trading_account_id,
    Sent.state,
    Sent.file_name,
    Sent.told,
    Sent.figures,
    Sent.rows,
    Sent.done,
    Sent.points,
    Sent.trust,
    Sent.made_at,
    Sent.recorded_at,
    Sent.decided_at,
    Sent.decided_by,
    Sent.proposal_id,
    Sent.ended_at,
    Sent.reason,
)
_OF_MEMBER = (
    # As if nothing had been counted yet: a list does not look into the queue.
    select(*COLUMNS, Sent.done.label("waiting"))
    .where(Sent.member_id == bindparam("member"))
    .order_by(Sent.id.desc())
    .limit(SHOWN)
)
_ONE = select(*COLUMNS, WAITING_ROWS.label("waiting")).where(
    Sent.id == bindparam("import_id"), Sent.member_id == bindparam("member")
)
# Of the transfers that the import has made, which all follow the last one before it was confirmed.
_MADE = text(
    f"""
    SELECT coalesce(sum(CASE WHEN b.held THEN b.remaining ELSE 0 END), 0) AS pending,
        coalesce(sum(CASE WHEN b.held OR EXISTS (SELECT 1 FROM transfer r WHERE r.cause = {int(Cause.REVERSAL)}
            AND r.cause_id = t.wallet_id AND r.part BETWEEN 4 * t.seq AND 4 * t.seq + 1) THEN 0 ELSE b.amount END), 0)
            AS available
    FROM transfer t JOIN batch b ON b.wallet_id = t.wallet_id AND b.seq = t.seq
    WHERE t.wallet_id = :member AND t.seq > :after AND t.recorded_at = :recorded_at
        AND t.unit_id = {int(UnitId.POINTS)} AND t.code = {int(Code.ACCRUAL)}
    """
)


def of_member(member_id: int) -> tuple[Import, ...]:
    """The member's newest imports, the latest first. One statement."""
    rows = read_all(_OF_MEMBER, {"member": member_id})
    return tuple(made_of(row) for row in rows)


def one(member_id: int, import_id: int) -> Import:
    """An import of the member's own; raises ImportNotFound for any other. At most two statements."""
    row = read_one(_ONE, {"import_id": import_id, "member": member_id})
    if row is None:
        raise ImportNotFound()
    return made_of(row, points_of(row))


def points_of(row: Any) -> tuple[int, int] | None:
    """Points pending and made available by an import as they stand; None where there are too many to look."""
    figures = row.figures
    if row.recorded_at is None or figures.get("result", {}).get("batches", 0) > LIVE:
        return None
    made = read_one(
        _MADE,
        {
            "member": row.member_id,
            "after": figures.get("after", 0),
            "recorded_at": to_micros(row.recorded_at),
        },
    )
    return int(made.pending), int(made.available)
