"""The browsers that a member is signed in with: listed, and ended one by one or all but one."""

import hashlib
from datetime import datetime

from sqlalchemy import bindparam, select

from app.gamification.errors.members import BrowserNotFound
from app.gamification.members import sign_ins
from app.gamification.members.sign_ins import LONGEST_IDLE
from app.lib import browsers
from app.models.base import connection, read_all
from app.models.people import SignIn

ALL = "all"  # the handle that stands for every browser but this one
SHOWN = 50

_RECENT = select(SignIn.id, SignIn.created_at, SignIn.last_seen_at, SignIn.address, SignIn.browser).where(
    SignIn.member_id == bindparam("of_member"), SignIn.last_seen_at > bindparam("oldest")
)
_OPEN = _RECENT.where(SignIn.ended_at.is_(None)).order_by(SignIn.last_seen_at.desc()).limit(SHOWN)
# With those that ended: whoever presses twice has ended it all the same.
_IDS = select(SignIn.id).where(SignIn.member_id == bindparam("of_member"), SignIn.last_seen_at > bindparam("oldest"))


def of(member_id: int, *, now: datetime, this: bytes = b"") -> list[browsers.Browser]:
    """A member's browsers, this one first, then the one used last; one statement. `this` is the reader's sign-in."""
    rows = read_all(_OPEN, {"of_member": member_id, "oldest": now - LONGEST_IDLE})
    found = [browsers.shown(row, _handle(row.id), this) for row in rows]
    return sorted(found, key=lambda one: not one.is_this)


def end(member_id: int, handle: str, *, now: datetime) -> None:
    """End the browser that a page named so; ending it again changes nothing. Inside an open transaction.

    Raises BrowserNotFound for what is not this member's.
    """
    rows = connection().execute(_IDS, {"of_member": member_id, "oldest": now - LONGEST_IDLE}).scalars()
    named = next((bytes(sign_in_id) for sign_in_id in rows if _handle(sign_in_id) == handle), None)
    if named is None:
        raise BrowserNotFound()
    sign_ins.end(named, now=now)


def end_others(member_id: int, this: bytes, *, now: datetime) -> int:
    """End every browser but this one; how many there were. Inside an open transaction."""
    return sign_ins.end_all(member_id, now=now, but=this)


def _handle(sign_in_id: bytes) -> str:
    # One way: nobody who reads a page, or a picture of one, comes to the id that the cookie carries.
    return hashlib.sha256(b"laurel-sign-in" + bytes(sign_in_id)).hexdigest()[:20]
