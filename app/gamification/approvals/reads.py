"""Reading proposals: the list, one in full, and what a second person has to know before deciding."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased
from structlog import get_logger

from app.gamification.approvals.registry import ProposalKind, Summary, every_kind, kind_of
from app.gamification.errors.desk import ProposalNotFound
from app.gamification.staff.rights import Right
from app.lib.i18n import Sentence, _l
from app.lib.registry import UnknownKind
from app.models.base import read_all, read_one
from app.models.desk import Proposal
from app.models.people import Staff

log = get_logger(__name__)

PAGE = 20
STATES = {
    "open": _l("Open"),
    "approved": _l("Approved"),
    "rejected": _l("Rejected"),
    "withdrawn": _l("Withdrawn"),
    "void": _l("Changed since"),
}

_PROPOSER, _DECIDER = aliased(Staff), aliased(Staff)
_ROWS = (
    select(
        Proposal.id,
        Proposal.kind,
        Proposal.subject_id,
        Proposal.payload,
        Proposal.digest,
        Proposal.note,
        Proposal.state,
        Proposal.proposed_by,
        _PROPOSER.name.label("proposer"),
        Proposal.proposed_at,
        Proposal.decided_by,
        _DECIDER.name.label("decider"),
        Proposal.decided_at,
        Proposal.decision_note,
    )
    .join(_PROPOSER, _PROPOSER.id == Proposal.proposed_by)
    .join(_DECIDER, _DECIDER.id == Proposal.decided_by, isouter=True)
)
_ONE = _ROWS.where(Proposal.id == bindparam("proposal_id"))


class Shown(NamedTuple):
    """A proposal as staff read it."""

    id: int
    kind: str
    kind_title: str  # marked for translation; the bare key where no kind of this programme has it
    approves: Right
    summary: Summary
    payload: Mapping[str, Any]
    digest: str  # hexadecimal
    note: str
    state: str
    proposed_by: int
    proposer: str
    proposed_at: datetime
    decided_by: int | None
    decider: str | None
    decided_at: datetime | None
    decision_note: str

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state == "open"

    @property
    def fingerprint(self) -> str:
        """The beginning of the digest, in groups of four that two people can read to each other."""
        return " ".join(self.digest[place : place + 4] for place in range(0, 16, 4))


def page(decided: bool, kind: str = "", before: int | None = None) -> list[Shown]:
    """Open proposals or decided ones, newest first; one more than a page, which says that there are older ones."""
    statement = _ROWS.where(Proposal.state != "open" if decided else Proposal.state == "open")
    if kind:
        statement = statement.where(Proposal.kind == kind)
    if before is not None:
        statement = statement.where(Proposal.id < before)
    return [_shown(row) for row in read_all(statement.order_by(Proposal.id.desc()).limit(PAGE + 1))]


def one(proposal_id: int) -> Shown:
    """A proposal by id; raises ProposalNotFound."""
    row = read_one(_ONE, {"proposal_id": proposal_id})
    if row is None:
        raise ProposalNotFound()
    return _shown(row)


def kinds() -> dict[str, str]:
    """Every kind that can be proposed: key → title, marked for translation."""
    return {kind.key: kind.title for kind in every_kind()}


def _shown(row: Any) -> Shown:
    kind = _kind(row.kind)
    return Shown(
        id=row.id,
        kind=row.kind,
        kind_title=kind.title if kind else row.kind,
        approves=kind.approves if kind else Right.APPROVE,
        summary=_summary(kind, row),
        payload=row.payload,
        digest=bytes(row.digest).hex(),
        note=row.note,
        state=row.state,
        proposed_by=row.proposed_by,
        proposer=row.proposer,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decider=row.decider,
        decided_at=row.decided_at,
        decision_note=row.decision_note,
    )


def _kind(key: str) -> type[ProposalKind] | None:
    try:
        return kind_of(key)
    except UnknownKind:
        return None


def _summary(kind: type[ProposalKind] | None, row: Any) -> Summary:
    """What the kind says of it; the bare title where it cannot, so that one proposal never hides the others."""
    if kind is None:
        unknown = Sentence(_l("This version of the programme does not know what this proposes."))
        return Summary(Sentence("%(kind)s", {"kind": row.kind}), icon="circle-question-mark", warnings=(unknown,))
    try:
        return kind.summary(row.subject_id, row.payload)
    except Exception as error:
        log.warning("a proposal cannot be summed up", proposal=row.id, kind=row.kind, error=repr(error))
        gone = Sentence(_l("What this changes cannot be shown: perhaps it is not there any more."))
        return Summary(Sentence(kind.title), icon="circle-question-mark", warnings=(gone,))
