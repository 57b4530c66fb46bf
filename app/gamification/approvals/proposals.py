"""Proposing, approving, rejecting and withdrawing; what was approved is exactly what was proposed."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.gamification.approvals.notes import clean_note
from app.gamification.approvals.registry import ProposalKind, is_about_staff, kind_of
from app.gamification.audit import log
from app.gamification.errors.desk import (
    AlreadyDecided,
    DraftNotFound,
    OwnProposal,
    ProposalChanged,
    ProposalNotFound,
    ProposedAlready,
    SecondPersonNeeded,
    UnknownProposal,
)
from app.gamification.errors.staff import NotEntitled
from app.gamification.staff.rights import Right, hold
from app.lib.registry import UnknownKind
from app.models.base import connection
from app.models.desk import Draft, Proposal

_LOCK = select(Proposal).where(Proposal.id == bindparam("proposal_id")).with_for_update()
_WHO = select(Proposal.proposed_by, Proposal.kind, Proposal.draft_id, Proposal.subject_id).where(
    Proposal.id == bindparam("proposal_id")
)
_LOCK_DRAFT = select(Draft.id).where(Draft.id == bindparam("draft_id")).with_for_update()
_DECIDE = (
    update(Proposal)
    .where(Proposal.id == bindparam("proposal_id"), Proposal.state == "open")
    .values(
        state=bindparam("to"),
        decided_by=bindparam("by"),
        decided_at=bindparam("now"),
        decision_note=bindparam("why"),
    )
)
_SAME = (
    select(Proposal.id)
    .where(Proposal.digest == bindparam("digest"), Proposal.proposed_by == bindparam("by"))
    .order_by(Proposal.id)
    .limit(1)
)
_OPEN_OF_DRAFT = select(Proposal.id).where(Proposal.draft_id == bindparam("draft"), Proposal.state == "open")
# What somebody withdraws or rejects at this moment is waited for, and then is open no more.
_LOCK_OPEN_OF_DRAFT = _OPEN_OF_DRAFT.with_for_update()


def digest_of(kind: str, subject_id: int | None, payload: Mapping[str, Any]) -> bytes:
    """SHA-256 of what is proposed, so that the approver's page and the approval speak of the same thing."""
    return hashlib.sha256(_canonical([kind, subject_id, payload]).encode()).digest()


def propose(
    by: int,
    kind: str,
    subject_id: int | None,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    note: str = "",
    draft_id: int | None = None,
) -> int:
    """Ask for a second person; the proposal's id. Inside an open transaction.

    Of a draft the payload is what `drafts.locked` said in this transaction: then no save can slip in between, and the
    next one voids the proposal. Raises NotEntitled, DraftNotFound, NoteTooLong, what the kind's `check` raises, and,
    for a draft that is proposed already, ProposedAlready.
    """
    chosen = kind_of(kind)
    hold({by: chosen.proposes})
    if draft_id is not None:
        if connection().execute(_LOCK_DRAFT, {"draft_id": draft_id}).first() is None:
            raise DraftNotFound()
        if connection().execute(_OPEN_OF_DRAFT, {"draft": draft_id}).first():
            raise ProposedAlready()
    # As it will be read back: what JSON turns into something else must not change the digest.
    payload = json.loads(_canonical(payload))
    chosen.check(subject_id, payload)
    values = {"kind": kind, "subject_id": subject_id, "draft_id": draft_id, "payload": payload}
    values["note"] = clean_note(note)
    digest = digest_of(kind, subject_id, payload)
    made = connection().execute(
        insert(Proposal).values(**values, digest=digest, proposed_by=by, proposed_at=now).returning(Proposal.id)
    )
    proposal_id: int = made.scalar_one()
    facts = {"kind": kind, "subject": subject_id, "digest": digest.hex()}
    log.record(by, "proposal.open", "proposal", proposal_id, now=now, after=facts)
    return proposal_id


def approve(by: int, proposal_id: int, seen_digest: str, *, now: datetime, note: str = "") -> None:
    """Make a proposal happen. Inside an open transaction.

    Locks are taken in the order people, draft, proposal, what it is about, the end of the audit log.
    Both people are locked and must be entitled at this moment; the approver is another person than the proposer and
    approves the very bytes that `seen_digest` (hexadecimal) was shown for. Raises ProposalNotFound, AlreadyDecided,
    OwnProposal, UnknownProposal, NotEntitled, SecondPersonNeeded (the proposer lost the right to propose it),
    ProposalChanged and what the kind's `check` raises.
    """
    proposer, kind, draft_id, subject_id = _who(proposal_id)
    if proposer == by:
        raise OwnProposal()
    chosen = _known(kind)
    if chosen is None:
        raise UnknownProposal()
    _hold_both(by, chosen.approves, proposer, chosen.proposes, _people_of(chosen, subject_id))
    if draft_id is not None:
        connection().execute(_LOCK_DRAFT, {"draft_id": draft_id})
    row = _open(proposal_id)
    if digest_of(row.kind, row.subject_id, row.payload) != bytes(row.digest) or bytes(row.digest).hex() != seen_digest:
        raise ProposalChanged()
    chosen.check(row.subject_id, row.payload)
    _decide(proposal_id, "approved", by, now, note)
    chosen.apply(row.subject_id, row.payload, proposal_id, by, now)
    log.record(by, "proposal.approve", "proposal", proposal_id, now=now, after={"digest": seen_digest})


def reject(by: int, proposal_id: int, *, now: datetime, note: str = "") -> None:
    """Refuse a proposal, with a reason for its author. Inside an open transaction."""
    proposer, kind, _, _ = _who(proposal_id)
    if proposer == by:
        raise OwnProposal()
    chosen = _known(kind)
    hold({by: chosen.approves if chosen else Right.APPROVE})
    _open(proposal_id)
    _decide(proposal_id, "rejected", by, now, note)
    log.record(by, "proposal.reject", "proposal", proposal_id, now=now)


def withdraw(by: int, proposal_id: int, *, now: datetime) -> None:
    """Take one's own proposal back. Inside an open transaction; raises NotEntitled for somebody else's."""
    proposer, _, _, _ = _who(proposal_id)
    if proposer != by:
        raise NotEntitled()
    hold({by: Right.READ})
    _open(proposal_id)
    _decide(proposal_id, "withdrawn", by, now, "")
    log.record(by, "proposal.withdraw", "proposal", proposal_id, now=now)


def void_of_draft(by: int, draft_id: int, *, now: datetime) -> None:
    """Let a draft's open proposal fall: it was changed, so that what was proposed is not what it says any more."""
    for proposal_id in connection().execute(_LOCK_OPEN_OF_DRAFT, {"draft": draft_id}).scalars().all():
        _decide(proposal_id, "void", by, now, "")
        log.record(by, "proposal.void", "proposal", proposal_id, now=now)


def find(kind: str, subject_id: int | None, payload: Mapping[str, Any], by: int) -> int | None:
    """The proposal that this person made with these very words: a form that is sent twice. Inside a transaction."""
    digest = digest_of(kind, subject_id, json.loads(_canonical(payload)))
    found: int | None = connection().execute(_SAME, {"digest": digest, "by": by}).scalar()
    return found


def _canonical(value: Any) -> str:
    # No NaN, which PostgreSQL's JSON does not know.
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False, allow_nan=False)


def _known(kind: str) -> type[ProposalKind] | None:
    try:
        return kind_of(kind)
    except UnknownKind:
        return None


def _who(proposal_id: int) -> tuple[int, str, int | None, int | None]:
    row = connection().execute(_WHO, {"proposal_id": proposal_id}).first()
    if row is None:
        raise ProposalNotFound()
    return row.proposed_by, row.kind, row.draft_id, row.subject_id


def _people_of(kind: type[ProposalKind], subject_id: int | None) -> tuple[int, ...]:
    return (subject_id,) if subject_id is not None and is_about_staff(kind) else ()


def _hold_both(approver: int, approves: Right, proposer: int, proposes: Right, beside: tuple[int, ...]) -> None:
    try:
        hold({approver: approves, proposer: proposes}, beside)
    except NotEntitled:
        # Which of the two it is: the approver's own right first, so that nobody learns of others' by trying.
        hold({approver: approves})
        raise SecondPersonNeeded() from None


def _open(proposal_id: int) -> Any:
    row = connection().execute(_LOCK, {"proposal_id": proposal_id}).first()
    if row is None:
        raise ProposalNotFound()
    if row.state != "open":
        raise AlreadyDecided()
    return row


def _decide(proposal_id: int, to: str, by: int, now: datetime, note: str) -> None:
    connection().execute(_DECIDE, {"proposal_id": proposal_id, "to": to, "by": by, "now": now, "why": clean_note(note)})
