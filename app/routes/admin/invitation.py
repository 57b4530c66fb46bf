"""Joining the staff by the link of an invitation: a name, a password, and then a phone that makes codes."""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from app.gamification.errors import Refusal
from app.gamification.errors.staff import InvitationDead
from app.gamification.members.names import LONGEST_NAME
from app.gamification.staff import invitations
from app.gamification.staff.rights import ABOUT, TITLES
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import desk, htmx
from app.routes.admin import phone
from app.routes.forms import Form, needed, new_password_field
from app.routes.language import language
from app.routes.limits import guard_guessing
from app.routes.rendering import page

bp = Blueprint("admin_invitation", __name__, url_prefix="/admin/invitation")


class JoinForm(Form):
    name = StringField(_l("Your name"), needed(LONGEST_NAME), render_kw={"autocomplete": "name"})
    password = new_password_field(_l("Password"))
    token = HiddenField()


@bp.get("")
def show() -> Response:
    """The mail's link: shows the form, changes nothing."""
    token = request.args.get("token", "")
    try:
        invitation = invitations.opened_by(token, now=clock.now())
    except InvitationDead as refusal:
        return _dead(refusal)
    return _page(JoinForm(token=token, name=invitation.name), invitation)


@bp.post("")
@guard_guessing
def accept() -> Response:
    """Join the staff, and go on to set a phone up; until that is done no page opens."""
    form, now = JoinForm(), clock.now()
    token = form.token.data or ""
    try:
        invitation = invitations.opened_by(token, now=now)
        if not form.validate():
            return _page(form, invitation, 422)
        with transaction():
            name, password = form.name.data or "", form.password.data or ""
            staff_id = invitations.accept(token, name, password, language=language().code, now=now)
            desk.begin(staff_id, now=now)
    except InvitationDead as refusal:
        return _dead(refusal)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, invitation, 422)
    phone.start()
    return htmx.see_other("/admin/sign-in/setup")


def _page(form: JoinForm, invitation: Any, status: int = 200) -> Response:
    role = {"role_title": TITLES[invitation.role], "role_about": ABOUT[invitation.role]}
    return page("admin/invitation.html", form=form, invitation=invitation, status=status, **role)


def _dead(refusal: InvitationDead) -> Response:
    return page("admin/invitation_dead.html", refusal=refusal, status=410)
