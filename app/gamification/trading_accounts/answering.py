"""Answering requests: what a link decides of itself, and telling those who asked, in the app and by mail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from app.gamification import postbox
from app.gamification.brand import brand
from app.gamification.messages.telling import tell
from app.gamification.trading_accounts import letters, messages
from app.gamification.trading_accounts.names import Names
from app.gamification.trading_accounts.reasons import NOT_THEIRS, told
from app.models.base import connection
from app.models.history import AccountRequest
from app.models.people import Member, TradingAccount

CONFIRMED, DECLINED = "confirmed", "declined"


REQUESTS = select(
    AccountRequest.id,
    AccountRequest.member_id,
    AccountRequest.trading_account_id,
    AccountRequest.state,
    TradingAccount.platform,
    TradingAccount.server,
    TradingAccount.login,
).join(TradingAccount, TradingAccount.id == AccountRequest.trading_account_id)
# Who links has locked no wallets but those of the new owners, and waits for nobody else: a request that its member is
# withdrawing, or whose member is being erased, is left to them.
_OPEN = (
    REQUESTS.where(
        AccountRequest.trading_account_id.in_(bindparam("accounts", expanding=True)),
        AccountRequest.state == "open",
    )
    .order_by(AccountRequest.id)
    .with_for_update(of=AccountRequest, key_share=True, skip_locked=True)
)
_WHO = (
    select(Member.id, Member.name, Member.email, Member.email_verified_at, Member.language)
    .where(Member.id.in_(bindparam("members", expanding=True)), Member.erased_at.is_(None))
    .order_by(Member.id)
    .with_for_update(read=True, key_share=True, skip_locked=True)
)
_ANSWER = (
    update(AccountRequest)
    .where(AccountRequest.id == bindparam("request_id"), AccountRequest.state == "open")
    .values(
        state=bindparam("answer"),
        decided_at=bindparam("now"),
        decided_by=bindparam("by"),
        via=bindparam("how"),
        reason=bindparam("why"),
    )
)


def settle(owner_of: Mapping[int, int], *, via: str, by: int | None, now: datetime) -> set[int]:
    """Answer the open requests for accounts that are somebody's now; the accounts that their owners had asked for.

    `owner_of` is account → member. Inside an open transaction, with the owners' wallets and the accounts locked.
    """
    rows = connection().execute(_OPEN, {"accounts": sorted(owner_of)}).all() if owner_of else []
    people = _people({row.member_id for row in rows})
    asked_for = set()
    for row in rows:
        is_theirs = owner_of[row.trading_account_id] == row.member_id
        if is_theirs:
            asked_for.add(row.trading_account_id)
        if row.member_id in people:
            reason = None if is_theirs else NOT_THEIRS
            _answer(row, people[row.member_id], reason, via=via, by=by, now=now)
    return asked_for


def decline(row: Any, reason: str, *, via: str, by: int | None, now: datetime) -> bool:
    """Decline an open request and tell who asked; whether it was still open, and they still there.

    `row` is one of `REQUESTS`. Inside an open transaction, with the
    member's wallet locked.
    """
    people = _people({row.member_id})
    return row.member_id in people and _answer(row, people[row.member_id], reason, via=via, by=by, now=now)


def _people(member_ids: set[int]) -> dict[int, Any]:
    if not member_ids:
        return {}
    return {row.id: row for row in connection().execute(_WHO, {"members": sorted(member_ids)})}


def _answer(row: Any, who: Any, reason: str | None, *, via: str, by: int | None, now: datetime) -> bool:
    """Confirm an open request, or with a reason decline it, and tell who asked."""
    state = CONFIRMED if reason is None else DECLINED
    values = {"request_id": row.id, "answer": state, "now": now, "by": by, "how": via, "why": reason}
    if not connection().execute(_ANSWER, values).rowcount:
        return False
    facts = {"account": row.trading_account_id, **({"reason": reason} if reason else {})}
    tell(row.member_id, messages.CONFIRMED if reason is None else messages.DECLINED, facts, now=now)
    # An address that nobody has confirmed may be somebody else's.
    if who.email is not None and who.email_verified_at is not None:
        names, house = Names(row.platform, row.server, row.login), brand().name
        letter = letters.confirmed(who.name, house, names)
        if reason is not None:
            letter = letters.declined(who.name, house, names, told(reason))
        postbox.send(letter, who.email, language=who.language, now=now, member_id=who.id)
    return True
