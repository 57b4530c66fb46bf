"""Invitations to the staff: a link that is good once, for three days; only its hash is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from app.gamification import postbox
from app.gamification.approvals import proposals
from app.gamification.audit import log
from app.gamification.errors.staff import InvitationDead, InvitationNotFound, InvitationOpen, StaffEmailTaken
from app.gamification.members.names import clean_email, clean_name
from app.gamification.staff import letters, people
from app.gamification.staff.rights import Right, hold
from app.models.base import connection, read_one
from app.models.desk import StaffInvitation
from app.models.people import Staff

KIND = "staff.invite"  # of the proposal
VALID = timedelta(days=3)
# Reads everything and changes nothing: an owner invites as many as they like.
NEEDS_NOBODY = "viewer"

_TAKEN = select(Staff.id).where(Staff.email == bindparam("address"), Staff.left_at.is_(None))
_OPEN = StaffInvitation.ended_at.is_(None)
_LOCK = select(StaffInvitation).where(StaffInvitation.id == bindparam("invitation"), _OPEN).with_for_update()
_OF_ADDRESS = select(StaffInvitation).where(StaffInvitation.email == bindparam("address"), _OPEN).with_for_update()
_BY_TOKEN = select(StaffInvitation).where(
    StaffInvitation.token_hash == bindparam("hashed"), _OPEN, StaffInvitation.expires_at > bindparam("now")
)
_ISSUE = (
    update(StaffInvitation)
    .where(StaffInvitation.id == bindparam("invitation"))
    .values(token_hash=bindparam("hashed"), expires_at=bindparam("until"))
)
_END = (
    update(StaffInvitation)
    .where(StaffInvitation.id == bindparam("invitation"))
    .values(ended_at=bindparam("now"), staff_id=bindparam("joined"))
)
_LANGUAGE = select(Staff.language).where(Staff.id == bindparam("staff"))


class Invited(NamedTuple):
    """An invitation that was made: its link's token, shown once, or the proposal that it waits for."""

    id: int
    token: str | None
    proposal_id: int | None


def invite(by: int, email: str, name: str, role: str, *, now: datetime, note: str = "") -> Invited:
    """Invite somebody by mail, or propose it where a second person has to agree. Inside an open transaction.

    Raises NotEntitled, BadEmail, BadName, StaffEmailTaken, InvitationOpen.
    """
    hold({by: Right.OWN})
    email, name = clean_email(email), clean_name(name)
    if connection().execute(_TAKEN, {"address": email}).first():
        raise StaffEmailTaken(email=email)
    _make_room(email, now)
    values = {"email": email, "name": name, "role": role, "invited_by": by, "created_at": now}
    made = connection().execute(insert(StaffInvitation).values(**values).returning(StaffInvitation.id))
    invitation_id: int = made.scalar_one()
    needs_somebody = role != NEEDS_NOBODY
    if needs_somebody and people.has_second_person(by):
        proposal_id = proposals.propose(by, KIND, invitation_id, {"role": role}, now=now, note=note)
        return Invited(invitation_id, None, proposal_id)
    token = issue(by, invitation_id, now=now, alone=needs_somebody)
    return Invited(invitation_id, token, None)


def issue(by: int, invitation_id: int, *, now: datetime, alone: bool = False) -> str:
    """Make an invitation's link and mail it; returns its token. Inside an open transaction.

    A link made before is worth nothing from now on. Raises InvitationNotFound.
    """
    row = _locked(invitation_id)
    token = secrets.token_urlsafe(32)
    values = {"invitation": invitation_id, "hashed": _hash(token), "until": now + VALID}
    connection().execute(_ISSUE, values)
    language = connection().execute(_LANGUAGE, {"staff": row.invited_by}).scalar() or "en"
    postbox.send(letters.invited(row.name, row.role, token), row.email, language=language, now=now)
    after = {"role": row.role} | ({"alone": True} if alone else {})
    log.record(by, "invitation.send", "invitation", invitation_id, now=now, after=after)
    return token


def send_again(by: int, invitation_id: int, *, now: datetime) -> str:
    """Replace an invitation's link by a new one, good for three days. Inside an open transaction.

    Raises NotEntitled, InvitationNotFound; an invitation that was never sent still waits for a second person.
    """
    hold({by: Right.OWN})
    if _locked(invitation_id).token_hash is None:
        raise InvitationNotFound()
    return issue(by, invitation_id, now=now)


def revoke(by: int, invitation_id: int, *, now: datetime) -> None:
    """Make an invitation worthless. Inside an open transaction; raises NotEntitled, InvitationNotFound."""
    hold({by: Right.OWN})
    _locked(invitation_id)
    connection().execute(_END, {"invitation": invitation_id, "now": now, "joined": None})
    log.record(by, "invitation.revoke", "invitation", invitation_id, now=now)


def opened_by(token: str, *, now: datetime) -> Any:
    """The invitation whose link this is, as long as it can be used; raises InvitationDead."""
    row = read_one(_BY_TOKEN, {"hashed": _hash(token), "now": now})
    if row is None:
        raise InvitationDead()
    return row


def accept(token: str, name: str, password: str, *, language: str, now: datetime) -> int:
    """Join the staff by a link, which is used up by that; returns the id. Inside an open transaction.

    Raises InvitationDead, BadName, StaffEmailTaken and what `check_strength` raises.
    """
    row = connection().execute(_BY_TOKEN.with_for_update(), {"hashed": _hash(token), "now": now}).first()
    if row is None:
        raise InvitationDead()
    staff_id = people.create(row.email, name, row.role, password, now=now, language=language)
    connection().execute(_END, {"invitation": row.id, "now": now, "joined": staff_id})
    after = {"role": row.role, "invitation": row.id}
    log.record(staff_id, "staff.join", "staff", staff_id, now=now, after=after)
    return staff_id


def _make_room(email: str, now: datetime) -> None:
    """End what is left of an invitation that nobody can use any more; raises InvitationOpen for one that works."""
    row = connection().execute(_OF_ADDRESS, {"address": email}).first()
    if row is None:
        return
    if row.expires_at is None or row.expires_at > now:
        raise InvitationOpen(email=email)
    connection().execute(_END, {"invitation": row.id, "now": now, "joined": None})


def _locked(invitation_id: int) -> Any:
    row = connection().execute(_LOCK, {"invitation": invitation_id}).first()
    if row is None:
        raise InvitationNotFound()
    return row


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
