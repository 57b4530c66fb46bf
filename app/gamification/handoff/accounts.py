"""The trading accounts that the broker's site names with the client it signs in."""

from datetime import datetime

from sqlalchemy import bindparam, select

from app.gamification.errors import Conflict
from app.gamification.errors.members import LinkedElsewhere
from app.gamification.handoff.links import Account
from app.gamification.trading_accounts import linking, requests
from app.gamification.trading_accounts.names import Names
from app.models.base import connection
from app.models.history import AccountRequest
from app.models.people import TradingAccount

_ACCOUNTS = select(TradingAccount.platform, TradingAccount.server, TradingAccount.login, TradingAccount.currency).where(
    TradingAccount.member_id == bindparam("owner")
)
_ASKED_BEFORE = (
    select(AccountRequest.id)
    .join(TradingAccount, TradingAccount.id == AccountRequest.trading_account_id)
    .where(
        AccountRequest.member_id == bindparam("member"),
        TradingAccount.platform == bindparam("platform"),
        TradingAccount.server == bindparam("server"),
        TradingAccount.login == bindparam("login"),
    )
)


def link_accounts(member_id: int, accounts: tuple[Account, ...], now: datetime) -> tuple[int, int]:
    """Link what is not the member's yet; how many are somebody else's, and of how many staff hear now.

    What is somebody else's waits among the requests, where staff see both; once they have answered, it is not asked
    again.
    """
    named = {Names(one.platform.lower(), one.server, str(one.login)): one.currency for one in accounts}
    own = {Names(*row[:3]): row.currency for row in connection().execute(_ACCOUNTS, {"owner": member_id})}
    wanted = [
        linking.Wanted(member_id, names, currency)
        for names, currency in sorted(named.items())
        if names not in own or (currency and currency != own[names])
    ]
    if not wanted:
        return 0, 0
    made = linking.link_all(wanted, via="handoff", by=None, now=now)
    refused = [one.names for one, result in zip(wanted, made, strict=True) if isinstance(result, LinkedElsewhere)]
    return len(refused), sum(_ask(member_id, names, now) for names in refused)


def _ask(member_id: int, names: Names, now: datetime) -> bool:
    if connection().execute(_ASKED_BEFORE, {"member": member_id, **names._asdict()}).first():
        return False
    try:
        requests.request(member_id, *names, now=now)
    except Conflict:  # more wait already than one member may ask for
        return False
    return True
