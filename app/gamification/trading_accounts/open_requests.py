"""Requests for trading accounts that wait for the broker's answer, as its systems read them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from app.models.base import read_all
from app.models.history import AccountRequest
from app.models.people import Member, TradingAccount

PAGE = 1000

_WAITING = (
    select(
        AccountRequest.id,
        AccountRequest.member_id,
        AccountRequest.made_at,
        Member.external_id,
        Member.email,
        Member.email_verified_at,
        TradingAccount.platform,
        TradingAccount.server,
        TradingAccount.login,
        TradingAccount.member_id.label("owner_id"),
    )
    .join(Member, Member.id == AccountRequest.member_id)
    .join(TradingAccount, TradingAccount.id == AccountRequest.trading_account_id)
    .where(AccountRequest.state == "open", AccountRequest.id > bindparam("after"), Member.erased_at.is_(None))
    .order_by(AccountRequest.id)
    .limit(PAGE)
)


def waiting(after: int) -> Sequence[Any]:
    """Open requests with a higher number, oldest first, at most a page."""
    return read_all(_WAITING, {"after": after})
