"""The people who run the programme for the broker: they join, and they leave."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, text, update

from app.gamification import postbox
from app.gamification.audit import log
from app.gamification.errors.staff import LastOwner, StaffEmailTaken, StaffNotFound
from app.gamification.members.names import clean_email, clean_name
from app.gamification.members.passwords import check_strength, hash_password
from app.gamification.staff import letters, second_factor, sessions
from app.gamification.staff.rights import RIGHTS, Right, hold
from app.lib.clock import to_micros
from app.lib.i18n import best_language
from app.models.base import connection, read_all, read_one
from app.models.desk import StaffInvitation
from app.models.people import SignIn, Staff

OWNER = "owner"

# Whoever left and joins again is the same person to the audit log, with nothing left of their former secrets, and
# nobody whose desk a visitor of the demo may try.
_INSERT = text(
    """
    INSERT INTO staff (email, name, role, password_hash, language, created_at)
    VALUES (:email, :name, :role, :password_hash, :language, :now)
    ON CONFLICT (email) DO UPDATE SET name = excluded.name, role = excluded.role, language = excluded.language,
        password_hash = excluded.password_hash, demo_role = NULL, left_at = NULL
    WHERE staff.left_at IS NOT NULL
    RETURNING id
    """
)
_ENTITLED = [role for role, rights in RIGHTS.items() if Right.APPROVE in rights]
_OTHER_ENTITLED = (
    select(Staff.id)
    .where(Staff.left_at.is_(None), Staff.role.in_(_ENTITLED), Staff.id.not_in(bindparam("but", expanding=True)))
    .limit(1)
)
_PRESENT = (
    select(Staff.id, Staff.name, Staff.email, Staff.role, Staff.language)
    .where(Staff.left_at.is_(None))
    .order_by(Staff.id)
    .with_for_update(key_share=True)
)
_LOCK = _PRESENT.where(or_(Staff.role == OWNER, Staff.id.in_(bindparam("ids", expanding=True))))
_LOCK_ONE = _PRESENT.where(Staff.id == bindparam("staff"))
_LEAVE = update(Staff).where(Staff.id == bindparam("staff")).values(left_at=bindparam("now"))
_REVOKE_INVITATIONS = (
    update(StaffInvitation)
    .where(StaffInvitation.invited_by == bindparam("staff"), StaffInvitation.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)
_EVERYONE = select(
    Staff.id,
    Staff.name,
    Staff.email,
    Staff.role,
    Staff.totp_since,
    Staff.left_at,
    select(func.max(SignIn.last_seen_at)).where(SignIn.staff_id == Staff.id).scalar_subquery().label("last_seen"),
).order_by(Staff.left_at.is_not(None), Staff.id)
_BY_EMAIL = select(Staff.id).where(Staff.email == bindparam("address"), Staff.left_at.is_(None))


def create(email: str, name: str, role: str, password: str, *, now: datetime, language: str = "en") -> int:
    """Add somebody to the staff, or bring back who had left; returns their id. Inside an open transaction.

    Raises BadEmail, BadName, StaffEmailTaken and what `check_strength` raises.
    """
    email, name = clean_email(email), clean_name(name)
    check_strength(password, email, name)
    values = {"email": email, "name": name, "role": role, "password_hash": hash_password(password)}
    about = {"language": best_language(language), "now": to_micros(now)}
    staff_id = connection().execute(_INSERT, values | about).scalar()
    if staff_id is None:
        raise StaffEmailTaken(email=email)
    return int(staff_id)


def everyone() -> Sequence[Any]:
    """Everybody who is or was on the staff: id, name, email, role, totp_since, left_at, last_seen."""
    return read_all(_EVERYONE)


def id_of(email: str) -> int:
    """The id of whoever is on the staff with this address; raises BadEmail or StaffNotFound."""
    row = read_one(_BY_EMAIL, {"address": clean_email(email)})
    if row is None:
        raise StaffNotFound()
    return int(row.id)


def has_second_person(*but: int) -> bool:
    """Whether anybody but these people may approve. Inside an open transaction."""
    return connection().execute(_OTHER_ENTITLED, {"but": sorted(but)}).first() is not None


def lock(*ids: int) -> dict[int, Any]:
    """Lock these people and every owner, in one order, so that of two owners who drop each other one stays.

    Inside an open transaction, before anything else is locked; id → name, email, role, language of those at work.
    """
    return {row.id: row for row in connection().execute(_LOCK, {"ids": sorted(ids)})}


def lock_one(staff_id: int | None) -> Any:
    """Lock somebody at work; a row as `lock` finds it. Inside an open transaction; raises StaffNotFound."""
    row = connection().execute(_LOCK_ONE, {"staff": staff_id}).first()
    if row is None:
        raise StaffNotFound()
    return row


def keep_an_owner(locked: dict[int, Any], staff_id: int) -> None:
    """Refuse to lose the last owner; `locked` is what `lock` found. Raises LastOwner."""
    if [row.id for row in locked.values() if row.role == OWNER] == [staff_id]:
        raise LastOwner()


def leave(by: int | None, staff_id: int, *, now: datetime) -> None:
    """Let somebody go: their browsers are signed out at once, their secrets and the invitations they sent dropped.

    Inside an open transaction; `by` is None at the console. Raises NotEntitled, StaffNotFound, LastOwner.
    """
    locked = lock(staff_id) if by is None else lock(by, staff_id)
    if by is not None:
        hold({by: Right.OWN})
    if staff_id not in locked:
        raise StaffNotFound()
    keep_an_owner(locked, staff_id)
    someone = locked[staff_id]
    connection().execute(_LEAVE, {"staff": staff_id, "now": now})
    sessions.end_all(staff_id, now=now)
    second_factor.forget(staff_id)
    revoke_invitations_of(staff_id, now=now)
    postbox.send(letters.has_left(someone.name), someone.email, language=someone.language, now=now)
    log.record(by, "staff.leave", "staff", staff_id, now=now, before={"role": someone.role})


def revoke_invitations_of(staff_id: int, *, now: datetime) -> None:
    """End what somebody invited others with who may not invite any more. Inside an open transaction."""
    connection().execute(_REVOKE_INVITATIONS, {"staff": staff_id, "now": now})
