"""One's own page at the desk: name, language and look, password, phone, recovery codes, and where one is signed in."""

from typing import Any, cast

from flask import Blueprint, abort, flash, request
from werkzeug.wrappers import Response
from wtforms import PasswordField, SelectField, StringField

from app.gamification.errors import Refusal
from app.gamification.errors.staff import CodesNotKept
from app.gamification.members.names import LONGEST_NAME
from app.gamification.members.passwords import LONGEST
from app.gamification.staff import browsers, profile, recovery
from app.gamification.staff.credentials import change_password as set_password
from app.gamification.staff.rights import ABOUT, TITLES
from app.lib import clock
from app.lib.i18n import LANGUAGES, _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin import carried, phone
from app.routes.admin.phone import CODES, PHONE, KeptForm, PhoneForm
from app.routes.countries import LongSelect, zones
from app.routes.desk import current_staff
from app.routes.forms import Form, either, needed, new_password_field
from app.routes.limits import guard_codes
from app.routes.next_page import own_address
from app.routes.rendering import THEMES, page
from app.routes.settings import second_factor

bp = Blueprint("admin_me", __name__, url_prefix="/admin/me")

HERE = "/admin/me"


class SettingsForm(Form):
    name = StringField(_l("Your name"), needed(LONGEST_NAME), render_kw={"autocomplete": "name"})
    language = either(_l("Language"), LANGUAGES)
    theme = either(_l("Look"), {"light": _l("Light"), "dark": _l("Dark"), "auto": _l("As the device")})
    time_zone = SelectField(
        _l("Time zone"),
        validate_choice=False,
        widget=LongSelect(zones),
        description=_l("Times at the desk are shown in it. What counts for members follows the programme's own zone."),
    )


class PasswordForm(Form):
    current = PasswordField(_l("Current password"), needed(LONGEST), render_kw={"autocomplete": "current-password"})
    password = new_password_field(_l("New password"))


@bp.get("")
def show() -> Response:
    """Everything about oneself."""
    return _page(_settings(), PasswordForm(formdata=None))


@bp.post("")
def update() -> Response:
    """Store the settings; the page comes back in the new language and look."""
    form, now = SettingsForm(), clock.now()
    try:
        if not form.validate():
            return _page(form, PasswordForm(formdata=None), 422)
        with transaction():
            profile.save(
                current_staff().id,
                name=form.name.data or "",
                language=form.language.data,
                theme=cast(profile.Theme, form.theme.data),
                time_zone=form.time_zone.data or "",
                now=now,
            )
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, PasswordForm(formdata=None), 422)
    flash(_l("Your settings are saved."))
    return htmx.see_other(HERE)


@bp.post("/password")
@guard_codes
def change_password() -> Response:
    """Change the password and sign every other browser out."""
    form, someone, now = PasswordForm(), current_staff(), clock.now()
    try:
        if not form.validate():
            return _page(_settings(), form, 422)
        with transaction():
            present, new = form.current.data or "", form.password.data or ""
            set_password(someone.id, present, new, sign_in_id=someone.sign_in_id, now=now)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(_settings(), form, 422)
    flash(_l("Your password is changed, and every other browser is signed out."))
    return htmx.see_other(HERE)


@bp.post("/language")
def speak() -> Response:
    """Switch the language and come back."""
    code, now = request.form.get("language", ""), clock.now()
    if code not in LANGUAGES:
        abort(400)
    with transaction():
        profile.set_language(current_staff().id, code, now=now)
    return _back()


@bp.post("/look")
def dress() -> Response:
    """Switch between light and dark and come back."""
    theme, now = request.form.get("theme", ""), clock.now()
    if theme not in THEMES:
        abort(400)
    with transaction():
        profile.set_theme(current_staff().id, cast(profile.Theme, theme), now=now)
    return _back()


@bp.post("/phone")
def start_phone() -> Response:
    """Begin with another phone; the present one counts until the other has shown a code."""
    phone.start()
    return htmx.see_other(f"{HERE}/phone")


@bp.get("/phone")
def show_phone() -> Response:
    """The picture for the phone's camera, and the field for its first code."""
    secret = carried.get(PHONE)
    return _phone_page(secret, PhoneForm(formdata=None)) if secret else htmx.see_other(HERE)


@bp.post("/phone/code")
@guard_codes
def change_phone() -> Response:
    """Let the other phone make the codes from now on."""
    secret, form, someone, now = carried.get(PHONE), PhoneForm(), current_staff(), clock.now()
    if secret is None:
        return htmx.see_other(HERE)
    try:
        if not form.validate():
            return _phone_page(secret, form, 422)
        with transaction():
            code = form.code.data or ""
            second_factor().replace(someone.id, secret, code, sign_in_id=someone.sign_in_id, now=now)
    except Refusal as refusal:
        form.refuse_code(refusal)
        return _phone_page(secret, form, 422)
    carried.drop(PHONE)
    flash(_l("Your new phone makes the codes now, and every other browser is signed out."))
    return htmx.see_other(HERE)


@bp.post("/recovery-codes")
def start_codes() -> Response:
    """Make new codes; those before count until the new ones are kept."""
    carried.put(CODES, recovery.new_codes())
    return htmx.see_other(f"{HERE}/recovery-codes")


@bp.get("/recovery-codes")
def show_codes() -> Response:
    """The new codes, until they are kept."""
    codes = carried.get(CODES)
    return _codes_page(codes, KeptForm(formdata=None)) if codes else htmx.see_other(HERE)


@bp.post("/recovery-codes/kept")
def keep_codes() -> Response:
    """Let the new codes take the place of those before."""
    codes, form, now = carried.get(CODES), KeptForm(), clock.now()
    if codes is None:
        return htmx.see_other(HERE)
    if not form.kept.data:
        form.refuse(CodesNotKept())
        return _codes_page(codes, form, 422)
    with transaction():
        second_factor().renew_codes(current_staff().id, tuple(codes), now=now)
    carried.drop(CODES)
    flash(_l("Your new recovery codes count from now on."))
    return htmx.see_other(HERE)


@bp.post("/sign-ins/end")
def end_sign_in() -> Response:
    """Sign one of one's own browsers out, or all but this one."""
    someone, now = current_staff(), clock.now()
    handle = request.form.get("browser") or abort(400)
    with transaction():
        if handle == browsers.ALL:
            browsers.end_all(someone.id, someone.id, now=now, but=someone.sign_in_id)
        else:
            browsers.end(someone.id, someone.id, handle, now=now)
    flash(_l("Signed out."))
    return htmx.see_other(HERE)


def _settings() -> SettingsForm:
    someone = current_staff()
    stored = {name: getattr(someone, name) for name in ("name", "language", "theme", "time_zone")}
    return SettingsForm(formdata=None, **stored)


def _page(settings: SettingsForm, password: PasswordForm, status: int = 200) -> Response:
    someone, now = current_staff(), clock.now()
    return page(
        "admin/me.html",
        status=status,
        settings=settings,
        password=password,
        title=TITLES[someone.role],
        about=ABOUT[someone.role],
        browsers=browsers.of(someone.id, now=now, this=someone.sign_in_id),
        codes_left=recovery.left_of(someone.id),
        few_codes=phone.FEW,
    )


def _phone_page(secret: str, form: PhoneForm, status: int = 200) -> Response:
    return page("admin/me_phone.html", form=form, status=status, **phone.shown(secret, current_staff().email))


def _codes_page(codes: Any, form: KeptForm, status: int = 200) -> Response:
    return page("admin/me_codes.html", form=form, codes=codes, status=status)


def _back() -> Response:
    return htmx.see_other(own_address(request.form.get("next"), "/admin"))
