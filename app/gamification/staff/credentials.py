"""Who of the staff somebody is by email and password, and how a password becomes another one."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from app.gamification import postbox
from app.gamification.audit import log
from app.gamification.errors.members import BadEmail, WrongPassword
from app.gamification.errors.staff import WrongStaffSignIn
from app.gamification.members.names import clean_email
from app.gamification.members.passwords import check_strength, hash_password, is_outdated, is_password
from app.gamification.staff import letters, sessions
from app.models.base import connection, read_one
from app.models.people import Staff


class Credentials(NamedTuple):
    """What is known of somebody who is not signed in yet."""

    id: int
    email: str
    name: str
    password_hash: str
    language: str
    has_factor: bool


_THERE = select(
    Staff.id, Staff.email, Staff.name, Staff.password_hash, Staff.language, Staff.totp_since.is_not(None)
).where(Staff.left_at.is_(None))
_BY_EMAIL = _THERE.where(Staff.email == bindparam("address"))
_BY_ID = _THERE.where(Staff.id == bindparam("staff"))
_BY_DEMO_ROLE = _THERE.where(Staff.demo_role == bindparam("role"))
_LOCK = _BY_ID.with_for_update(key_share=True)
_SET_PASSWORD = update(Staff).where(Staff.id == bindparam("staff")).values(password_hash=bindparam("hash"))


def find(email: str) -> Credentials | None:
    """Whoever of the staff has this address; None for nobody, for who has left, and for what is no address."""
    try:
        return _credentials(read_one(_BY_EMAIL, {"address": clean_email(email)}))
    except BadEmail:
        return None


def find_demo(role: str) -> Credentials | None:
    """One of the demo staff by the role played."""
    return _credentials(read_one(_BY_DEMO_ROLE, {"role": role}))


def authenticate(email: str, password: str) -> Credentials:
    """Whoever gives the right password; raises WrongStaffSignIn, after as long for an unknown address as for a wrong
    password."""
    someone = find(email)
    if not is_password(password, someone.password_hash if someone else None) or someone is None:
        raise WrongStaffSignIn()
    return someone


def is_password_of(staff_id: int, password: str) -> bool:
    """Whether it is this person's password."""
    someone = _credentials(read_one(_BY_ID, {"staff": staff_id}))
    return is_password(password, someone.password_hash if someone else None)


def renew_hash(someone: Credentials, password: str) -> None:
    """Hash a password that was just found right with the parameters of today. Inside an open transaction."""
    if is_outdated(someone.password_hash):
        _set_password(someone.id, password)


def change_password(staff_id: int, present: str, new: str, *, sign_in_id: bytes, now: datetime) -> None:
    """Set a new password, end the person's other sign-ins, and tell them. Inside an open transaction.

    Raises WrongPassword, or what `check_strength` raises.
    """
    someone = _credentials(connection().execute(_LOCK, {"staff": staff_id}).first())
    if someone is None or not is_password(present, someone.password_hash):
        raise WrongPassword()
    check_strength(new, someone.email, someone.name)
    _set_password(staff_id, new)
    sessions.end_all(staff_id, but=sign_in_id, now=now)
    postbox.send(letters.password_changed(someone.name), someone.email, language=someone.language, now=now)
    log.record(staff_id, "staff.password", "staff", staff_id, now=now)


def _set_password(staff_id: int, password: str) -> None:
    connection().execute(_SET_PASSWORD, {"staff": staff_id, "hash": hash_password(password)})


def _credentials(row: Any) -> Credentials | None:
    return None if row is None else Credentials._make((*row[:5], bool(row[5])))
