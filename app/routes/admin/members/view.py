"""Looking at the programme as a member, and ending it; both are kept in the audit log."""

from flask import Blueprint, Response

from app.gamification.members import care
from app.lib import clock
from app.models.base import transaction
from app.routes import htmx, viewing
from app.routes.admin.members import MEMBER, PREFIX
from app.routes.desk import current_staff

bp = Blueprint("admin_view", __name__, url_prefix="/admin")


@bp.post(f"{PREFIX.removeprefix('/admin')}/{MEMBER}/view")
def start(member_id: int) -> Response:
    """Go to the member's home, as the member."""
    staff, now = current_staff(), clock.now()
    with transaction():
        if (former := viewing.end()) is not None:
            care.end_view(staff.id, former, now=now)
        care.view(staff.id, member_id, now=now)
    viewing.begin(staff, member_id)
    return htmx.see_other("/home")


@bp.post("/view/end")
def stop() -> Response:
    """Be oneself again, back at the member's profile."""
    member_id = viewing.end()
    if member_id is None:
        return htmx.see_other(PREFIX)
    with transaction():
        care.end_view(current_staff().id, member_id, now=clock.now())
    return htmx.see_other(f"{PREFIX}/{member_id}")
