"""How a member signs in: the password, and the browsers that are signed in, each of which can be ended."""

from flask import Blueprint, abort, flash, request
from werkzeug.wrappers import Response
from wtforms import PasswordField

from app.gamification.brand import brand
from app.gamification.errors import Refusal
from app.gamification.errors.members import BrowserNotFound
from app.gamification.members import devices, leaving, letters
from app.gamification.members.credentials import change_password
from app.gamification.members.demo import is_played
from app.gamification.members.passwords import LONGEST
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx, mail
from app.routes.forms import Form, needed, new_password_field
from app.routes.limits import guard_own_password, guard_telling
from app.routes.rendering import page
from app.routes.session import current_member

bp = Blueprint("security", __name__)

HERE = "/profile/security"


class PasswordForm(Form):
    current = PasswordField(_l("Current password"), needed(LONGEST), render_kw={"autocomplete": "current-password"})
    password = new_password_field(_l("New password"))


@bp.get("/profile/security")
def show() -> Response:
    """The form for a new password, and the browsers."""
    return _page(PasswordForm(formdata=None))


@bp.post("/profile/password")
@guard_own_password
@guard_telling
def change() -> Response:
    """Change the password and sign every other browser out."""
    member, form, now = current_member(), PasswordForm(), clock.now()
    try:
        if not form.validate():
            return _page(form, 422)
        with transaction():
            present, new = form.current.data or "", form.password.data or ""
            change_password(member.id, present, new, sign_in_id=member.sign_in_id, now=now)
            if member.email:
                told = letters.password_changed(member.name, brand().name)
                mail.send(told, member.email, language=member.language, now=now, member_id=member.id)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, 422)
    flash(_l("Your password is changed, and every other browser is signed out."))
    return htmx.see_other(HERE)


@bp.post("/profile/sign-ins/end")
def end() -> Response:
    """Sign one of the member's browsers out, or all but this one; it ends with that browser's next request."""
    member, now = current_member(), clock.now()
    handle = request.form.get("browser") or abort(400)
    if is_played(member):
        raise BrowserNotFound()
    with transaction():
        if handle == devices.ALL:
            devices.end_others(member.id, member.sign_in_id, now=now)
        else:
            devices.end(member.id, handle, now=now)
    flash(_l("Signed out."))
    return htmx.see_other(HERE)


def _page(form: PasswordForm, status: int = 200) -> Response:
    member = current_member()
    # Of whom everybody plays, nobody may see or end what others opened.
    is_shared = is_played(member)
    open_now = devices.of(member.id, now=clock.now(), this=member.sign_in_id)
    return page(
        "member/security.html",
        "member/_profile_password.html" if status == 422 else None,
        status=status,
        nav_key="profile",
        password=form,
        has_password=leaving.has_password(member.id),
        browsers=[one for one in open_now if one.is_this or not is_shared],
        is_shared=is_shared,
        all_browsers=devices.ALL,
    )
