"""Making available what an approved import had waiting, chunk by chunk.

What a rule holds back it holds back from members' own statements too: an award whose hold is not over becomes pending
until then, as if it had never waited for a review. A deal that was counted for somebody else while the account was
theirs stays with them: here it is taken back, as if it had been undone.
"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import update

from app.gamification import ingest, postbox, programme
from app.gamification.accrual.expiry import life_of
from app.gamification.brand import brand
from app.gamification.ledger import lapsing, store
from app.gamification.members import credentials
from app.gamification.messages.telling import tell
from app.gamification.programme import Programme
from app.gamification.statements import letters, messages, undoing
from app.lib.clock import to_micros
from app.lib.periods import day_at
from app.models import bulk
from app.models.base import connection
from app.models.history import StatementImport as Sent
from app.models.ledger import Cause, Code, UnitId

# Of the same deal, what stands for another member: earned, not taken back, and not waiting for a review itself. In two
# halves, each with its own small index; CROSS JOIN keeps the deal's activities outside, or SQLite goes through batches.
_ELSEWHERE = " OR ".join(
    "EXISTS (SELECT 1 FROM activity o CROSS JOIN transfer s CROSS JOIN batch h"
    " WHERE o.trading_account_id = a.trading_account_id AND o.deal = a.deal AND o.deal IS NOT NULL"
    f" AND o.amends {amends}"
    f" AND s.cause = {int(Cause.ACTIVITY)} AND s.cause_id = o.id AND s.code = {int(Code.ACCRUAL)}"
    f" AND s.unit_id = {int(UnitId.POINTS)} AND s.wallet_id <> b.wallet_id"
    " AND h.wallet_id = s.wallet_id AND h.seq = s.seq AND NOT (h.held AND h.available_at IS NULL)"
    f" AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.cause = {int(Cause.REVERSAL)}"
    " AND r.cause_id = s.wallet_id AND r.part IN (4 * s.seq, 4 * s.seq + 1)))"
    for amends in ("IS NULL", "IS NOT NULL")
)
_WAITING = (
    "SELECT b.seq, b.remaining, t.part, t.recorded_at, d.outcome, a.external_id, a.amends, a.kind, a.occurred_at,"
    f" {_ELSEWHERE} AS is_elsewhere FROM batch b"
    " JOIN transfer t ON t.wallet_id = b.wallet_id AND t.seq = b.seq"
    " JOIN activity a ON a.id = t.cause_id JOIN decision d ON d.activity_id = a.id"
    " WHERE b.wallet_id = ? AND b.seq > ? AND b.held AND b.remaining > 0 AND b.available_at IS NULL"
    f" AND t.cause = {int(Cause.ACTIVITY)} AND t.recorded_at = ? AND a.source_id = ? AND a.trading_account_id = ?"
    " ORDER BY b.seq LIMIT ?"
)
_decode = msgspec.json.Decoder(list).decode


def release_next(row: Any, now: datetime) -> bool:
    """Release the next batches of an import whose row and wallet are locked; whether there were any."""
    current, reached = programme.current(), max(row.reached, row.figures.get("after", 0))
    source = ingest.source(ingest.UPLOADS)
    values = (
        row.member_id,
        reached,
        to_micros(row.recorded_at),
        source.id,
        row.trading_account_id,
        lapsing.CHUNK,
    )
    found = bulk.tuples(connection(), _WAITING, values)
    if not found:
        return False
    at, free, held, counted = to_micros(now), [], [], []
    given, later = row.figures.get("freed", [0, 0])
    for seq, remaining, part, recorded_at, outcome, *said, is_elsewhere in found:
        if is_elsewhere:
            counted.append(tuple(said))
            continue
        until = _held_until(current, part, recorded_at, outcome)
        if until is None or until <= at:
            free.append(seq)
            given += remaining
        else:
            held.append((until, row.member_id, seq))
            later += remaining
    bulk.update(connection(), "batch", store.WALLET_SEQ, {"available_at": "bigint"}, held)
    if free:
        lapsing.release({row.member_id: free}, now)
    if counted:
        undoing.take_back(row, list(dict.fromkeys(counted)))  # several rules may have paid for one of them
    _change(row.id, reached=found[-1][0], done=row.done + len(found), figures={**row.figures, "freed": [given, later]})
    return True


def finish(row: Any, now: datetime) -> None:
    """Nothing waits any more: the member is told. Inside an open transaction."""
    given, later = row.figures.get("freed", [0, 0])
    _change(row.id, state="approved", ended_at=now, leased_until=None)
    if row.ended_at is not None:
        return  # once more, for what had failed: they know
    tell(row.member_id, messages.APPROVED, {"import": row.id, "points": given, "later": later}, now=now)
    if (someone := credentials.at_confirmed_address(row.member_id)) is not None:
        is_quiet = someone.is_quiet(now)
        letter = letters.approved(someone.name, brand().name, row.id, given, later, is_quiet=is_quiet)
        postbox.send(letter, someone.email, language=someone.language, now=now, member_id=someone.id)


def _held_until(current: Programme, part: int, recorded_at: int, outcome: str) -> int | None:
    """Until when the rule itself holds an award that waited for review."""
    entry = _decode(outcome)[1 + part // 2]
    rule = current.rules_by_revision[entry[0]]
    definition = rule.definition
    day = day_at(recorded_at, current.zone)
    return life_of(definition.expiry, definition.hold_days, day, current.zone).available_at


def _change(import_id: int, **values: Any) -> None:
    connection().execute(update(Sent).where(Sent.id == import_id).values(**values))
