"""Members ask for their trading accounts. Nothing here tells whose an account is already."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from app.gamification.errors.members import AccountNotFound
from app.gamification.errors.trading_accounts import (
    AskedTooOften,
    RequestDecided,
    RequestNotFound,
    TooManyRequests,
    YoursAlready,
)
from app.gamification.ledger import wallets
from app.gamification.trading_accounts.names import Names, clean
from app.gamification.trading_accounts.servers import as_known
from app.models import bulk
from app.models.base import connection
from app.models.history import AccountRequest
from app.models.people import TradingAccount

MOST_OPEN = 20
# Each may make a row of an account that nobody has.
MOST_A_DAY = 60

_NAMES = {"platform": "text", "server": "text", "login": "text"}
# Held by its names, because who is erased takes those of the accounts along that nobody else ever spoke of.
_ACCOUNTS = (
    select(TradingAccount.id, TradingAccount.server, TradingAccount.member_id)
    .where(TradingAccount.platform == bindparam("platform"), TradingAccount.login == bindparam("login"))
    .order_by(TradingAccount.id)
    .with_for_update(read=True, key_share=True)
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
_STATE = select(AccountRequest.state).where(
    AccountRequest.id == bindparam("request"), AccountRequest.member_id == bindparam("of_member")
)
_WITHDRAW_ONE = _WITHDRAW.where(AccountRequest.id == bindparam("request"))


def request(member_id: int, platform: str, server: str, login: str, *, now: datetime) -> int:
    """Say that a trading account is the member's; the request's id. Inside an open transaction.

    Asking for the same again is the same request. An account of somebody else is asked for like any other. Raises
    UnknownPlatform, BadServerName, BadAccountName, YoursAlready, TooManyRequests, AskedTooOften, MemberNotFound.
    """
    names = clean(platform, server, login)
    names = names._replace(server=as_known(names.platform, names.server))
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
    conn, of_request = connection(), {"of_member": member_id, "request": request_id}
    state = conn.execute(_STATE, of_request).scalar()
    if state is None:
        raise RequestNotFound()
    if state == "withdrawn":
        return
    if not conn.execute(_WITHDRAW_ONE, of_request | {"now": now}).rowcount:
        raise RequestDecided()


def withdraw_all(member_id: int, *, now: datetime) -> int:
    """Take back whatever waits, such as when somebody else turns out to be the member; how many there were.

    Inside an open transaction, with the member's wallet locked.
    """
    return int(connection().execute(_WITHDRAW, {"of_member": member_id, "now": now}).rowcount)


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
