"""What staff decide about an import: approved, its account is the member's and its points become available.

One person may approve as many points as they may add by hand; above that a second one has to agree.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from app.gamification import postbox
from app.gamification.approvals import proposals
from app.gamification.audit import log
from app.gamification.brand import brand
from app.gamification.errors.desk import ProposedAlready
from app.gamification.errors.statements import (
    ImportNotFound,
    MorePointsByNow,
    NotStoredYet,
    NotWaiting,
    SomebodyElsesAccount,
    UnknownRejection,
)
from app.gamification.ledger import adjusting, wallets
from app.gamification.ledger.adjusting import Made
from app.gamification.members import credentials
from app.gamification.messages.telling import tell
from app.gamification.staff.rights import Right, hold
from app.gamification.statements import letters, messages
from app.gamification.statements.sending import begin_taking_back, instant
from app.gamification.statements.words import REJECTIONS, rejected
from app.gamification.trading_accounts import linking
from app.models.base import connection
from app.models.desk import Proposal
from app.models.history import StatementImport as Sent
from app.models.people import TradingAccount

APPROVE, REJECT = "statement.approve", "statement.reject"
SUBJECT = "statement_import"

_WHOSE = select(Sent.member_id).where(Sent.id == bindparam("import_id"))
_LOCK = (
    select(
        Sent.id,
        Sent.member_id,
        Sent.state,
        Sent.points,
        Sent.figures,
        Sent.decided_by,
        Sent.proposal_id,
        Sent.trading_account_id,
        TradingAccount.platform,
        TradingAccount.server,
        TradingAccount.login,
        TradingAccount.currency,
        TradingAccount.member_id.label("owner_id"),
    )
    .join(TradingAccount, TradingAccount.id == Sent.trading_account_id, isouter=True)
    .where(Sent.id == bindparam("import_id"))
    .with_for_update(of=Sent)
)
_OPEN = select(Proposal.id).where(
    Proposal.kind == APPROVE, Proposal.subject_id == bindparam("import_id"), Proposal.state == "open"
)
_APPROVE = (
    update(Sent)
    .where(Sent.id == bindparam("of_import"))
    .values(
        state="approving",
        done=0,
        reached=0,
        leased_until=None,
        decided_by=bindparam("by"),
        decided_at=bindparam("now"),
        proposal_id=bindparam("proposal"),
    )
)
_SET_CURRENCY = (
    update(TradingAccount)
    .where(TradingAccount.id == bindparam("account_id"), TradingAccount.currency.is_(None))
    .values(currency=bindparam("code"))
)


def approve(by: int, import_id: int, *, token: str, now: datetime) -> Made:
    """Say that an import is right, or propose it above what one person may do. Inside an open transaction.

    The same person's second press changes nothing. Raises NotEntitled, ImportNotFound, MemberNotFound for who was
    erased, NotWaiting, NotStoredYet, SomebodyElsesAccount, ProposedAlready.
    """
    hold({by: Right.CARE})
    row = _locked(import_id)
    if row.state in ("approving", "approved") and row.decided_by == by:
        return Made(proposal_id=row.proposal_id)
    payload = {"member": row.member_id, "points": row.points, "token": token}
    if (proposal_id := proposals.find(APPROVE, import_id, payload, by)) is not None:
        return Made(proposal_id=proposal_id)
    _check(row)
    if connection().execute(_OPEN, {"import_id": import_id}).first() is not None:
        raise ProposedAlready()
    if adjusting.is_above_limits(by, row.points, now):
        return Made(proposal_id=proposals.propose(by, APPROVE, import_id, payload, now=now))
    _approve(row, by, now)
    return Made()


def check_proposed(import_id: int, payload: Mapping[str, Any]) -> None:
    """Raise when what was proposed cannot be done as things stand. Inside an open transaction."""
    row = _locked(import_id)
    _check(row)
    if row.points > payload["points"]:
        raise MorePointsByNow(points=row.points)


def approve_proposed(import_id: int, proposal_id: int, by: int, now: datetime) -> None:
    """Approve what a second person agreed to. Inside the transaction of the approval."""
    _approve(_locked(import_id), by, now, proposal_id)


def reject(by: int, import_id: int, reason: str, *, now: datetime) -> None:
    """Take an import back that is not right, for one of `words.REJECTIONS`, and tell its member.

    Inside an open transaction. Raises NotEntitled, UnknownRejection, ImportNotFound, MemberNotFound, NotWaiting.
    """
    hold({by: Right.CARE})
    if reason not in REJECTIONS:
        raise UnknownRejection()
    row = _locked(import_id)
    if row.state not in ("storing", "stored"):
        raise NotWaiting()
    decided_at = instant(row.member_id, now)
    begin_taking_back(row.id, decided_at=decided_at, by=by, reason=reason)
    tell(row.member_id, messages.REJECTED, {"import": row.id, "reason": reason}, now=now)
    if (someone := credentials.at_confirmed_address(row.member_id)) is not None:
        letter = letters.rejected(someone.name, brand().name, row.id, rejected(reason))
        postbox.send(letter, someone.email, language=someone.language, now=now, member_id=someone.id)
    facts = {"member": row.member_id, "reason": reason, "points": row.points}
    log.record(by, REJECT, SUBJECT, import_id, now=now, after=facts)


def _approve(row: Any, by: int, now: datetime, proposal_id: int | None = None) -> None:
    # First the row: whoever takes the account for somebody else meanwhile makes the link refuse, and all of this falls.
    connection().execute(
        _APPROVE, {"of_import": row.id, "by": by, "now": instant(row.member_id, now), "proposal": proposal_id}
    )
    linking.link(row.member_id, row.platform, row.server, row.login, via="staff", by=by, now=now)
    if currency := row.figures.get("currency"):
        connection().execute(_SET_CURRENCY, {"account_id": row.trading_account_id, "code": currency})
    facts = {"member": row.member_id, "account": row.trading_account_id, "points": row.points}
    log.record(by, APPROVE, SUBJECT, row.id, now=now, after=facts | ({"proposal": proposal_id} if proposal_id else {}))


def _check(row: Any) -> None:
    if row.state == "storing":
        raise NotStoredYet()
    if row.state != "stored":
        raise NotWaiting()
    if row.owner_id not in (None, row.member_id):
        raise SomebodyElsesAccount(login=row.login)


def _locked(import_id: int) -> Any:
    """The import with its account, its member's wallet locked first; raises ImportNotFound, MemberNotFound."""
    member_id = connection().execute(_WHOSE, {"import_id": import_id}).scalar()
    if member_id is None:
        raise ImportNotFound()
    wallets.lock_present([member_id])
    row = connection().execute(_LOCK, {"import_id": import_id}).first()
    if row is None or row.trading_account_id is None:
        raise ImportNotFound()
    return row
