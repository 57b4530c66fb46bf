"""Rules in the hands of staff, for tests: written, proposed and approved as two people would."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.gamification import drafts
from app.gamification.accrual.definition import Definition, read_definition
from app.gamification.accrual.publishing import drafting, revisions
from app.gamification.accrual.publishing.revisions import RuleView
from app.gamification.accrual.publishing.written import Written, plain_definition, read_written
from app.gamification.accrual.telling.whom import Run
from app.gamification.approvals import proposals
from app.lib import clock
from app.models.base import read_all, transaction
from app.models.desk import Proposal
from tests.support.cast import Person


def rule_id(key: str) -> int:
    """A rule's id by its key."""
    found = revisions.of_key(key)
    assert found is not None, f"there is no rule {key}"
    return found


def view(key: str, now: datetime | None = None) -> RuleView:
    """A rule with all its revisions."""
    return revisions.one(rule_id(key), now or clock.now())


def changed(definition: Definition, **changes: Any) -> Definition:
    """The definition with some of it said otherwise."""
    return read_definition(plain_definition(definition) | changes)


def write(
    by: Person,
    key: str,
    *,
    first: date | None = None,
    last: date | None = None,
    now: datetime | None = None,
    **changes: Any,
) -> int:
    """A draft of a rule's next revision with these changes; its id."""
    now = now or clock.now()
    with transaction():
        draft_id = drafting.begin_revision(by.id, rule_id(key), now=now)
    rewrite(by, draft_id, first=first, last=last, now=now, **changes)
    return draft_id


def rewrite(
    by: Person,
    draft_id: int,
    *,
    first: date | None = None,
    last: date | None = None,
    now: datetime | None = None,
    **changes: Any,
) -> None:
    """Save a draft with these changes."""
    draft = drafts.read(draft_id)
    assert draft is not None
    written = read_written(draft.definition)
    with transaction():
        new = Written(changed(written.definition, **changes), Run(first, last))
        drafting.save(by.id, draft_id, new, draft.version, now=now or clock.now())


def propose(by: Person, draft_id: int, *, now: datetime | None = None) -> int:
    """The proposal to publish a draft."""
    with transaction():
        return drafting.propose(by.id, draft_id, "", now=now or clock.now())


def approve(by: Person, proposal_id: int, *, now: datetime | None = None) -> None:
    """Let a second person decide, having seen what is proposed."""
    with transaction():
        proposals.approve(by.id, proposal_id, digest(proposal_id), now=now or clock.now())


def publish(author: Person, approver: Person, key: str, *, now: datetime | None = None, **written: Any) -> RuleView:
    """Write, propose and approve a rule's next revision; the rule afterwards."""
    draft_id = write(author, key, now=now, **written)
    approve(approver, propose(author, draft_id, now=now), now=now)
    return view(key, now)


def digest(proposal_id: int) -> str:
    """What the approver's page names."""
    (row,) = read_all(select(Proposal.digest).where(Proposal.id == proposal_id))
    return bytes(row.digest).hex()


def payload(proposal_id: int) -> Mapping[str, Any]:
    """What is proposed."""
    (row,) = read_all(select(Proposal.payload).where(Proposal.id == proposal_id))
    found: Mapping[str, Any] = row.payload
    return found
