"""Proposals of some kinds that nobody has decided yet, for the pages of what they are about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from app.models.base import read_all
from app.models.desk import Proposal
from app.models.people import Staff


class Waiting(NamedTuple):
    """One of them, with who proposed it."""

    id: int
    kind: str
    subject_id: int | None
    draft_id: int | None
    payload: Mapping[str, Any]
    note: str
    proposed_by: int
    proposed_at: datetime
    proposer: str


_WAITING = (
    select(
        Proposal.id,
        Proposal.kind,
        Proposal.subject_id,
        Proposal.draft_id,
        Proposal.payload,
        Proposal.note,
        Proposal.proposed_by,
        Proposal.proposed_at,
        Staff.name,
    )
    .join(Staff, Staff.id == Proposal.proposed_by)
    .where(Proposal.state == "open", Proposal.kind.in_((bindparam("publishing"), bindparam("retiring"))))
    .order_by(Proposal.id)
)


def waiting(publishing: str, retiring: str) -> list[Waiting]:
    """Those of two kinds, the oldest first. One statement."""
    return [Waiting._make(row) for row in read_all(_WAITING, {"publishing": publishing, "retiring": retiring})]
