"""What is proposed and what was approved about one thing: who asked for a second person, and who that was."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from app.models.base import read_all, read_one
from app.models.desk import Proposal
from app.models.people import Staff


class Signed(NamedTuple):
    """A proposal that became a revision; the moment is that of the revision."""

    proposal_id: int
    at: datetime
    proposer: str
    approver: str


class Waiting(NamedTuple):
    """A proposal that nobody has decided yet."""

    id: int
    proposed_by: int
    proposer: str
    at: datetime


_PROPOSER, _APPROVER = aliased(Staff), aliased(Staff)
_APPROVED = (
    select(Proposal.id, Proposal.decided_at, _PROPOSER.name, _APPROVER.name)
    .join(_PROPOSER, _PROPOSER.id == Proposal.proposed_by)
    .join(_APPROVER, _APPROVER.id == Proposal.decided_by)
    .where(Proposal.kind == bindparam("of"), Proposal.state == "approved")
)
_APPROVED_OF = _APPROVED.where(Proposal.subject_id == bindparam("subject"))
_OPEN = (
    select(Proposal.id, Proposal.proposed_by, _PROPOSER.name, Proposal.proposed_at)
    .join(_PROPOSER, _PROPOSER.id == Proposal.proposed_by)
    .where(Proposal.kind == bindparam("of"), Proposal.state == "open")
    .order_by(Proposal.id.desc())
)
_OPEN_OF = _OPEN.where(Proposal.subject_id == bindparam("subject"))
_OPEN_OF_DRAFT = _OPEN.where(Proposal.draft_id == bindparam("draft"))


def by_moment(kind: str, subject_id: int) -> dict[datetime, Signed]:
    """Who put which revision of a thing in force, by the moment of its publication."""
    rows = read_all(_APPROVED_OF, {"of": kind, "subject": subject_id})
    return {row.decided_at: Signed._make(row) for row in rows}


def waiting(kind: str, subject_id: int) -> Waiting | None:
    """The open proposal about a thing."""
    row = read_one(_OPEN_OF, {"of": kind, "subject": subject_id})
    return None if row is None else Waiting._make(row)


def waiting_of_draft(kind: str, draft_id: int) -> Waiting | None:
    """The open proposal of a draft."""
    row = read_one(_OPEN_OF_DRAFT, {"of": kind, "draft": draft_id})
    return None if row is None else Waiting._make(row)
