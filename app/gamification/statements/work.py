"""What the worker does with members' files, piece by piece, each in short transactions of its own.

A piece is one look through a file, one delivery of its rows, one chunk of releases or of busts. Whose turn it is and
how far it came is in the import's row, so that a worker that is killed loses nothing and two never do the same twice:
the row is locked for the piece, and who has read a file leases it while the others leave it alone. The imports of one
member go one after the other, in the order in which the member confirmed them and took them back.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, text, update
from structlog import get_logger

from app.gamification import pipeline, programme
from app.gamification.ledger import wallets
from app.gamification.statements import approving, looking, sending, storing, undoing
from app.gamification.statements.told import told_from
from app.lib import clock
from app.lib.clock import to_micros
from app.models.base import connection, is_the_databases, kept_by_app, read_all, read_one, transaction
from app.models.history import StatementFile
from app.models.history import StatementImport as Sent
from app.platforms.unreadable import UnreadableStatement

log = get_logger(__name__)

LEASE = timedelta(seconds=30)
AFTER_FAILURE = timedelta(minutes=10)
_MOST = 50  # imports looked at for one that can go on

# What another worker has leased, and what was set aside, is left out; of what this one has read the lease is its own.
_TODO = text(
    """
    SELECT id, state FROM statement_import AS i
    WHERE state IN ('reading', 'storing', 'approving', 'taking_back') AND id >= :start
        AND (leased_until IS NULL OR leased_until <= :now OR state = 'storing' AND id = :read)
        AND NOT EXISTS (
            SELECT 1 FROM statement_import e
            WHERE e.member_id = i.member_id AND e.state IN ('storing', 'approving', 'taking_back')
                AND e.id <> i.id AND coalesce(e.decided_at, e.recorded_at) < coalesce(i.decided_at, i.recorded_at)
        )
    ORDER BY id LIMIT :most
    """
)
_COLUMNS = (
    Sent.id,
    Sent.member_id,
    Sent.trading_account_id,
    Sent.state,
    Sent.told,
    Sent.figures,
    Sent.rows,
    Sent.done,
    Sent.reached,
    Sent.recorded_at,
    Sent.decided_at,
    Sent.ended_at,
    Sent.leased_until,
)
_ROW = select(*_COLUMNS).where(Sent.id == bindparam("import_id"))
_LOCK = _ROW.where(Sent.state == bindparam("in_state")).with_for_update(skip_locked=True)
_FILE = (
    select(StatementFile.content, Sent.told, Sent.member_id)
    .join(Sent, Sent.id == StatementFile.import_id)
    .where(Sent.id == bindparam("import_id"))
)
_HAS_FILE = select(StatementFile.import_id).where(StatementFile.import_id == bindparam("import_id"))
_CHANGE = update(Sent).where(Sent.id == bindparam("of_import"))


class _Place:
    """Where this process goes on: with the import whose file it has read, else behind the last one, in turn."""

    import_id = 0


def run(now: datetime | None = None) -> bool:
    """One piece of work; False when there is nothing to do, or others are at it."""
    now = now or clock.now()
    place = kept_by_app("statement_place", _Place)
    for start in dict.fromkeys((place.import_id, 0)):
        asked = {"start": start, "now": to_micros(now), "read": storing.read_import(), "most": _MOST}
        for row in read_all(_TODO, asked):
            place.import_id = row.id + (row.state != "storing")
            try:
                if _PIECES[row.state](row.id, now):
                    return True
            except programme.Changed:
                return True  # somebody published between the reading of the programme and the lock
            except Exception as failure:
                if is_the_databases(failure):
                    raise
                # It must not hold up the others, nor end the worker: it is tried again later.
                log.exception("import.failed", import_id=row.id, state=row.state)
                storing.let_go()
                _set_aside(row.id, now)
    return False


def drain(now: datetime | None = None) -> None:
    """Everything that can be done, the activities that it stores included."""
    while run(now) or pipeline.drain():
        pass


def _look(import_id: int, now: datetime) -> bool:
    if not _lease(import_id, "reading", now):
        return False
    file = read_one(_FILE, {"import_id": import_id})
    if file is None:
        return False
    found: dict[str, Any]
    try:
        figures, rows = looking.look(file.member_id, file.content, told_from(file.told), now)
        found = {"state": "read", "figures": figures, "rows": rows}
    except UnreadableStatement as problem:
        found = {"state": "unreadable", "figures": {"values": problem.values}, "reason": problem.reason}
    except Exception as failure:
        if is_the_databases(failure):
            raise
        log.exception("look.failed", import_id=import_id)
        found = {"state": "unreadable", "figures": {}, "reason": "failed"}
    with transaction():
        row = _locked(import_id, "reading")
        # Other answers may have come meanwhile, or it was dropped: then this look was for nothing.
        if row is not None:
            _change(import_id, leased_until=None, **(found if row.told == file.told else {}))
    return True


def _store(import_id: int, now: datetime) -> bool:
    if read_one(_HAS_FILE, {"import_id": import_id}) is None:
        storing.let_go()
        return _count(import_id)
    if storing.read_import() != import_id and not _lease(import_id, "storing", now):
        return False
    file = storing.rows_in(import_id)
    with transaction():
        row = _locked(import_id, "storing")
        if row is None:
            return False
        storing.deliver(row, file, now + LEASE)
    return True


def _count(import_id: int) -> bool:
    row = read_one(_ROW, {"import_id": import_id})
    if row is None or row.state != "storing" or storing.is_queued(row.member_id, row.recorded_at):
        return False
    result, pending = storing.result_of(row)
    with transaction():
        locked = _locked(import_id, "storing")
        if locked is not None:
            storing.finish(locked, result, pending)
    return True


def _approve(import_id: int, now: datetime) -> bool:
    row = read_one(_ROW, {"import_id": import_id})
    if row is None:
        return False
    with transaction():
        # The wallet before the import, as everything does that concerns a member's points.
        wallets.lock_in_order([row.member_id])
        row = _locked(import_id, "approving")
        if row is None:
            return False
        if approving.release_next(row, now):
            return True
        if not any(storing.is_queued(row.member_id, at) for at in (row.recorded_at, row.decided_at)):
            approving.finish(row, now)
            return True
    return False


def _take_back(import_id: int, now: datetime) -> bool:
    row = read_one(_ROW, {"import_id": import_id})
    if row is None:
        return False
    stored = undoing.stored_after(row)
    if not stored and storing.is_queued(row.member_id, row.decided_at):
        return False
    with transaction():
        locked = _locked(import_id, "taking_back")
        if locked is None or locked.reached != row.reached:
            return False
        if stored:
            undoing.bust(locked, stored)
        else:
            undoing.finish(locked, now)
    return True


_PIECES: dict[str, Callable[[int, datetime], bool]] = {
    "reading": _look,
    "storing": _store,
    "approving": _approve,
    "taking_back": _take_back,
}


def _lease(import_id: int, state: str, now: datetime) -> bool:
    """Take a file for reading, which takes longer than a row may be locked; whether nobody else has it."""
    with transaction():
        row = _locked(import_id, state)
        if row is None or (row.leased_until is not None and row.leased_until > now):
            return False
        _change(import_id, leased_until=now + LEASE)
    return True


def _set_aside(import_id: int, now: datetime) -> None:
    with transaction():
        _change(import_id, leased_until=now + AFTER_FAILURE)


def _locked(import_id: int, state: str) -> Row[Any] | None:
    return connection().execute(_LOCK, {"import_id": import_id, "in_state": state}).first()


def _change(import_id: int, **values: Any) -> None:
    connection().execute(_CHANGE.values(**values), {"of_import": import_id})


def drop_old(now: datetime) -> int:
    """Forget the files that nobody confirmed for a day; how many."""
    with transaction():
        return sending.drop_old(now)
