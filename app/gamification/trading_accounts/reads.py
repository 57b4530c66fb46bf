"""A member's trading accounts, and what became of those that they asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, literal, null, or_, select, type_coerce, union_all
from sqlalchemy.sql import Executable

from app.gamification.trading_accounts.reasons import told
from app.lib.i18n import Sentence
from app.models.base import read_all
from app.models.history import AccountRequest
from app.models.people import TradingAccount

SHOWN = 50  # of the requests, with all that wait

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
