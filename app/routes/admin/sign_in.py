"""Signing in at the desk: the password first, then a code; until both were right no page opens."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, request
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField

from app.gamification.errors import Refusal
from app.gamification.errors.staff import CodesNotKept, SignInTookTooLong
from app.gamification.members.passwords import LONGEST
from app.gamification.staff import recovery, sessions
from app.gamification.staff.credentials import authenticate, renew_hash
from app.gamification.staff.sessions import HalfSignedIn
from app.lib import clock
from app.lib.i18n import Sentence, _l
from app.models.base import transaction
from app.routes import desk, htmx
from app.routes.admin import carried, phone
from app.routes.admin.phone import CODES, PHONE, CodedForm, KeptForm, PhoneForm, code_field
from app.routes.desk import half_signed_in, signed_in_staff
from app.routes.formats import say
from app.routes.forms import Form, email_field, needed
from app.routes.limits import guard_codes, guard_guessing
from app.routes.next_page import own_address
from app.routes.rendering import page
from app.routes.settings import second_factor

bp = Blueprint("admin_sign_in", __name__, url_prefix="/admin")

HOME = "/admin"


class SignInForm(Form):
    email = email_field("username")
    password = PasswordField(_l("Password"), needed(LONGEST), render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class CodeForm(CodedForm):
    code = code_field(autofocus="autofocus")
    next = HiddenField()


@bp.get("/sign-in")
def show() -> Response:
    """The form; whoever is signed in goes on at once."""
    if signed_in_staff():
        return htmx.see_other(_wanted())
    return _page("admin/sign_in.html", SignInForm(next=_wanted("")))


@bp.post("/sign-in")
@guard_guessing
def create() -> Response:
    """Take the password, and ask for the code or, the first time, for a phone to make codes with."""
    form, now = SignInForm(), clock.now()
    if not form.validate():
        return _page("admin/sign_in.html", form, 422)
    password = form.password.data or ""
    try:
        someone = authenticate(form.email.data or "", password)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page("admin/sign_in.html", form, 422)
    with transaction():
        renew_hash(someone, password)
        desk.begin(someone.id, now=now)
    if someone.has_factor:
        return _to("code")
    phone.start()
    return _to("setup")


@bp.get("/sign-in/code")
def ask_code() -> Response:
    """The form for the code."""
    half = half_signed_in()
    return _page("admin/sign_in_code.html", CodeForm(next=_wanted("")), half=half) if half else _again()


@bp.post("/sign-in/code")
@guard_codes
def take_code() -> Response:
    """Take a code; the sign-in is whole, unless there are recovery codes to be kept first."""
    half, form, now = half_signed_in(), CodeForm(), clock.now()
    if half is None:
        return _again()
    if not form.validate():
        return _page("admin/sign_in_code.html", form, 422, half=half)
    has_codes = recovery.has_any(half.id)
    try:
        with transaction():
            taken = second_factor().take(half.id, form.code.data or "", now=now)
            if has_codes:
                desk.complete(half, taken.by, now=now)
    except SignInTookTooLong:
        return _again()
    except Refusal as refusal:
        form.refuse_code(refusal)
        return _page("admin/sign_in_code.html", form, 422, half=half)
    if not has_codes:
        carried.put(CODES, recovery.new_codes())
        return _to("recovery-codes")
    if taken.codes_left is not None:
        _tell_codes_left(taken.codes_left)
    return htmx.see_other(_wanted())


@bp.get("/sign-in/setup")
def show_setup() -> Response:
    """The picture for the phone's camera, and the field for its first code."""
    half, secret = half_signed_in(), carried.get(PHONE)
    if half is None or secret is None:
        return _again()
    return _setup_page(half, secret, PhoneForm(next=_wanted("")))


@bp.post("/sign-in/setup")
@guard_codes
def set_up() -> Response:
    """Take the first code; from now on a password alone opens nothing."""
    half, secret, form, now = half_signed_in(), carried.get(PHONE), PhoneForm(), clock.now()
    if half is None or secret is None:
        return _again()
    if not form.validate():
        return _setup_page(half, secret, form, 422)
    try:
        with transaction():
            second_factor().set_up(half.id, secret, form.code.data or "", now=now)
    except SignInTookTooLong:
        return _again()
    except Refusal as refusal:
        form.refuse_code(refusal)
        return _setup_page(half, secret, form, 422)
    carried.drop(PHONE)
    # Only who gave a right code carries codes, so that this half sign-in may be made whole by keeping them.
    carried.put(CODES, recovery.new_codes())
    return _to("recovery-codes")


@bp.get("/sign-in/recovery-codes")
def show_codes() -> Response:
    """The codes for the day without the phone, until they are kept."""
    half, codes = half_signed_in(), carried.get(CODES)
    if half is None or codes is None:
        return _again()
    return _page("admin/sign_in_codes.html", KeptForm(next=_wanted("")), codes=codes)


@bp.post("/sign-in/recovery-codes")
def keep_codes() -> Response:
    """Store the codes' hashes and make the sign-in whole."""
    half, codes, form, now = half_signed_in(), carried.get(CODES), KeptForm(), clock.now()
    if half is None or codes is None:
        return _again()
    if not form.kept.data:
        form.refuse(CodesNotKept())
        return _page("admin/sign_in_codes.html", form, 422, codes=codes)
    try:
        with transaction():
            second_factor().keep_codes(half.id, tuple(codes))
            desk.complete(half, "code", now=now)
    except SignInTookTooLong:
        return _again()
    return htmx.see_other(_wanted())


@bp.post("/sign-out")
def destroy() -> Response:
    """End this sign-in for good: a copy of its cookie is worth nothing afterwards."""
    now = clock.now()
    if someone := signed_in_staff():
        with transaction():
            sessions.sign_out(someone.id, someone.sign_in_id, now=now)
    elif half := half_signed_in():
        with transaction():
            sessions.end(half.sign_in_id, now=now)
    desk.finish()
    return htmx.see_other("/")


def _page(template: str, form: Form, status: int = 200, **context: Any) -> Response:
    return page(template, form=form, status=status, **context)


def _setup_page(half: HalfSignedIn, secret: str, form: PhoneForm, status: int = 200) -> Response:
    return _page("admin/sign_in_setup.html", form, status, **phone.shown(secret, half.email))


def _tell_codes_left(left: int) -> None:
    told = _l("You used a recovery code. Codes left: %(left)s.")
    if left < phone.FEW:
        told = _l("You used a recovery code. Codes left: %(left)s. Make new ones on your own page now.")
    flash(say(Sentence(told, {"left": left})), "error" if left < phone.FEW else "info")


def _again() -> Response:
    """Start over: there is no half sign-in, or not any more."""
    form = SignInForm(formdata=None, next=_wanted(""))
    form.refuse(SignInTookTooLong())
    return _page("admin/sign_in.html", form, 410)


def _to(step: str) -> Response:
    wanted = _wanted("")
    return htmx.see_other(f"/admin/sign-in/{step}" + (f"?{urlencode({'next': wanted})}" if wanted else ""))


def _wanted(otherwise: str = HOME) -> str:
    """Where the visitor was headed, as long as that is here."""
    return own_address(request.form.get("next") or request.args.get("next"), otherwise)
