"""Members ask for their trading accounts, and the broker answers. Nothing here tells whose an account is already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    bindparam,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.sql import Executable

from app.gamification.audit import log
from app.gamification.errors.desk import AlreadyDecided
from app.gamification.errors.members import AccountNotFound
from app.gamification.errors.trading_accounts import (
    AskedTooOften,
    RequestDecided,
    RequestNotFound,
    TooManyRequests,
    UnknownDeclineReason,
    YoursAlready,
)
from app.gamification.ledger import wallets
from app.gamification.staff.rights import Right, hold
from app.gamification.trading_accounts import answering, linking
from app.gamification.trading_accounts.names import Names, clean
from app.gamification.trading_accounts.reasons import REASONS, told
from app.lib.i18n import Sentence
from app.models import bulk
from app.models.base import connection, read_all
from app.models.history import AccountRequest
from app.models.people import TradingAccount

MOST_OPEN = 20
# Each may make a row of an account that nobody has.
MOST_A_DAY = 60
SHOWN = 50

_NAMES = {"platform": "text", "server": "text", "login": "text"}
_ACCOUNTS = (
    select(TradingAccount.id, TradingAccount.server, TradingAccount.member_id)
    .where(TradingAccount.platform == bindparam("platform"), TradingAccount.login == bindparam("login"))
    .order_by(TradingAccount.id)
)
_ACCOUNT = select(TradingAccount.member_id, TradingAccount.login).where(TradingAccount.id == bindparam("account"))
_OF_ACCOUNT = select(AccountRequest.id).where(
    AccountRequest.member_id == bindparam("member"),
    AccountRequest.trading_account_id == bindparam("account"),
    AccountRequest.state == "open",
)
_COUNT = select(
    func.count().filter(AccountRequest.state == "open"),
    func.count().filter(AccountRequest.made_at > bindparam("since", type_=AccountRequest.made_at.type)),
).where(AccountRequest.member_id == bindparam("member"))
_ASK = insert(AccountRequest).returning(AccountRequest.id)
_WITHDRAW = (
    update(AccountRequest)
    .where(AccountRequest.member_id == bindparam("of_member"), AccountRequest.state == "open")
    .values(state="withdrawn", decided_at=bindparam("now"), via="member")
)
_WITHDRAW_ONE = _WITHDRAW.where(AccountRequest.id == bindparam("request"))
_EXISTS = select(AccountRequest.id).where(
    AccountRequest.id == bindparam("request"), AccountRequest.member_id == bindparam("member")
)
_ONE = (
    select(
        AccountRequest.id,
        AccountRequest.member_id,
        AccountRequest.trading_account_id,
        AccountRequest.state,
        TradingAccount.platform,
        TradingAccount.server,
        TradingAccount.login,
    )
    .join(TradingAccount, TradingAccount.id == AccountRequest.trading_account_id)
    .where(AccountRequest.id == bindparam("request"))
)
_LINKED_TO = select(
    TradingAccount.id,
    TradingAccount.platform,
    TradingAccount.server,
    TradingAccount.login,
    TradingAccount.currency,
    TradingAccount.linked_at.label("at"),
    literal(0).label("request"),
    literal("").label("state"),
    type_coerce(null(), AccountRequest.decided_at.type).label("decided_at"),
    null().label("reason"),
).where(TradingAccount.member_id == bindparam("member"))
_ASKED_BY = (
    select(
        TradingAccount.id,
        TradingAccount.platform,
        TradingAccount.server,
        TradingAccount.login,
        null().label("currency"),
        AccountRequest.made_at,
        AccountRequest.id,
        AccountRequest.state,
        AccountRequest.decided_at,
        AccountRequest.reason,
    )
    .join(TradingAccount, TradingAccount.id == AccountRequest.trading_account_id)
    .where(
        AccountRequest.member_id == bindparam("member"),
        or_(
            AccountRequest.state == "open",
            AccountRequest.id.in_(
                select(AccountRequest.id)
                .where(AccountRequest.member_id == bindparam("member"))
                .order_by(AccountRequest.id.desc())
                .limit(SHOWN)
            ),
        ),
    )
)
_OF_MEMBER: Executable = union_all(_LINKED_TO, _ASKED_BY).order_by("request", "id")


@dataclass(frozen=True)
class Account:
    """A trading account that is linked to the member."""

    id: int
    platform: str
    server: str
    login: str
    currency: str | None
    linked_at: datetime


@dataclass(frozen=True)
class Asked:
    """A request of the member; `state` is open, confirmed, declined or withdrawn, `reason` says why it was declined."""

    id: int
    account_id: int
    platform: str
    server: str
    login: str
    state: str
    made_at: datetime
    decided_at: datetime | None
    reason: Sentence | None


class Accounts(NamedTuple):
    """What is linked, oldest first, and what was asked for, newest first."""

    linked: tuple[Account, ...]
    asked: tuple[Asked, ...]


def request(member_id: int, platform: str, server: str, login: str, *, now: datetime) -> int:
    """Say that a trading account is the member's; the request's id. Inside an open transaction.

    Asking for the same again is the same request. An account of somebody else is asked for like any other. Raises
    UnknownPlatform, BadServerName, BadAccountName, YoursAlready, TooManyRequests, AskedTooOften, MemberNotFound.
    """
    names = clean(platform, server, login)
    wallets.lock_present([member_id])
    known = _known(member_id, names)
    if known is not None and known.member_id == member_id:
        raise YoursAlready(login=names.login)
    if known is not None and (asked := _open(member_id, known.id)) is not None:
        return asked
    _check_count(member_id, now)
    if known is None:
        bulk.insert_new(connection(), "trading_account", _NAMES, [names])
        known = _known(member_id, names)
    return _ask(member_id, known.id, now)


def ask_for(member_id: int, account_id: int, *, now: datetime) -> int | None:
    """The same for an account that is known by its id, such as that of a statement; None when it is theirs already.

    Inside an open transaction. Raises AccountNotFound, TooManyRequests, AskedTooOften, MemberNotFound.
    """
    wallets.lock_present([member_id])
    account = connection().execute(_ACCOUNT, {"account": account_id}).first()
    if account is None:
        raise AccountNotFound()
    if account.member_id == member_id:
        return None
    if (asked := _open(member_id, account_id)) is not None:
        return asked
    _check_count(member_id, now)
    return _ask(member_id, account_id, now)


def withdraw(member_id: int, request_id: int, *, now: datetime) -> None:
    """Take a request back; a second time does nothing more. Inside an open transaction.

    Raises RequestNotFound, also for what is not theirs, and RequestDecided.
    """
    wallets.lock_in_order([member_id])
    conn, of_request = connection(), {"member": member_id, "request": request_id}
    row = conn.execute(_ONE, {"request": request_id}).first()
    if conn.execute(_EXISTS, of_request).first() is None or row is None:
        raise RequestNotFound()
    if row.state == "withdrawn":
        return
    if not conn.execute(_WITHDRAW_ONE, {"of_member": member_id, "request": request_id, "now": now}).rowcount:
        raise RequestDecided()


def withdraw_all(member_id: int, *, now: datetime) -> int:
    """Take back whatever waits, such as when somebody else turns out to be the member; how many there were.

    Inside an open transaction, with the member's wallet locked.
    """
    return int(connection().execute(_WITHDRAW, {"of_member": member_id, "now": now}).rowcount)


def confirm(by: int, request_id: int, *, now: datetime) -> int:
    """Link what was asked for; the account's id. Inside an open transaction.

    Raises NotEntitled, RequestNotFound, AlreadyDecided, LinkedElsewhere, MemberErased.
    """
    row = _decidable(by, request_id)
    linking.link(row.member_id, row.platform, row.server, row.login, via="staff", by=by, now=now)
    return int(row.trading_account_id)


def decline(by: int, request_id: int, reason: str, *, now: datetime) -> None:
    """Refuse what was asked for, for one of `REASONS`, and tell the member. Inside an open transaction.

    Raises NotEntitled, UnknownDeclineReason, RequestNotFound, AlreadyDecided.
    """
    if reason not in REASONS:
        raise UnknownDeclineReason()
    row = _decidable(by, request_id)
    if not answering.decline(row, reason, via="staff", by=by, now=now):
        raise AlreadyDecided()
    after = {"account": row.trading_account_id, "reason": reason}
    log.record(by, "member.decline_account", "member", row.member_id, now=now, after=after)


def of_member(member_id: int) -> Accounts:
    """The member's accounts, and the requests that wait or are among the latest; one statement."""
    rows: Sequence[Any] = read_all(_OF_MEMBER, {"member": member_id})
    linked = tuple(
        Account(row.id, row.platform, row.server, row.login, row.currency, row.at) for row in rows if not row.state
    )
    asked = [
        Asked(
            row.request,
            row.id,
            row.platform,
            row.server,
            row.login,
            row.state,
            row.at,
            row.decided_at,
            told(row.reason) if row.state == "declined" else None,
        )
        for row in rows
        if row.state
    ]
    return Accounts(linked, tuple(reversed(asked)))


def _known(member_id: int, names: Names) -> Any:
    """The account's row as it is stored, or None; a server is found however its letters are written."""
    rows = connection().execute(_ACCOUNTS, {"platform": names.platform, "login": names.login}).all()
    alike = [row for row in rows if row.server.lower() == names.server.lower()]
    # Their own first, then the one that is written alike.
    alike.sort(key=lambda row: (row.member_id != member_id, row.server != names.server))
    return alike[0] if alike else None


def _open(member_id: int, account_id: int) -> int | None:
    found: int | None = connection().execute(_OF_ACCOUNT, {"member": member_id, "account": account_id}).scalar()
    return found


def _check_count(member_id: int, now: datetime) -> None:
    values = {"member": member_id, "since": now - timedelta(days=1)}
    waiting, today = connection().execute(_COUNT, values).one()
    if waiting >= MOST_OPEN:
        raise TooManyRequests(most=MOST_OPEN)
    if today >= MOST_A_DAY:
        raise AskedTooOften(most=MOST_A_DAY)


def _ask(member_id: int, account_id: int, now: datetime) -> int:
    values = {"member_id": member_id, "trading_account_id": account_id, "state": "open", "made_at": now}
    return int(connection().execute(_ASK, values).scalar_one())


def _decidable(by: int, request_id: int) -> Any:
    """An open request, its member's wallet locked, so that nothing but a link to somebody else answers it meanwhile."""
    hold({by: Right.CARE})
    row = connection().execute(_ONE, {"request": request_id}).first()
    if row is None:
        raise RequestNotFound()
    wallets.lock_in_order([row.member_id])
    row = connection().execute(_ONE, {"request": request_id}).one()
    if row.state != "open":
        raise AlreadyDecided()
    return row
