"""Points by hand: made at once within the limits of one person, proposed to a second one above them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select

from app.gamification import programme
from app.gamification.approvals import proposals
from app.gamification.approvals.notes import clean_note
from app.gamification.audit import log
from app.gamification.errors.desk import ProposedAlready
from app.gamification.errors.members import MemberNotFound
from app.gamification.errors.points import BadAmount, FormSentAlready, NotEnoughPoints, NotThatManyPoints
from app.gamification.ledger import taking_back, wallets
from app.gamification.programme_settings import limits
from app.gamification.staff.rights import Right, hold
from app.lib.periods import day_of, start_of
from app.models.base import connection
from app.models.desk import Proposal
from app.models.history import StatementImport
from app.models.ledger import Adjustment, Wallet
from app.models.people import Member

LARGEST = 1_000_000_000
ADJUST, REVERSE = "points.adjust", "points.reverse"

_BY_TOKEN = select(Adjustment).where(Adjustment.token == bindparam("token"))
_TODAY = select(func.coalesce(func.sum(func.abs(Adjustment.amount)), 0)).where(
    Adjustment.staff_id == bindparam("by"), Adjustment.made_at >= bindparam("since"), Adjustment.proposal_id.is_(None)
)
# Approving a member's statement makes points available by one person's word just the same.
_STATEMENTS_TODAY = select(func.coalesce(func.sum(StatementImport.points), 0)).where(
    StatementImport.decided_by == bindparam("by"),
    StatementImport.decided_at >= bindparam("since"),
    StatementImport.state.in_(("approving", "approved")),
    StatementImport.proposal_id.is_(None),
)
_STANDING = (
    select(Member.entity_id, Member.country, Member.client_class, Wallet.available)
    .join(Wallet, Wallet.id == Member.id)
    .where(Member.id == bindparam("member"), Member.erased_at.is_(None))
)
_OPEN_OF_MEMBER = select(Proposal.payload).where(
    Proposal.kind == bindparam("kind"), Proposal.subject_id == bindparam("member"), Proposal.state == "open"
)
_PROPOSED = select(Proposal.proposed_by, Proposal.note).where(Proposal.id == bindparam("proposal"))


class Made(NamedTuple):
    """What came of it: an adjustment that was made, or a proposal that waits for a second person."""

    adjustment_id: int | None = None
    proposal_id: int | None = None


def adjust(by: int, member_id: int, amount: int, note: str, token: str, *, now: datetime) -> Made:
    """Add points to a member, or take them with a negative amount. Inside an open transaction.

    The same token gives the same result again. Raises NotEntitled, BadAmount, NoteMissing, NoteTooLong,
    MemberNotFound, NotThatManyPoints, ForbiddenByLaw, FormSentAlready.
    """
    # The lock on the person is also what keeps two forms at the same moment from sharing one day's limit.
    hold({by: Right.CARE})
    check_amount(amount)
    note = clean_note(note, needed=True)
    if (made := _made_with(token, by, member_id, amount)) is not None:
        return made
    # The note stands beside it: what is proposed stays for ever, and a note may name somebody who is to be erased.
    payload = {"amount": amount, "token": token}
    if (proposal_id := proposals.find(ADJUST, member_id, payload, by)) is not None:
        return Made(proposal_id=proposal_id)
    if any(other["token"] == token for other in _waiting(ADJUST, member_id)):
        raise FormSentAlready()
    check(member_id, amount)
    if is_above_limits(by, amount, now):
        return Made(proposal_id=proposals.propose(by, ADJUST, member_id, payload, now=now, note=note))
    adjustment_id = _make(member_id, payload, note, now, by)
    log.record(by, ADJUST, "member", member_id, now=now, after={"amount": amount, "adjustment": adjustment_id})
    return Made(adjustment_id=adjustment_id)


def reverse(by: int, member_id: int, seq: int, note: str, token: str, *, now: datetime) -> Made:
    """Propose to take one line of a member's ledger back. Inside an open transaction.

    Raises NotEntitled, NoteMissing, NoteTooLong, MemberNotFound, TransferNotFound, NotReversible, AlreadyReversed,
    ProposedAlready.
    """
    hold({by: Right.CARE})
    note = clean_note(note, needed=True)
    payload = {"seq": seq, "token": token}
    if (proposal_id := proposals.find(REVERSE, member_id, payload, by)) is not None:
        return Made(proposal_id=proposal_id)
    if any(other["seq"] == seq for other in _waiting(REVERSE, member_id)):
        raise ProposedAlready()
    return Made(proposal_id=proposals.propose(by, REVERSE, member_id, payload, now=now, note=note))


def adjust_approved(member_id: int, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
    """Make the adjustment that was approved. Inside the transaction of the approval."""
    proposer, note = proposed(proposal_id)
    _refuse_used(payload["token"])
    adjustment_id = _make(member_id, payload, note, now, proposer, proposal_id)
    facts = {"amount": payload["amount"], "adjustment": adjustment_id, "proposal": proposal_id}
    log.record(by, ADJUST, "member", member_id, now=now, after=facts)


def reverse_approved(member_id: int, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
    """Take the line back that was approved. Inside the transaction of the approval."""
    (proposer, note), seq = proposed(proposal_id), payload["seq"]
    _refuse_used(payload["token"])
    values = {"token": payload["token"], "proposal_id": proposal_id}
    adjustment_id = taking_back.reverse(member_id, seq, note, now, proposer, **values)
    facts = {"line": seq, "adjustment": adjustment_id, "proposal": proposal_id}
    log.record(by, REVERSE, "member", member_id, now=now, after=facts)


def check_amount(amount: int) -> None:
    """Raise BadAmount for what no adjustment can be."""
    if amount == 0 or abs(amount) > LARGEST:
        raise BadAmount(largest=LARGEST)


def check(member_id: int, amount: int) -> None:
    """Raise when this member's points cannot be changed by that, as things stand. Inside an open transaction.

    The wallet is locked first, so that nothing is written about somebody who is erased at this moment.
    """
    wallets.lock_present([member_id])
    row = connection().execute(_STANDING, {"member": member_id}).first()
    if row is None:
        raise MemberNotFound(member=member_id)
    if amount > 0:
        standing = programme.current().standing(row.entity_id, row.country, row.client_class)
        wallets.service_only(standing, member_id)
    elif row.available < -amount:
        raise NotThatManyPoints(short_by=-amount - row.available)


def proposed(proposal_id: int) -> tuple[int, str]:
    """Who proposed it, whose act it is though another approved, and why."""
    row = connection().execute(_PROPOSED, {"proposal": proposal_id}).one()
    return row.proposed_by, row.note


def left_today(by: int, now: datetime) -> int:
    """How many points this person may still give or take alone on the programme's day. Inside an open transaction."""
    zone = programme.current().zone
    since = start_of(day_of(now, zone), zone)
    of_person = {"by": by, "since": since}
    used = sum(int(connection().execute(sums, of_person).scalar_one()) for sums in (_TODAY, _STATEMENTS_TODAY))
    return max(0, limits.current().adjustment_day - used)


def is_above_limits(by: int, amount: int, now: datetime) -> bool:
    """Whether so many points need a second person. Inside an open transaction, with this one locked."""
    return abs(amount) > limits.current().adjustment or abs(amount) > left_today(by, now)


def _made_with(token: str, by: int, member_id: int, amount: int) -> Made | None:
    row = connection().execute(_BY_TOKEN, {"token": token}).first()
    if row is None:
        return None
    if (row.staff_id, row.wallet_id, row.amount) != (by, member_id, amount):
        raise FormSentAlready()
    return Made(row.id, row.proposal_id)


def _refuse_used(token: str) -> None:
    """A form of its own for each: raises FormSentAlready where something else was made with this token meanwhile."""
    if connection().execute(_BY_TOKEN, {"token": token}).first():
        raise FormSentAlready()


def _waiting(kind: str, member_id: int) -> list[Mapping[str, Any]]:
    return list(connection().execute(_OPEN_OF_MEMBER, {"kind": kind, "member": member_id}).scalars())


def _make(
    member_id: int, payload: Mapping[str, Any], note: str, now: datetime, staff_id: int, proposal_id: int | None = None
) -> int:
    amount, token = payload["amount"], payload["token"]
    try:
        return wallets.adjust(member_id, amount, note, now, staff_id, token=token, proposal_id=proposal_id)
    except NotEnoughPoints as refusal:
        # Said to the staff, not to the member whose points they are.
        raise NotThatManyPoints(**refusal.sentence.values) from refusal
