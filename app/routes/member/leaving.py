"""Leaving the programme: what it means, a week to think better of it, and staying after all."""

from flask import Blueprint, flash
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from app.gamification.errors import Refusal
from app.gamification.members import leaving
from app.gamification.members.passwords import LONGEST
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.forms import Form, needed
from app.routes.limits import guard_own_password, guard_telling
from app.routes.rendering import page
from app.routes.session import current_member

bp = Blueprint("leaving", __name__)

HERE = "/profile/leaving"


class WithPassword(Form):
    current = PasswordField(_l("Your password"), needed(LONGEST), render_kw={"autocomplete": "current-password"})

    @property
    def proof(self) -> str:
        return self.current.data or ""


class WithNumber(Form):
    """Of who comes from the broker's own site and has no password with us."""

    number = StringField(
        _l("Your client number"),
        needed(64),
        render_kw={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"},
    )

    @property
    def proof(self) -> str:
        return self.number.data or ""


@bp.get("/profile/leaving")
def show() -> Response:
    """What goes and what stays, with the form; or, while the week runs, how to stay."""
    return _page(_form(None))


@bp.post("/profile/leaving")
@guard_own_password
@guard_telling
def create() -> Response:
    """Begin the week after which everything that says who the member was is gone."""
    member, form = current_member(), _form()
    try:
        if not form.validate():
            return _page(form, 422)
        with transaction():
            leaving.ask(member.id, form.proof, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, 422)
    flash(_l("Noted. You have a week to change your mind."))
    return htmx.see_other(HERE)


@bp.post("/profile/leaving/stay")
def stay() -> Response:
    """Keep the account, with everything in it."""
    member = current_member()
    with transaction():
        stays = leaving.stay(member.id, now=clock.now())
    if stays:
        flash(_l("Good to have you. Your account stays as it was."))
    return htmx.see_other("/profile/data")


def _form(*data: None) -> WithPassword | WithNumber:
    """The form that asks for what this member can show; `None` for one that was not sent yet."""
    kind = WithPassword if leaving.has_password(current_member().id) else WithNumber
    return kind(*data)


def _page(form: WithPassword | WithNumber, status: int = 200) -> Response:
    member, now = current_member(), clock.now()
    goes_at = member.leaving_at or now + leaving.COOL_OFF
    return page(
        "member/leaving.html",
        "member/_leaving_form.html" if status == 422 else None,
        status=status,
        nav_key="profile",
        form=form,
        field=form.current if isinstance(form, WithPassword) else form.number,
        number=None if isinstance(form, WithPassword) else leaving.number_of(member.id, member.external_id),
        now=now,
        asked_at=goes_at - leaving.COOL_OFF,
        called_at=goes_at - leaving.LAST_CALL,
        days=leaving.COOL_OFF.days,
        takes_along=member.available + member.pending,
    )
