"""“Confirm it is you”: what somebody meets before a sensitive act when password and code were given a while ago.

A page that was asked for comes after it. A form that was sent is not lost: the page carries all its fields and sends
them to where they were going, with password and code beside them; both are checked here, and the act goes on.
"""

import re

from flask import Blueprint, Response, request
from wtforms import HiddenField, PasswordField
from wtforms.validators import Optional

from app.gamification.brand import brand
from app.gamification.errors import Refusal
from app.gamification.errors.staff import WrongConfirmation
from app.gamification.members.passwords import LONGEST
from app.gamification.staff import sessions
from app.gamification.staff.credentials import is_password_of
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import desk, htmx
from app.routes.admin.phone import code_field
from app.routes.desk import CurrentStaff, current_staff
from app.routes.forms import Form, needed
from app.routes.limits import guard_codes
from app.routes.next_page import own_address
from app.routes.rendering import page
from app.routes.settings import second_factor

bp = Blueprint("admin_confirmation", __name__, url_prefix="/admin/confirmation")

OWN_FIELDS = frozenset({"csrf_token", "confirm_password", "confirm_code", "confirming"})
# What was typed blind is never written into a page.
SECRET = re.compile(r"password|secret|^current$")


class ConfirmForm(Form):
    confirm_password = PasswordField(
        _l("Password"), needed(LONGEST), render_kw={"autocomplete": "current-password", "autofocus": "autofocus"}
    )
    confirm_code = code_field(_l("Code from your phone"))
    next = HiddenField()


class DemoConfirmForm(ConfirmForm):
    """Who tries the desk of the demo knows neither: one click stands for both."""

    confirm_password = PasswordField(_l("Password"), [Optional()])
    confirm_code = code_field(_l("Code from your phone"))

    def validate(self, *_args: object, **_options: object) -> bool:
        return True


def ask() -> Response | None:
    """What the one who is not fresh is answered; None when password and code came with the form and are right."""
    if request.method != "POST":
        # A part of a page cannot ask: the browser loads the address as a page, which can.
        return htmx.see_other(_here()) if htmx.is_fragment() else _page(_form(next=_here()))
    if "confirming" not in request.form:
        return htmx.whole_page(_page(_form(formdata=None), status=422))
    return _confirm_and_go_on()


@bp.post("")
@guard_codes
def create() -> Response:
    """Confirm, and go on to the page that was asked for."""
    form = _form()
    if not _is_right(form):
        return _page(form, status=422)
    return htmx.see_other(own_address(form.next.data, "/admin"))


@guard_codes
def _confirm_and_go_on() -> Response | None:
    form = _form()
    return None if _is_right(form) else _page(form, status=422)


def _is_right(form: ConfirmForm) -> bool:
    """Check what was given, and write that it was right."""
    someone, now = current_staff(), clock.now()
    if not form.validate():
        return False
    try:
        if _plays(someone):
            with transaction():
                sessions.confirm(someone.sign_in_id, now=now)
        else:
            _check(someone, form)
    except Refusal:
        form.refuse(WrongConfirmation())
        return False
    desk.read_again()
    return True


def _check(someone: CurrentStaff, form: ConfirmForm) -> None:
    # The password first and outside: its hash takes long, and a wrong one must not use the code up.
    if not is_password_of(someone.id, form.confirm_password.data or ""):
        raise WrongConfirmation()
    now = clock.now()
    with transaction():
        code = form.confirm_code.data or ""
        second_factor().confirm(someone.id, code, sign_in_id=someone.sign_in_id, now=now)


def _form(**values: object) -> ConfirmForm:
    return (DemoConfirmForm if _plays(current_staff()) else ConfirmForm)(**values)


def _plays(someone: CurrentStaff) -> bool:
    return brand().demo and someone.demo_role is not None


def _page(form: ConfirmForm, status: int = 200) -> Response:
    # A code is good once and a moment long: what stands in the field is to be typed anew.
    form.confirm_code.data = ""
    is_act = request.method == "POST" and request.blueprint != bp.name
    kept = [(name, value) for name, values in request.form.lists() for value in values] if is_act else []
    return page(
        "admin/confirm.html",
        form=form,
        status=status,
        is_act=is_act,
        plays=_plays(current_staff()),
        address=_here() if is_act else "/admin/confirmation",
        fields=[(name, value) for name, value in kept if name not in OWN_FIELDS and not SECRET.search(name)],
        lost_secrets=any(SECRET.search(name) and value for name, value in kept if name not in OWN_FIELDS),
        lost_files=is_act and any(file.filename for file in request.files.values()),
    )


def _here() -> str:
    return request.full_path.rstrip("?")
