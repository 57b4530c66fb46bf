"""What staff do for a member, each act with its entry in the audit log: block, link, unlink, sign out, mail, look on.

What the broker's own systems keep (country, class, entity, email) is theirs to correct and has no act here.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from app.gamification.audit import log
from app.gamification.errors.members import MemberErased, MemberNotFound, NoAddress, UnknownBlockReason
from app.gamification.ledger import wallets
from app.gamification.members import credentials, sign_ins
from app.gamification.members.credentials import Credentials
from app.gamification.staff.rights import Right, hold
from app.gamification.trading_accounts import linking
from app.gamification.trading_accounts.names import clean
from app.lib.i18n import _l
from app.models.base import connection
from app.models.people import Member

# Kept in the log for ever, and therefore by key: what staff would write there may name people.
BLOCK_REASONS = {
    "abuse": _l("Suspected abuse"),
    "review": _l("Under review"),
    "law": _l("The law or a supervisor asks for it"),
    "wish": _l("The member asked for it"),
}
_LOCK = (
    select(Member.id, Member.erased_at, Member.earning_blocked)
    .where(Member.id == bindparam("member_id"))
    .with_for_update(key_share=True)
)
_BLOCK = update(Member).where(Member.id == bindparam("of_member")).values(earning_blocked=bindparam("blocked"))


def block(by: int, member_id: int, reason: str, *, now: datetime) -> None:
    """Let a member earn nothing more, whatever is reported. Inside an open transaction; a second time does nothing.

    Raises NotEntitled, UnknownBlockReason, MemberNotFound, MemberErased.
    """
    hold({by: Right.CARE})
    if reason not in BLOCK_REASONS:
        raise UnknownBlockReason()
    _set_blocked(by, member_id, True, now, {"reason": reason})


def unblock(by: int, member_id: int, *, now: datetime) -> None:
    """Let a member earn again; what was reported meanwhile stays without points. Like `block`."""
    hold({by: Right.CARE})
    _set_blocked(by, member_id, False, now, None)


def link(by: int, member_id: int, platform: str, server: str, login: str, *, now: datetime) -> int:
    """Make a trading account the member's and queue what it did before; its id. Inside an open transaction.

    Raises NotEntitled, UnknownPlatform, BadServerName, BadAccountName, MemberNotFound, MemberErased, LinkedElsewhere.
    """
    hold({by: Right.CARE})
    return linking.link(member_id, *clean(platform, server, login), via="staff", by=by, now=now)


def unlink(by: int, member_id: int, account_id: int, *, now: datetime) -> None:
    """Let a trading account be nobody's. Inside an open transaction.

    What was counted stays the member's; what comes later waits. Raises NotEntitled, AccountNotFound.
    """
    hold({by: Right.CARE})
    linking.unlink(member_id, account_id, now=now, by=by)


def sign_out(by: int, member_id: int, *, now: datetime) -> int:
    """End every sign-in of a member; how many there were. Inside an open transaction.

    Raises NotEntitled, MemberNotFound.
    """
    hold({by: Right.CARE})
    _locked(member_id)
    ended = sign_ins.end_all(member_id, now=now)
    log.record(by, "member.sign_out", "member", member_id, now=now, after={"sign_ins": ended})
    return ended


def mail_reset(by: int, member_id: int, send: Callable[[Credentials], None], *, now: datetime) -> None:
    """Have a link for a new password mailed to a member; `send` writes the mail. Inside an open transaction.

    Raises NotEntitled, MemberNotFound, MemberErased, NoAddress.
    """
    hold({by: Right.CARE})
    _present(member_id)
    someone = credentials.of_member(member_id)
    if someone is None:
        raise NoAddress()
    send(someone)
    log.record(by, "member.mail_reset", "member", member_id, now=now)


def view(by: int, member_id: int, *, now: datetime) -> None:
    """Note that somebody of the staff looks at the programme as this member. Inside an open transaction.

    Raises NotEntitled, MemberNotFound, MemberErased.
    """
    hold({by: Right.CARE})
    _present(member_id)
    log.record(by, "member.view", "member", member_id, now=now)


def end_view(by: int, member_id: int, *, now: datetime) -> None:
    """Note that they look no more. Inside an open transaction."""
    log.record(by, "member.view_end", "member", member_id, now=now)


def _set_blocked(by: int, member_id: int, blocked: bool, now: datetime, facts: dict[str, Any] | None) -> None:
    # With the wallet, so that no round goes on counting for the member as it was.
    wallets.lock_in_order([member_id])
    if bool(_present(member_id).earning_blocked) == blocked:
        return
    connection().execute(_BLOCK, {"of_member": member_id, "blocked": blocked})
    log.record(by, "member.block" if blocked else "member.unblock", "member", member_id, now=now, after=facts)


def _present(member_id: int) -> Any:
    """The member's row, locked; raises MemberNotFound or MemberErased."""
    row = _locked(member_id)
    if row.erased_at is not None:
        raise MemberErased()
    return row


def _locked(member_id: int) -> Any:
    row = connection().execute(_LOCK, {"member_id": member_id}).first()
    if row is None:
        raise MemberNotFound(member=member_id)
    return row
