"""Inviting people to the staff: a link by mail, shown once to be handed over in another way."""

from flask import Blueprint, flash
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length, Optional

from app.gamification.approvals.notes import LONGEST_NOTE
from app.gamification.errors import Refusal
from app.gamification.members.names import LONGEST_NAME
from app.gamification.staff import invitations, invited
from app.gamification.staff.rights import ABOUT, TITLES
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin import carried
from app.routes.desk import current_staff
from app.routes.forms import TOO_LONG, Form, either, email_field, needed
from app.routes.rendering import page
from app.routes.settings import settings

bp = Blueprint("admin_invitations", __name__, url_prefix="/admin/people/invitations")

HERE = "/admin/people/invitations"
LINK = "link"  # what the browser carries to the page that shows it once


class InviteForm(Form):
    name = StringField(_l("Name"), needed(LONGEST_NAME), render_kw={"autocomplete": "off"})
    email = email_field("off")
    role = either(_l("Role"), TITLES, default="viewer")
    note = StringField(
        _l("Why"),
        [Optional(), Length(max=LONGEST_NOTE, message=TOO_LONG)],
        description=_l("Read by whoever has to agree."),
    )


@bp.get("")
def index() -> Response:
    """Who was invited, and the form for another."""
    return _page(InviteForm(formdata=None))


@bp.post("")
def create() -> Response:
    """Invite somebody, or propose it where a second person has to agree."""
    form, now = InviteForm(), clock.now()
    try:
        if not form.validate():
            return _page(form, 422)
        with transaction():
            name, email = form.name.data or "", form.email.data or ""
            note = form.note.data or ""
            made = invitations.invite(current_staff().id, email, name, form.role.data, now=now, note=note)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, 422)
    if made.token is None:
        flash(_l("This waits for a second person. The link is mailed when they agree."))
    else:
        _show_once(made.token)
    return htmx.see_other(HERE)


@bp.post("/<int:invitation_id>/link")
def send_again(invitation_id: int) -> Response:
    """Mail a new link; the one before is worth nothing any more."""
    now = clock.now()
    with transaction():
        token = invitations.send_again(current_staff().id, invitation_id, now=now)
    _show_once(token)
    return htmx.see_other(HERE)


@bp.post("/<int:invitation_id>/revocation")
def revoke(invitation_id: int) -> Response:
    """Make an invitation worthless."""
    now = clock.now()
    with transaction():
        invitations.revoke(current_staff().id, invitation_id, now=now)
    flash(_l("The invitation is revoked: its link is worth nothing any more."))
    return htmx.see_other(HERE)


def _show_once(token: str) -> None:
    carried.put(LINK, f"{settings().public_url.rstrip('/')}/admin/invitation?token={token}")


def _page(form: InviteForm, status: int = 200) -> Response:
    return page(
        "admin/people/invitations.html",
        nav_key="admin_people",
        status=status,
        form=form,
        link=carried.take(LINK),
        invitations=invited.newest(clock.now()),
        states=invited.TITLES,
        role_titles=TITLES,
        role_abouts=ABOUT,
    )
