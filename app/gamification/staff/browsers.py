"""The browsers that somebody of the staff is signed in with: listed, and ended one by one."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from app.gamification.staff import sessions
from app.lib import browsers
from app.models.base import read_all
from app.models.people import SignIn

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


class Browser(NamedTuple):
    """A browser that is signed in; `handle` names it on a page, where its id, which opens the desk, must not stand."""

    handle: str
    since: datetime
    last_seen: datetime
    address: str
    name: str
    system: str
    is_phone: bool
    is_this: bool


def of(staff_id: int, *, now: datetime, this: bytes = b"") -> list[Browser]:
    """Somebody's browsers, the one used last first; `this` is the sign-in of the one who looks."""
    rows = read_all(_OPEN, {"of_staff": staff_id, "oldest": now - sessions.LONGEST})
    return [
        Browser(
            _handle(row.id),
            row.created_at,
            row.last_seen_at,
            row.address or "",
            *browsers.named(row.browser),
            browsers.is_phone(row.browser),
            bytes(row.id) == this,
        )
        for row in rows
    ]


def end(staff_id: int, handle: str, *, now: datetime) -> int:
    """End the browser that a page named so, of this person and nobody else; returns how many that were.

    Inside an open transaction.
    """
    rows = read_all(_OPEN, {"of_staff": staff_id, "oldest": now - sessions.LONGEST})
    ended = [bytes(row.id) for row in rows if _handle(row.id) == handle]
    for sign_in_id in ended:
        sessions.end(sign_in_id, now=now)
    return len(ended)


def _handle(sign_in_id: bytes) -> str:
    return hashlib.sha256(b"laurel-browser" + bytes(sign_in_id)).hexdigest()[:20]
