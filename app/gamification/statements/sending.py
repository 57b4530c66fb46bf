"""What a member does with a file: send it, answer what it leaves open, confirm it, drop it, undo its import.

A file that was sent is looked through by the worker and stores nothing. Once it is confirmed its rows are stored as the
member's own activities, and until the broker approves them everything can be taken back.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from app.gamification.errors.statements import (
    ApprovedAlready,
    ConfirmedAlready,
    ImportNotFound,
    LoginNeeded,
    NotConfirmed,
    NothingToImport,
    NotReadable,
    StillReading,
    TooManyImports,
)
from app.gamification.ledger import wallets
from app.gamification.statements.told import LONGEST_FILE_NAME, Told, clean, named
from app.gamification.statements.whose import trust_in
from app.gamification.trading_accounts import requests
from app.models.base import connection
from app.models.history import StatementFile
from app.models.history import StatementImport as Sent
from app.models.ledger import Wallet
from app.models.people import TradingAccount

MOST_UNCONFIRMED = 5  # files of one member that wait for an answer
KEPT = timedelta(days=1)  # a file that nobody confirmed
UNCONFIRMED = ("reading", "read", "unreadable")

_UNCONFIRMED = select(Sent.id, Sent.digest, Sent.told).where(
    Sent.member_id == bindparam("member"), Sent.recorded_at.is_(None)
)
_SEND = insert(Sent).returning(Sent.id)
_KEEP = insert(StatementFile)
_FORGET = delete(StatementFile).where(StatementFile.import_id == bindparam("of_import"))
_LOCK = (
    select(Sent.id, Sent.state, Sent.rows, Sent.recorded_at, Sent.figures)
    .where(Sent.id == bindparam("import_id"), Sent.member_id == bindparam("member"))
    .with_for_update()
)
_CHANGE = update(Sent).where(Sent.id == bindparam("of_import"))
_DROP = delete(Sent).where(Sent.id == bindparam("of_import"))
_DROP_OLD = delete(Sent).where(Sent.recorded_at.is_(None), Sent.made_at < bindparam("before"))
_LAST = select(func.max(Sent.recorded_at), func.max(Sent.decided_at)).where(Sent.member_id == bindparam("member"))
_SEQ = select(Wallet.seq).where(Wallet.id == bindparam("member"))
_MAKE_ACCOUNT = text(
    "INSERT INTO trading_account (platform, server, login, member_id, linked_at)"
    " VALUES (:platform, :server, :login, NULL, NULL) ON CONFLICT DO NOTHING"
)
_ACCOUNT = select(TradingAccount.id).where(
    TradingAccount.platform == bindparam("platform"),
    TradingAccount.server == bindparam("server"),
    TradingAccount.login == bindparam("login"),
)


def send(member_id: int, file_name: str, content: bytes, told: Told, *, now: datetime) -> int:
    """Keep a file for looking through; the import's id. Inside an open transaction.

    The caller has read it already, so that what is no statement was refused. The same file with the same answers is the
    same import while it is not confirmed. Raises MemberNotFound, TooManyImports and what `told.clean` raises.
    """
    said, digest = clean(told).as_json(), hashlib.sha256(content).digest()
    wallets.lock_present([member_id])
    waiting = connection().execute(_UNCONFIRMED, {"member": member_id}).all()
    for row in waiting:
        if bytes(row.digest) == digest and row.told == said:
            return int(row.id)
    if len(waiting) >= MOST_UNCONFIRMED:
        raise TooManyImports(most=MOST_UNCONFIRMED)
    values = {"member_id": member_id, "file_name": named(file_name, LONGEST_FILE_NAME), "digest": digest}
    import_id: int = connection().execute(_SEND, {**values, "told": said, "made_at": now}).scalar_one()
    connection().execute(_KEEP, {"import_id": import_id, "content": content})
    return import_id


def tell(member_id: int, import_id: int, told: Told, *, now: datetime) -> None:
    """Answer what a file leaves open: it is looked through again. Inside an open transaction.

    Raises ImportNotFound, ConfirmedAlready and what `told.clean` raises.
    """
    said = clean(told).as_json()
    row = _locked(member_id, import_id)
    if row.state not in UNCONFIRMED:
        raise ConfirmedAlready()
    _change(row, state="reading", told=said, figures={}, rows=0, reason=None, leased_until=None)


def confirm(member_id: int, import_id: int, *, now: datetime) -> None:
    """Have the rows stored, and ask for the account when it is not the member's. Inside an open transaction.

    A second time changes nothing. Raises MemberNotFound, ImportNotFound, StillReading, NotReadable, LoginNeeded,
    NothingToImport, ConfirmedAlready for what was undone meanwhile, and what asking for an account raises.
    """
    wallets.lock_present([member_id])
    row = _locked(member_id, import_id)
    if row.state in ("taking_back", "taken_back"):
        raise ConfirmedAlready()
    if row.state not in UNCONFIRMED:
        return
    _check_readable(row)
    names = {name: row.figures[name] for name in ("platform", "server", "login")}
    connection().execute(_MAKE_ACCOUNT, names)
    account_id: int = connection().execute(_ACCOUNT, names).scalar_one()
    is_linked = requests.ask_for(member_id, account_id, now=now) is None
    # What the import earns are lines of the ledger behind the last one of this moment.
    after: int = connection().execute(_SEQ, {"member": member_id}).scalar_one()
    values = {"figures": {**row.figures, "after": after}, "trust": trust_in(is_linked), "done": 0}
    values |= {"trading_account_id": account_id, "recorded_at": instant(member_id, now), "leased_until": None}
    _change(row, state="storing", **values)


def drop(member_id: int, import_id: int) -> None:
    """Forget a file that was not confirmed. Inside an open transaction. Raises ImportNotFound, ConfirmedAlready."""
    row = _locked(member_id, import_id)
    if row.state not in UNCONFIRMED:
        raise ConfirmedAlready()
    connection().execute(_DROP, {"of_import": row.id})


def take_back(member_id: int, import_id: int, *, now: datetime) -> None:
    """Undo an import that the broker has not approved. Inside an open transaction; a second time changes nothing.

    Raises ImportNotFound, NotConfirmed, ApprovedAlready.
    """
    row = _locked(member_id, import_id)
    if row.state in UNCONFIRMED:
        raise NotConfirmed()
    if row.state in ("approving", "approved"):
        raise ApprovedAlready()
    if row.state in ("storing", "stored"):
        begin_taking_back(row.id, decided_at=instant(member_id, now))


def begin_taking_back(
    import_id: int, *, decided_at: datetime, by: int | None = None, reason: str | None = None
) -> None:
    """Let the worker take an import back; its row is locked. The file is gone from here on."""
    forget_file(import_id)
    values = {"decided_at": decided_at, "decided_by": by, "reason": reason, "leased_until": None}
    connection().execute(_CHANGE.values(state="taking_back", done=0, reached=0, **values), {"of_import": import_id})


def forget_file(import_id: int) -> None:
    """Let the file of an import go, whose rows are stored or never will be. Inside an open transaction."""
    connection().execute(_FORGET, {"of_import": import_id})


def drop_old(now: datetime) -> int:
    """Forget the files that nobody confirmed for a day; how many. Inside an open transaction."""
    dropped = connection().execute(_DROP_OLD, {"before": now - KEPT})
    return int(dropped.rowcount)


def instant(member_id: int, now: datetime) -> datetime:
    """Now, but later than all that the member's imports did before: their activities are told apart by it.

    The order of these instants is the order in which the worker and the pipeline go through what the member did.
    """
    before = [at for at in connection().execute(_LAST, {"member": member_id}).one() if at is not None]
    return max([now, *(at + timedelta(microseconds=1) for at in before)])


def _check_readable(row: Any) -> None:
    if row.state == "reading":
        raise StillReading()
    if row.state == "unreadable":
        raise NotReadable()
    if not row.figures["login"]:
        raise LoginNeeded()
    if not row.rows:
        raise NothingToImport()


def _locked(member_id: int, import_id: int) -> Any:
    row = connection().execute(_LOCK, {"import_id": import_id, "member": member_id}).first()
    if row is None:
        raise ImportNotFound()
    return row


def _change(row: Any, **values: Any) -> None:
    connection().execute(_CHANGE.values(**values), {"of_import": row.id})
