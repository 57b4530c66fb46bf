"""Signing in and out."""

from flask import Blueprint, request
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, PasswordField

from app.gamification.brand import brand
from app.gamification.errors import Refusal
from app.gamification.errors.members import NotVerified
from app.gamification.members import letters, profile, sign_ins
from app.gamification.members.credentials import Credentials, admit, authenticate, of_member
from app.gamification.members.passwords import LONGEST
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx, mail
from app.routes.forms import Form, email_field, needed
from app.routes.limits import guard_guessing
from app.routes.next_page import own_address
from app.routes.rendering import page
from app.routes.session import begin, browser, finish, signed_in
from app.routes.settings import links

bp = Blueprint("login", __name__)

HOME = "/home"


class SignInForm(Form):
    email = email_field("username")
    password = PasswordField(_l("Password"), needed(LONGEST), render_kw={"autocomplete": "current-password"})
    remember = BooleanField(_l("Keep me signed in on this device"))
    next = HiddenField()


@bp.get("/login")
def show() -> Response:
    """The form; whoever is signed in goes on at once."""
    wanted = request.args.get("next")
    if signed_in():
        return htmx.see_other(own_address(wanted, HOME))
    return _page(SignInForm(next=own_address(wanted, "")))


@bp.post("/login")
@guard_guessing
def create() -> Response:
    """Sign in, and go where the visitor was headed."""
    form = SignInForm()
    if not form.validate():
        return _page(form, 422)
    password, now = form.password.data or "", clock.now()
    try:
        someone = authenticate(form.email.data or "", password)
        if someone.verified_at is None:
            _send_link_again(someone)
            raise NotVerified()
        with transaction():
            admit(someone, password)
            cookie = sign_ins.start(someone.id, **browser(), now=now)
            profile.visit(someone.id, someone.zone, now=now)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, 422)
    begin(cookie, remember=form.remember.data)
    return htmx.see_other(own_address(form.next.data, HOME))


@bp.post("/logout")
def destroy() -> Response:
    """End this sign-in for good: a copy of its cookie is worth nothing afterwards."""
    member = signed_in()
    if member:
        with transaction():
            sign_ins.end(member.sign_in_id, now=clock.now())
    finish()
    return htmx.see_other("/")


def _page(form: SignInForm, status: int = 200) -> Response:
    return page("public/login.html", "public/_login_form.html", form=form, status=status)


def _send_link_again(someone: Credentials) -> None:
    with transaction():
        present = of_member(someone.id)
        if present is None:  # erased a moment ago
            return
        letter = letters.confirm_address(present.name, brand().name, links().token("verify", present))
        mail.send(letter, present.email, language=present.language, now=clock.now(), member_id=present.id)
