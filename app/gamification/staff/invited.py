"""Reading the invitations: who was invited, by whom, and what came of it."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import bindparam, exists, select

from app.gamification.staff.invitations import KIND
from app.lib.i18n import _l
from app.models.base import read_all
from app.models.desk import Proposal, StaffInvitation
from app.models.people import Staff

MOST = 200


class State(StrEnum):
    """Where an invitation stands."""

    OPEN = "open"
    WAITING = "waiting"
    REFUSED = "refused"
    EXPIRED = "expired"
    JOINED = "joined"
    REVOKED = "revoked"


TITLES = {
    State.OPEN: _l("Sent"),
    State.WAITING: _l("Waits for a second person"),
    State.REFUSED: _l("Not approved"),
    State.EXPIRED: _l("Expired"),
    State.JOINED: _l("Joined"),
    State.REVOKED: _l("Revoked"),
}


class Invitation(NamedTuple):
    """One invitation as it stands; `expires_at` is None as long as it has no link."""

    id: int
    email: str
    name: str
    role: str
    created_at: datetime
    expires_at: datetime | None
    staff_id: int | None
    inviter: str | None
    state: State

    @property
    def can_send(self) -> bool:
        """Whether a new link may be made for it."""
        return self.state in (State.OPEN, State.EXPIRED)

    @property
    def can_revoke(self) -> bool:
        """Whether there is anything left of it."""
        return self.state in (State.OPEN, State.EXPIRED, State.WAITING, State.REFUSED)


_WAITS = exists().where(Proposal.kind == KIND, Proposal.subject_id == StaffInvitation.id, Proposal.state == "open")
_NEWEST = (
    select(
        StaffInvitation.id,
        StaffInvitation.email,
        StaffInvitation.name,
        StaffInvitation.role,
        StaffInvitation.created_at,
        StaffInvitation.expires_at,
        StaffInvitation.staff_id,
        Staff.name.label("inviter"),
        StaffInvitation.ended_at,
        _WAITS.label("waits"),
    )
    .join(Staff, Staff.id == StaffInvitation.invited_by, isouter=True)
    .order_by(StaffInvitation.ended_at.is_not(None), StaffInvitation.id.desc())
    .limit(bindparam("most"))
)


def newest(now: datetime) -> list[Invitation]:
    """The invitations that still lead somewhere, then the others, newest first. One statement."""
    return [Invitation._make((*row[:8], _state(row, now))) for row in read_all(_NEWEST, {"most": MOST})]


def _state(row: tuple[object, ...], now: datetime) -> State:
    expires_at, staff_id, ended_at, waits = row[5], row[6], row[8], row[9]
    if ended_at is not None:
        return State.JOINED if staff_id is not None else State.REVOKED
    if not isinstance(expires_at, datetime):
        return State.WAITING if waits else State.REFUSED
    return State.OPEN if expires_at > now else State.EXPIRED
