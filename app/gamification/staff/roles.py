"""Changing what somebody may do: less of it at once, more of it with a second person."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from app.gamification import postbox
from app.gamification.approvals import proposals
from app.gamification.audit import log
from app.gamification.errors.staff import OwnRole, SameRole, StaffNotFound
from app.gamification.staff import letters, people, sessions
from app.gamification.staff.rights import ROLES, Right, hold
from app.models.base import connection
from app.models.people import Staff

KIND = "staff.role"  # of the proposal
_SET = update(Staff).where(Staff.id == bindparam("staff")).values(role=bindparam("to"))


def change(by: int, staff_id: int, role: str, *, now: datetime, note: str = "") -> int | None:
    """Give somebody another role; returns the proposal that waits for a second person, None when it is done.

    What lowers somebody's rights is done at once, and so is everything while nobody else could approve it. Inside an
    open transaction. Raises NotEntitled, OwnRole, StaffNotFound, SameRole, LastOwner.
    """
    locked = people.lock(by, staff_id)
    hold({by: Right.OWN})
    if by == staff_id:
        raise OwnRole()
    if staff_id not in locked:
        raise StaffNotFound()
    before = locked[staff_id].role
    if role == before:
        raise SameRole()
    raises = ROLES.index(role) > ROLES.index(before)
    if raises and people.has_second_person(by, staff_id):
        return proposals.propose(by, KIND, staff_id, {"from": before, "to": role}, now=now, note=note)
    if not raises:
        people.keep_an_owner(locked, staff_id)
    give(by, locked[staff_id], role, now=now, alone=raises)
    return None


def give(by: int, someone: Any, role: str, *, now: datetime, alone: bool = False) -> None:
    """Write a role down and tell its holder, whose browsers all start anew. Inside an open transaction.

    `someone` is a row of `people.lock`; `alone` is noted where there was nobody to ask for approval.
    """
    connection().execute(_SET, {"staff": someone.id, "to": role})
    sessions.end_all(someone.id, now=now)
    if someone.role == people.OWNER:
        people.revoke_invitations_of(someone.id, now=now)
    postbox.send(letters.role_changed(someone.name, role), someone.email, language=someone.language, now=now)
    after = {"role": role} | ({"alone": True} if alone else {})
    log.record(by, "staff.role", "staff", someone.id, now=now, before={"role": someone.role}, after=after)
