"""The browsers that somebody of the staff is signed in with: listed, and ended one by one."""

import hashlib
from datetime import datetime

from sqlalchemy import bindparam, select

from app.gamification.audit import log
from app.gamification.staff import sessions
from app.gamification.staff.rights import Right, hold
from app.lib import browsers
from app.models.base import read_all
from app.models.people import SignIn

ALL = "all"  # the handle that stands for every browser

_OPEN = (
    select(SignIn.id, SignIn.created_at, SignIn.last_seen_at, SignIn.address, SignIn.browser)
    .where(
        SignIn.staff_id == bindparam("of_staff"),
        SignIn.ended_at.is_(None),
        SignIn.confirmed_at.is_not(None),
        SignIn.created_at > bindparam("oldest"),
    )
    .order_by(SignIn.last_seen_at.desc())
)


def of(staff_id: int, *, now: datetime, this: bytes = b"") -> list[browsers.Browser]:
    """Somebody's browsers, the one used last first; `this` is the sign-in of the one who looks."""
    rows = read_all(_OPEN, {"of_staff": staff_id, "oldest": now - sessions.LONGEST})
    return [browsers.shown(row, _handle(row.id), this) for row in rows]


def end(by: int, staff_id: int, handle: str, *, now: datetime) -> None:
    """End the browser that a page named so, of this person and nobody else. Inside an open transaction.

    Raises NotEntitled: others' browsers are ended by owners.
    """
    hold({by: Right.READ if by == staff_id else Right.OWN})
    rows = read_all(_OPEN, {"of_staff": staff_id, "oldest": now - sessions.LONGEST})
    for sign_in_id in [bytes(row.id) for row in rows if _handle(row.id) == handle]:
        sessions.end(sign_in_id, now=now)
        log.record(by, "staff.end_sign_in", "staff", staff_id, now=now)


def end_all(by: int, staff_id: int, *, now: datetime, but: bytes = b"") -> int:
    """End all of somebody's browsers but one; returns how many. Inside an open transaction; raises NotEntitled."""
    hold({by: Right.READ if by == staff_id else Right.OWN})
    ended = sessions.end_all(staff_id, now=now, but=but)
    if ended:
        log.record(by, "staff.end_sign_in", "staff", staff_id, now=now, after={"ended": ended})
    return ended


def _handle(sign_in_id: bytes) -> str:
    return hashlib.sha256(b"laurel-browser" + bytes(sign_in_id)).hexdigest()[:20]
