"""Two people of the staff: what one proposes, the other decides."""

from typing import Any

from sqlalchemy import Row, text

from app.gamification.approvals import proposals, reads
from app.lib import clock
from app.models.base import read_all, transaction
from tests.support.cast import Person


def approve(by: Person, proposal_id: int, digest: str | None = None) -> None:
    """Approve what stands there now, or what `digest` was shown for."""
    seen = reads.one(proposal_id).digest if digest is None else digest
    with transaction():
        proposals.approve(by.id, proposal_id, seen, now=clock.now())


def reject(by: Person, proposal_id: int, note: str = "") -> None:
    """Reject a proposal."""
    with transaction():
        proposals.reject(by.id, proposal_id, now=clock.now(), note=note)


def state_of(proposal_id: int) -> str:
    """What became of a proposal."""
    return reads.one(proposal_id).state


def adjustments() -> list[Row[Any]]:
    """Every adjustment, oldest first."""
    return list(read_all(text("SELECT * FROM adjustment ORDER BY id")))
