"""Points for many members at once: proposed as a list of ids and amounts, given by a second person, all or nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.gamification import programme
from app.gamification.activities import PaysFor
from app.gamification.approvals import proposals
from app.gamification.approvals.notes import clean_note
from app.gamification.audit import log
from app.gamification.errors.members import MemberNotFound
from app.gamification.errors.points import AwardNotPossible, BadAward
from app.gamification.ledger import wallets
from app.gamification.ledger.adjusting import LARGEST, proposed
from app.gamification.policy.packs import Verdict
from app.gamification.staff.rights import Right, hold
from app.models import bulk
from app.models.base import connection, in_transaction, reader

AWARD = "points.award"
MOST = 10_000

_MEMBERS = (
    "SELECT m.id, m.name, m.entity_id, m.country, m.client_class FROM ids CROSS JOIN member m ON m.id = ids.id"
    " WHERE m.erased_at IS NULL"
)

Awards = Sequence[tuple[int, int]]  # (member, points)


class Receiver(NamedTuple):
    """A member who is to be given points, and what the law says to it."""

    id: int
    name: str
    verdict: Verdict


def propose(by: int, awards: Awards, note: str, token: str, *, now: datetime) -> int:
    """Ask for a second person; the proposal's id, the same for the same form. Inside an open transaction.

    Raises NotEntitled, NoteMissing, NoteTooLong, BadAward, AwardNotPossible.
    """
    hold({by: Right.CARE})
    note = clean_note(note, needed=True)
    payload = {"awards": sorted(map(list, awards)), "token": token}
    if (found := proposals.find(AWARD, None, payload, by)) is not None:
        return found
    return proposals.propose(by, AWARD, None, payload, now=now, note=note)


def check(payload: Mapping[str, Any]) -> None:
    """Raise BadAward for a list that is none, AwardNotPossible while somebody on it cannot be given points."""
    awards = payload["awards"]
    ids = {member_id for member_id, _ in awards}
    if not 1 <= len(awards) <= MOST or len(ids) != len(awards):
        raise BadAward(most=MOST, largest=LARGEST)
    if not all(0 < points <= LARGEST for _, points in awards):
        raise BadAward(most=MOST, largest=LARGEST)
    open_to = {one.id for one in receivers(ids) if one.verdict < Verdict.RECOGNITION}
    if barred := sorted(ids - open_to):
        raise AwardNotPossible(count=len(barred), member=barred[0])


def give(payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
    """Give what was approved. Inside the transaction of the approval."""
    awards, (proposer, note) = dict(payload["awards"]), proposed(proposal_id)
    try:
        wallets.award(awards, note, now, proposer, proposal_id)
    except MemberNotFound as refusal:
        raise AwardNotPossible(count=1, **refusal.sentence.values) from refusal
    facts = {"members": len(awards), "points": sum(awards.values())}
    log.record(by, AWARD, "proposal", proposal_id, now=now, after=facts)


def receivers(ids: set[int]) -> list[Receiver]:
    """Those of these members who are there, by id."""
    if in_transaction():
        rows = bulk.select_by_ids(connection(), _MEMBERS, sorted(ids))
    else:
        with reader().connect() as conn:
            rows = bulk.select_by_ids(conn, _MEMBERS, sorted(ids))
    standing = programme.current().standing
    found = (
        Receiver(
            row.id,
            row.name,
            standing(row.entity_id, row.country, row.client_class).judge(PaysFor.SERVICE),
        )
        for row in rows
    )
    return sorted(found)
