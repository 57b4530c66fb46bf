"""A member's data: what is kept and why, everything of it to take along, and the way to having it deleted."""

from flask import Blueprint
from werkzeug.wrappers import Response

from app.gamification.members import disclosure
from app.lib import clock
from app.models.base import transaction
from app.routes import archives
from app.routes.limits import guard_taking
from app.routes.rendering import page
from app.routes.session import current_member

bp = Blueprint("data", __name__)


@bp.get("/profile/data")
def show() -> Response:
    """What the archive holds, and what leaving means."""
    return page("member/data.html", nav_key="profile")


@bp.post("/profile/data/copy")
@guard_taking
def take() -> Response:
    """Everything that is known of the member, as an archive in their language; a mail tells them that it was taken."""
    member, now = current_member(), clock.now()
    with transaction():
        disclosure.take(member.id, now=now)
    return archives.sent(member.id, member.language, now, own=True)
