"""What staff decide about a request: the account is linked, or declined for a reason that the member reads."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam

from app.gamification.audit import log
from app.gamification.errors.desk import AlreadyDecided
from app.gamification.errors.trading_accounts import RequestNotFound, UnknownDeclineReason
from app.gamification.ledger import wallets
from app.gamification.staff.rights import Right, hold
from app.gamification.trading_accounts import answering, linking
from app.gamification.trading_accounts.reasons import REASONS
from app.models.base import connection
from app.models.history import AccountRequest

_ONE = answering.REQUESTS.where(AccountRequest.id == bindparam("request"))


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
