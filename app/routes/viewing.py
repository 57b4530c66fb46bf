"""Looking at the programme as one of its members: read only, for half an hour, by staff who look after members.

The browser's member is then `view:<member>:<since>:<which sign-in at the desk>` instead of a sign-in of a member's own,
and is good for as long as that sign-in at the desk is, and only while its owner may. Who was signed in as a member
before is kept beside it and comes back with the end of the view. Nothing is written on the member's behalf: their last
visit, what they have read, and when they were last seen stay as they are; routes/access.py refuses all but reading.
"""

import hmac
import time
from hashlib import blake2b

from flask import Flask, Response, current_app, flash, g, request, session
from markupsafe import Markup

from app.gamification.errors.members import ViewingReadOnly
from app.gamification.members import sign_ins
from app.gamification.staff.rights import Right
from app.lib import clock
from app.lib.i18n import _l
from app.routes import htmx
from app.routes.desk import CurrentStaff, at_desk, signed_in_staff
from app.routes.language import speaking
from app.routes.session import CurrentMember, signed_in
from app.routes.session import load as load_own

PREFIX, BEFORE = "view:", "viewing_before"
USER = "_user_id"  # where Flask-Login keeps whom the cookie names
LONGEST = 30 * 60


class ViewedMember(CurrentMember):
    """A member whom staff look at the programme as."""

    __slots__ = ()

    viewed = True

    def get_id(self) -> str:
        return str(session.get(USER, ""))


def begin(staff: CurrentStaff, member_id: int) -> None:
    """Let this browser see members' pages as that member does."""
    if not is_on():
        session[BEFORE] = session.get(USER)
    session[USER] = f"{PREFIX}{member_id}:{int(time.time())}:{_desk_of(staff)}"
    _forget()


def end() -> int | None:
    """Let this browser be whom it was before; the number of the member who was looked at, None for nobody."""
    viewed = _parts(session.get(USER))
    before = session.pop(BEFORE, None)
    if is_on():
        if before is None:
            session.pop(USER, None)
        else:
            session[USER] = before
    _forget()
    return None if viewed is None else viewed[0]


def is_on() -> bool:
    """Whether this browser was set to look on; whether it still may is another question."""
    return str(session.get(USER, "")).startswith(PREFIX)


def viewed_member() -> ViewedMember | None:
    """The member whom the reader of this page looks on as."""
    reader = signed_in() if is_on() else None
    return reader if isinstance(reader, ViewedMember) else None


def banner() -> Markup:
    """What stands over every page of a view, in the language of whoever looks on; nothing on all others."""
    member, staff = viewed_member(), signed_in_staff()
    if member is None or staff is None:
        return Markup()
    with speaking(staff.language) as spoken:
        # Without the frame, which asks for the banner itself.
        template = current_app.jinja_env.get_template("layouts/_viewing.html")
        return Markup(template.render(member=member, language=spoken))


def refuse_all_but_reading() -> Response | None:
    """Before what is not for staff: a view that has ended leads back to the desk, one that goes on may only read."""
    if at_desk() or not is_on():
        return None
    if viewed_member() is None:
        member_id = end()
        flash(_l("The view as a member has ended."))
        return htmx.see_other(f"/admin/members/{member_id}" if member_id else "/admin/members")
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        raise ViewingReadOnly()
    return None


def load(named: str) -> CurrentMember | None:
    """Whom the cookie names: a member's own sign-in, or a view that still may go on."""
    if not named.startswith(PREFIX):
        if (over := g.get("view_over")) is None:
            return load_own(named)
        # Flask-Login goes on to whom the browser remembers. Nobody becomes them before they were told that the view
        # is over: what they send next may still be meant for it.
        session[USER] = over
        return None
    found = _view(named)
    g.view_over = None if found else named
    return found


def _view(named: str) -> ViewedMember | None:
    parts, staff = _parts(named), signed_in_staff()
    if parts is None or staff is None or not staff.may(Right.CARE):
        return None
    member_id, since, desk = parts
    if not 0 <= time.time() - since < LONGEST or not hmac.compare_digest(desk, _desk_of(staff)):
        return None
    found = sign_ins.read_for_view(member_id, clock.now())
    g.viewing = found is not None
    return None if found is None else ViewedMember._make(found)


def _parts(named: object) -> tuple[int, int, str] | None:
    """Member, since when, and which sign-in at the desk. The cookie is signed: only `begin` writes one."""
    try:
        prefix, member, since, desk = str(named).split(":")
        return (int(member), int(since), desk) if f"{prefix}:" == PREFIX else None
    except ValueError:
        return None


def _desk_of(staff: CurrentStaff) -> str:
    """A sign-in at the desk by a name that opens nothing."""
    return blake2b(staff.sign_in_id, digest_size=12).hexdigest()


def _forget() -> None:
    for kept in ("_login_user", "language", "reader_zone"):
        g.pop(kept, None)


def _keep_nothing(response: Response) -> Response:
    """No page of a view stays in the browser, not even to be asked about."""
    if g.get("viewing"):
        response.headers["Cache-Control"] = "no-store"
    return response


def install(app: Flask) -> None:
    """Let Flask-Login know of views."""
    app.login_manager.user_loader(load)  # type: ignore[attr-defined]
    app.after_request(_keep_nothing)
