"""The people of the staff: who they are, what they may do, and where they are signed in."""

from typing import Any

from flask import abort, flash, request
from sqlalchemy import func, select
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import Length, Optional

from app.gamification.approvals.notes import LONGEST_NOTE
from app.gamification.errors import Forbidden, NotFound, Refusal
from app.gamification.members.names import initials
from app.gamification.staff import browsers, people, roles
from app.gamification.staff.rights import ABOUT, TITLES, Right
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.models.people import SignIn, Staff
from app.routes import htmx
from app.routes.admin.resource import Column, Filter, Resource, blueprint
from app.routes.desk import current_staff
from app.routes.forms import TOO_LONG, Form, Ticked, either
from app.routes.rendering import page

_LAST_SEEN = select(func.max(SignIn.last_seen_at)).where(SignIn.staff_id == Staff.id).correlate(Staff).scalar_subquery()


class People(Resource):
    key, subject, icon, write = "people", "staff", "user-cog", Right.OWN
    title, one = _l("People"), _l("Person of the staff")
    about = _l("Who runs the programme, and what each may do. Nobody raises a role alone once there are two to decide.")
    rows = select(
        Staff.id,
        Staff.name,
        Staff.email,
        Staff.role,
        Staff.totp_since,
        Staff.created_at,
        Staff.left_at,
        _LAST_SEEN.label("last_seen"),
    )
    order = Staff.left_at.is_not(None)
    search = (Staff.name, Staff.email)
    columns = (
        Column("name", _l("Name"), Staff.name),
        Column("email", _l("Email"), Staff.email),
        Column("role", _l("Role"), Staff.role, "words", lambda row: TITLES[row.role]),
        Column(
            "factor",
            _l("Second factor"),
            kind="tone",
            value=lambda row: (_l("In use"), "brand") if row.totp_since else (_l("Not yet"), "warn"),
        ),
        Column("last_seen", _l("Last seen"), _LAST_SEEN, "moment"),
        Column(
            "state",
            _l("State"),
            kind="tone",
            value=lambda row: (_l("Has left"), "warn") if row.left_at else (_l("On the staff"), ""),
        ),
    )
    filters = (
        Filter("role", _l("Any role"), lambda: TITLES, lambda value: Staff.role == value),
        Filter(
            "state",
            _l("Any state"),
            lambda: {"here": _l("On the staff"), "left": _l("Has left")},
            lambda value: Staff.left_at.is_(None) if value == "here" else Staff.left_at.is_not(None),
        ),
    )
    list_template = "admin/people/list.html"
    show_template = "admin/people/show.html"

    def context(self, row: Any) -> dict[str, Any]:
        someone, now = current_staff(), clock.now()
        sees_browsers = someone.may(Right.OWN) or someone.id == row.id
        return {
            "browsers": browsers.of(row.id, now=now, this=someone.sign_in_id) if sees_browsers else None,
            "form": RoleForm(formdata=None, role=row.role),
            "leave_form": LeaveForm(formdata=None),
            "initials": initials(row.name),
            "role_title": TITLES[row.role],
            "role_about": ABOUT[row.role],
            "is_self": someone.id == row.id,
        }


class RoleForm(Form):
    role = either(_l("Role"), TITLES)
    note = StringField(
        _l("Why"),
        [Optional(), Length(max=LONGEST_NOTE, message=TOO_LONG)],
        description=_l("Read by whoever has to agree."),
    )


class LeaveForm(Form):
    sure = BooleanField(
        _l("I am sure: their browsers, phone and recovery codes are worth nothing from now on"), [Ticked()]
    )


resource = People()
bp = blueprint(resource, __name__)


@bp.post("/<int:row_id>/role")
def change_role(row_id: int) -> Response:
    """Give somebody another role, or propose it where a second person has to agree."""
    row, form, now = resource.find(row_id), RoleForm(), clock.now()
    try:
        if not form.validate():
            return _show(row, form=form)
        with transaction():
            note = form.note.data or ""
            proposal_id = roles.change(current_staff().id, row_id, form.role.data, now=now, note=note)
    except (Forbidden, NotFound):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _show(row, form=form)
    if proposal_id is None:
        flash(_l("The role is changed, and their browsers are signed out."))
    else:
        flash(_l("This waits for a second person. Until then nothing changes."))
    return htmx.see_other(resource.address("show", row_id=row_id))


@bp.post("/<int:row_id>/departure")
def leave(row_id: int) -> Response:
    """Let somebody go; their browsers are signed out at once."""
    row, form, now = resource.find(row_id), LeaveForm(), clock.now()
    try:
        if not form.validate():
            return _show(row, leave_form=form)
        with transaction():
            people.leave(current_staff().id, row_id, now=now)
    except (Forbidden, NotFound):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _show(row, leave_form=form)
    flash(_l("They are no longer on the staff, and their browsers are signed out."))
    return htmx.see_other(resource.address())


@bp.post("/<int:row_id>/sign-ins/end")
def end_sign_ins(row_id: int) -> Response:
    """Sign one of somebody's browsers out, or all of them."""
    resource.find(row_id)
    someone, now = current_staff(), clock.now()
    handle = request.form.get("browser") or abort(400)
    with transaction():
        if handle == browsers.ALL:
            browsers.end_all(someone.id, row_id, now=now, but=someone.sign_in_id)
        else:
            browsers.end(someone.id, row_id, handle, now=now)
    flash(_l("Signed out."))
    return htmx.see_other(resource.address("show", row_id=row_id))


def _show(row: Any, **forms: Form) -> Response:
    context = resource.context(row) | forms
    return page(resource.show_template, resource=resource, row=row, status=422, **context)
