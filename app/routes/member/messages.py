"""What a member was told: reading it is noted only when they say so."""

from flask import Blueprint
from werkzeug.wrappers import Response

from app.gamification.messages import reading
from app.lib import clock
from app.models.base import transaction
from app.routes import htmx
from app.routes.session import current_member

bp = Blueprint("messages", __name__)


@bp.post("/messages/readings")
def read() -> Response:
    """Everything was read; back to where the messages are."""
    with transaction():
        reading.read_all_of(current_member().id, now=clock.now())
    return htmx.see_other("/home#messages")
