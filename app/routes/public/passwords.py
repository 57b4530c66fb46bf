"""Forgotten passwords: a mail for every address that is asked about, the same page for all of them."""

from flask import Blueprint, request
from werkzeug.wrappers import Response
from wtforms import HiddenField

from app.gamification.brand import brand
from app.gamification.errors import Refusal
from app.gamification.errors.members import LinkExpired
from app.gamification.members import letters, profile, sign_ins
from app.gamification.members.credentials import lock
from app.gamification.members.names import clean_email
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx, mail
from app.routes.forms import Form, email_field, new_password_field
from app.routes.language import language
from app.routes.limits import guard_mailing
from app.routes.rendering import page
from app.routes.session import begin, browser
from app.routes.settings import links

bp = Blueprint("password", __name__)


class ForgotForm(Form):
    email = email_field("username")


class ResetForm(Form):
    password = new_password_field(_l("New password"))
    token = HiddenField()


@bp.get("/forgot")
def forgot() -> Response:
    """The form that asks for the address."""
    return _forgot_page(ForgotForm())


@bp.post("/forgot")
@guard_mailing
def ask() -> Response:
    """Send a link, or, to an address that nobody joined with, the news of that."""
    form = ForgotForm()
    if not form.validate():
        return _forgot_page(form, 422)
    try:
        _send_link(clean_email(form.email.data or ""))
    except Refusal as refusal:
        form.refuse(refusal)
        return _forgot_page(form, 422)
    return htmx.see_other("/forgot/sent")


@bp.get("/forgot/sent")
def sent() -> Response:
    """What to do next."""
    return page("public/sent.html", purpose="reset")


@bp.get("/reset")
def show() -> Response:
    """A mail's link: the form for a new password; changes nothing."""
    token = request.args.get("token", "")
    try:
        links().holder("reset", token)
    except LinkExpired as refusal:
        return _dead(refusal)
    return _reset_page(ResetForm(token=token))


@bp.post("/reset")
def reset() -> Response:
    """Set the password, sign every other browser out and this one in."""
    form = ResetForm()
    if not form.validate():
        return _reset_page(form, 422)
    now = clock.now()
    try:
        with transaction():
            someone = links().reset_password(form.token.data or "", form.password.data or "", now=now)
            cookie = sign_ins.start(someone.id, **browser(), now=now)
            profile.visit(someone.id, someone.zone, now=now)
            told = letters.password_changed(someone.name, brand().name)
            mail.send(told, someone.email, language=someone.language, now=now, member_id=someone.id)
    except LinkExpired as refusal:
        return _dead(refusal)
    except Refusal as refusal:
        form.refuse(refusal)
        return _reset_page(form, 422)
    begin(cookie)
    return htmx.see_other("/home")


def _send_link(address: str) -> None:
    programme, now = brand().name, clock.now()
    with transaction():
        # Locked, so that nothing is written to somebody who is being erased.
        someone = lock(address)
        if someone is None:
            mail.send(letters.not_a_member(programme), address, language=language().code, now=now)
        else:
            letter = letters.reset_password(someone.name, programme, links().token("reset", someone))
            mail.send(letter, address, language=someone.language, now=now, member_id=someone.id)


def _forgot_page(form: ForgotForm, status: int = 200) -> Response:
    return page("public/forgot.html", "public/_forgot_form.html", form=form, status=status)


def _reset_page(form: ResetForm, status: int = 200) -> Response:
    return page("public/reset.html", "public/_reset_form.html", form=form, status=status)


def _dead(refusal: LinkExpired) -> Response:
    return page("public/dead_link.html", "public/_dead_link.html", refusal=refusal, purpose="reset", status=410)
