"""Who of the staff is behind a request: a sign-in row beside the member's own, so that one browser can hold both."""

import time
from datetime import datetime
from typing import Any

from flask import Flask, Response, abort, g, request, session

from app.gamification.staff import sessions
from app.lib import clock
from app.models.base import transaction
from app.routes.session import DESK, seen_from
from app.routes.tokens import NAME as CSRF

# Everything that the browser's session holds for the desk begins with the same word.
COOKIE, SEEN = DESK, f"{DESK}_seen"
PREFIX = "/admin"
SEEN_EVERY = 60


class CurrentStaff(sessions.SignedInStaff):
    """The signed-in staff person, as pages show them."""

    __slots__ = ()


def at_desk() -> bool:
    """Whether this request is for a page of the staff area."""
    return is_of_desk(request.path)


def is_of_desk(address: str) -> bool:
    """Whether an address of ours leads into the staff area."""
    return address == PREFIX or address.startswith((f"{PREFIX}/", f"{PREFIX}?"))


def signed_in_staff() -> CurrentStaff | None:
    """The staff person behind this request, or None; read once a request."""
    if "desk" not in g:
        g.desk = _load()
    found: CurrentStaff | None = g.desk
    return found


def current_staff() -> CurrentStaff:
    """The staff person behind a request to a page that only staff see."""
    return signed_in_staff() or abort(401)


def half_signed_in() -> sessions.HalfSignedIn | None:
    """Whoever gave the right password in this browser and owes the code; read once a request."""
    if "half_desk" not in g:
        g.half_desk = sessions.read_half(cookie(), clock.now())
    found: sessions.HalfSignedIn | None = g.half_desk
    return found


def begin(staff_id: int, *, now: datetime) -> None:
    """Sign this browser half in, until the code is given, and end what it carried before.

    Inside an open transaction.
    """
    if former := half_signed_in() or signed_in_staff():
        sessions.end(former.sign_in_id, now=now)
    become(sessions.start(staff_id, **seen_from(), now=now, confirmed=False))


def complete(half: sessions.HalfSignedIn, by: str, *, now: datetime) -> None:
    """Sign this browser in for good, under a new id; `by` names what took the code's place, if anything.

    Inside an open transaction; raises SignInTookTooLong.
    """
    become(sessions.complete(half, by, now=now))


def become(carried: str) -> None:
    """Let this browser carry a sign-in. The member's own stays; what was signed for the former stranger does not."""
    finish()
    session[COOKIE], session[SEEN] = carried, int(time.time())


def finish() -> None:
    """Let this browser forget its staff, and all that it carried for them."""
    for name in [name for name in session if name.startswith(COOKIE)] + [CSRF]:
        session.pop(name, None)
    for kept in ("desk", "half_desk", "language", "reader_zone", CSRF):
        g.pop(kept, None)


def read_again() -> None:
    """Forget what this request knows of its staff: something about them has just changed."""
    for kept in ("desk", "language", "reader_zone"):
        g.pop(kept, None)


def cookie() -> str:
    """The sign-in that this browser carries, half or whole; "" for none."""
    carried: Any = session.get(COOKIE, "")
    return carried if isinstance(carried, str) else ""


def is_idle() -> bool:
    """Whether the browser read its last staff page more than half an hour ago.

    Reads never write, so the cookie, which is signed, carries the time and not the row.
    """
    seen: Any = session.get(SEEN, 0)
    return not isinstance(seen, int) or time.time() - seen > sessions.LONGEST_IDLE.total_seconds()


def _load() -> CurrentStaff | None:
    carried = cookie()
    if not carried or is_idle():
        return None
    found = sessions.read(carried, clock.now())
    return None if found is None else CurrentStaff._make(found)


def _see(response: Response) -> Response:
    """Keep the cookie's time current, and the row's at every act, for the list of sign-ins.

    A form that was refused counts too: whoever mends it is not idle.
    """
    someone = g.get("desk")
    if someone is not None and at_desk() and response.status_code < 500 and COOKIE in session:
        if time.time() - session.get(SEEN, 0) >= SEEN_EVERY:
            session[SEEN] = int(time.time())
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            with transaction():
                sessions.see(someone.sign_in_id, now=clock.now())
    return response


def install(app: Flask) -> None:
    """Keep staff browsers' time."""
    app.after_request(_see)
