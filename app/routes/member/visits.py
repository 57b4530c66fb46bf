"""The page says once a day that its member is here; reading alone never writes."""

from flask import Blueprint
from werkzeug.wrappers import Response

from app.gamification.members import profile
from app.lib import clock
from app.models.base import transaction
from app.routes.session import current_member

bp = Blueprint("visits", __name__)


@bp.post("/visits")
def create() -> Response:
    """Count today's visit, unless it is counted already."""
    member, now = current_member(), clock.now()
    if not member.visited_today(now):
        with transaction():
            profile.visit(member.id, member.zone, now=now)
    return Response(status=204)
