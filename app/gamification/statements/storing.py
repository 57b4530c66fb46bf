"""Storing what a member confirmed: delivery by delivery, then what was decided is counted.

A delivery and how far it came are one commit, so that a worker that is killed leaves nothing half done and nothing
twice; whoever goes on reads the file again and begins where the rows ended.
"""

from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, text, update

from app.gamification import ingest
from app.gamification.activities import TRADE
from app.gamification.ingest import Status
from app.gamification.ledger.words.reasons import key_of
from app.gamification.statements import again, looking, sending
from app.gamification.statements.clock import server_clock
from app.gamification.statements.reading import Account, Row
from app.gamification.statements.reading import read as rows_of
from app.gamification.statements.told import told_from
from app.lib.clock import to_micros
from app.models import bulk
from app.models.activity import Reason
from app.models.base import connection, db, is_sqlite, kept_by_app, read_one, reader
from app.models.history import StatementFile
from app.models.history import StatementImport as Sent
from app.models.ledger import Cause, Code, UnitId
from app.models.people import TradingAccount

# A delivery holds the one write lock of SQLite for at most some 50 ms.
DELIVERY_SQLITE, DELIVERY_POSTGRESQL = 500, 1000

_FILE = (
    select(
        StatementFile.content,
        Sent.told,
        Sent.recorded_at,
        Sent.member_id,
        TradingAccount.id,
        TradingAccount.platform,
        TradingAccount.server,
        TradingAccount.login,
    )
    .join(Sent, Sent.id == StatementFile.import_id)
    .join(TradingAccount, TradingAccount.id == Sent.trading_account_id)
    .where(Sent.id == bindparam("import_id"))
)
# Held as the activities' foreign keys will hold it, so that nobody renames it before they are stored.
_NAMES = (
    select(TradingAccount.platform, TradingAccount.server, TradingAccount.login)
    .where(TradingAccount.id == bindparam("account"))
    .with_for_update(read=True, key_share=True)
)
_CHANGE = update(Sent).where(Sent.id == bindparam("of_import"))
_QUEUED = text("SELECT 1 FROM activity_queue WHERE member_id = :member AND recorded_at = :recorded_at LIMIT 1")
_MADE = text(
    f"""
    SELECT coalesce(sum(CASE WHEN b.held AND b.available_at IS NULL THEN b.remaining END), 0) AS pending,
        count(*) AS batches
    FROM transfer t JOIN batch b ON b.wallet_id = t.wallet_id AND b.seq = t.seq
    WHERE t.wallet_id = :member AND t.seq > :after AND t.recorded_at = :recorded_at
        AND t.unit_id = {int(UnitId.POINTS)} AND t.code = {int(Code.ACCRUAL)} AND t.cause = {int(Cause.ACTIVITY)}
    """
)
# Only where a condition failed does the outcome say which; the rest is in the row.
_DECISIONS = (
    "SELECT d.reason, d.earned, CASE WHEN d.reason = ? THEN d.outcome END"
    " FROM activity a JOIN decision d ON d.activity_id = a.id"
    " WHERE a.trading_account_id = ? AND a.member_id = ? AND a.recorded_at = ? AND a.source_id = ? AND a.kind = ?"
)


class _File(NamedTuple):
    """A file whose rows are being stored, read once a process: reading takes longer than storing a delivery."""

    import_id: int
    account: tuple[str, str, str]  # platform, server, login: as the rows name it
    rows: tuple[Row, ...]
    unusable: int


class _Desk:
    """The one file that this process has read."""

    file: _File | None = None


def read_import() -> int:
    """The import whose file this process has read, and may go on with at once; 0 for none."""
    file = kept_by_app("statement_desk", _Desk).file
    return 0 if file is None else file.import_id


def rows_in(import_id: int) -> _File:
    """The rows of an import as they will be stored, read from its file where this process has not done so."""
    desk = kept_by_app("statement_desk", _Desk)
    file = desk.file
    if file is None or file.import_id != import_id:
        file = desk.file = None  # two large files at once are more memory than a worker needs
        file = desk.file = _read(import_id)
    return file


def let_go() -> None:
    """Forget the file that was read."""
    kept_by_app("statement_desk", _Desk).file = None


def deliver(row: Any, file: _File, leased_until: datetime) -> None:
    """Store the next delivery of an import whose row is locked; with the last one the file goes.

    When the account is called otherwise by now, as that of an owner who was erased is, the file is read anew first: by
    the old name the rows would make an account of their own. Inside an open transaction.
    """
    names = connection().execute(_NAMES, {"account": row.trading_account_id}).one()
    if tuple(names) != file.account:
        let_go()
        _change(row.id, leased_until=None)
        return
    size = DELIVERY_SQLITE if is_sqlite(db.engine) else DELIVERY_POSTGRESQL
    part = file.rows[row.done : row.done + size]
    source = ingest.source(ingest.UPLOADS)
    items = again.addressed(connection(), source.id, row.id, [one.item for one in part])
    results = ingest.accept(source, items, row.recorded_at)
    kept = Counter(row.figures.get("kept", {}))
    for one, result in zip(part, results, strict=True):
        if not one.is_closed:
            continue
        if result.status == Status.DUPLICATE:
            kept["duplicates"] += 1
        elif result.status not in (Status.ACCEPTED, Status.WAITING):
            kept["aside.conflict"] += 1
        elif one.set_aside:
            kept[f"aside.{one.set_aside}"] += 1
    if not row.done and file.unusable:
        kept["aside.unusable"] = file.unusable
    done = row.done + len(part)
    values: dict[str, Any] = {"figures": {**row.figures, "kept": dict(kept)}, "done": done, "rows": len(file.rows)}
    if done >= len(file.rows):
        sending.forget_file(row.id)
        values["leased_until"] = None  # from here on anybody may count what was decided
    _change(row.id, **{"leased_until": leased_until, **values})


def is_queued(member_id: int, recorded_at: datetime) -> bool:
    """Whether something that was recorded for the member at this instant has not been decided yet."""
    return read_one(_QUEUED, {"member": member_id, "recorded_at": to_micros(recorded_at)}) is not None


def result_of(row: Any) -> tuple[dict[str, Any], int]:
    """What storing an import gave, as its figures keep it, and the points that wait for review."""
    kept = dict(row.figures.get("kept", {}))
    without = Counter({key.removeprefix("aside."): number for key, number in kept.items() if key != "duplicates"})
    earning = points = 0
    with reader().connect() as conn:
        source_id = conn.execute(looking.SOURCE, {"key": ingest.UPLOADS}).scalar_one()
        values = (
            int(Reason.CONDITION),
            row.trading_account_id,
            row.member_id,
            to_micros(row.recorded_at),
            source_id,
            TRADE,
        )
        for reason, earned, outcome in bulk.tuples(conn, _DECISIONS, values):
            if reason == Reason.EARNED:
                earning, points = earning + 1, points + earned
            else:
                without[key_of(reason, looking.entries_of(outcome))] += 1
    made = read_one(
        _MADE,
        {
            "member": row.member_id,
            "after": row.figures.get("after", 0),
            "recorded_at": to_micros(row.recorded_at),
        },
    )
    result = {
        "earning": earning,
        "points": points,
        "duplicates": kept.get("duplicates", 0),
        "not_earning": dict(without.most_common()),
        "batches": made.batches,
    }
    return result, int(made.pending)


def finish(row: Any, result: dict[str, Any], pending: int) -> None:
    """Everything is stored and decided: from here on the import waits for staff. Inside an open transaction."""
    figures = {name: value for name, value in row.figures.items() if name != "kept"}
    values = {"figures": {**figures, "result": result}, "points": pending, "leased_until": None}
    _change(row.id, state="stored", **values)


def _read(import_id: int) -> _File:
    row = read_one(_FILE, {"import_id": import_id})
    if row is None:  # taken back or erased a moment ago
        return _File(import_id, ("", "", ""), (), 0)
    told = told_from(row.told)
    statement = looking.opened(row.content, told)
    account = Account(row.id, row.platform, row.server, row.login)
    clock = server_clock(looking.clock_of(statement, told))
    # Read by the clock of the confirmation, so that whoever goes on finds the same rows.
    reading = rows_of(statement, account, clock, row.recorded_at, row.member_id)
    return _File(import_id, account.names, reading.rows, reading.unusable_closed)


def _change(import_id: int, **values: Any) -> None:
    connection().execute(_CHANGE.values(**values), {"of_import": import_id})
