"""Joining, and confirming the address: the same answer whether or not somebody has it already."""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response
from wtforms import StringField

from app.gamification.brand import brand
from app.gamification.errors.members import EmailTaken, LinkExpired
from app.gamification.members import letters, profile, sign_ins
from app.gamification.members.credentials import lock
from app.gamification.members.enrolment import enrol
from app.gamification.members.names import LONGEST_NAME, clean_email, clean_name
from app.gamification.members.passwords import check_strength
from app.lib import clock
from app.lib.countries import country_codes, time_zone_of
from app.lib.i18n import _l
from app.models.base import transaction
from app.models.people import ClientClass
from app.routes import htmx, mail
from app.routes.countries import LongSelect, countries
from app.routes.forms import Form, either, email_field, listed, needed, new_password_field
from app.routes.language import language
from app.routes.limits import guard_mailing
from app.routes.rendering import page
from app.routes.session import begin, browser
from app.routes.settings import links

bp = Blueprint("join", __name__)


class JoinForm(Form):
    name = StringField(_l("Your name"), needed(LONGEST_NAME), render_kw={"autocomplete": "name"})
    email = email_field("email")
    password = new_password_field(_l("Password"))


class DemoJoinForm(JoinForm):
    """In the demo a visitor says what the broker would know, to see what each law allows."""

    country = listed(
        _l("Country you live in"),
        country_codes(),
        widget=LongSelect(countries, _l("Choose your country")),
        description=_l("Demo only: your broker knows this."),
    )
    client_class = either(
        _l("Client category"),
        {"retail": _l("Retail client"), "professional": _l("Professional client")},
        default="retail",
        description=_l("Demo only: your broker knows this."),
    )


@bp.get("/join")
def show() -> Response:
    """The form."""
    return _page(_form())


@bp.post("/join")
@guard_mailing
def create() -> Response:
    """Make a member, or tell the one who has the address already; either way by mail alone."""
    form = _form()
    form.validate()
    form.check("name", clean_name)
    form.check("email", clean_email)
    form.check("password", lambda password: check_strength(password, form.email.data or "", form.name.data or ""))
    if form.errors:
        return _page(form, 422)
    _join(form)
    return htmx.see_other("/join/sent")


@bp.get("/join/sent")
def sent() -> Response:
    """What to do next; the address is not repeated, because this page cannot know it."""
    return page("public/sent.html", purpose="verify")


@bp.get("/verify")
def verify() -> Response:
    """A mail's link: shows the button, changes nothing."""
    token = request.args.get("token", "")
    try:
        links().holder("verify", token)
    except LinkExpired as refusal:
        return page("public/dead_link.html", refusal=refusal, purpose="verify", status=410)
    return page("public/verify.html", token=token)


@bp.post("/verify")
def confirm() -> Response:
    """Confirm the address and sign in."""
    now = clock.now()
    try:
        with transaction():
            someone = links().confirm_email(request.form.get("token", ""), now=now)
            cookie = sign_ins.start(someone.id, **browser(), now=now)
            profile.visit(someone.id, someone.zone, now=now)
    except LinkExpired as refusal:
        return page("public/dead_link.html", refusal=refusal, purpose="verify", status=410)
    begin(cookie)
    return htmx.see_other("/home")


def _form() -> JoinForm:
    return DemoJoinForm() if brand().demo else JoinForm()


def _page(form: JoinForm, status: int = 200) -> Response:
    return page("public/join.html", "public/_join_form.html", form=form, status=status)


def _join(form: JoinForm) -> None:
    name, email = clean_name(form.name.data or ""), clean_email(form.email.data or "")
    now, house, known = clock.now(), brand(), False
    with transaction():
        try:
            enrol(email, name, now=now, password=form.password.data, language=language().code, **_known_of(form))
        except EmailTaken:
            known = True
        someone = lock(email)
        if someone is None:  # erased a moment ago
            return
        if known and someone.verified_at:
            letter = letters.known_already(someone.name, house.name, links().token("reset", someone))
        else:
            letter = letters.confirm_address(someone.name, house.name, links().token("verify", someone))
        mail.send(letter, email, language=someone.language, now=now, member_id=someone.id)


def _known_of(form: JoinForm) -> dict[str, Any]:
    """What the broker knows of a client; in the demo, what the visitor said it would."""
    if not isinstance(form, DemoJoinForm):
        return {"time_zone": brand().zone.key}
    country = form.country.data
    entity = brand().entity_for(country)
    return {
        "country": country,
        "client_class": ClientClass[form.client_class.data.upper()],
        "entity_key": entity.key if entity else None,
        "time_zone": time_zone_of(country) or brand().zone.key,
    }
