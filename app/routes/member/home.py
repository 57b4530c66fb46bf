"""Home: where the member stands, what came of late, what comes by itself."""

from flask import Blueprint
from flask_login import login_required
from werkzeug.wrappers import Response

from app.gamification import overview
from app.lib import clock
from app.models.base import transaction
from app.routes import htmx
from app.routes.member.events import timeline
from app.routes.rendering import page
from app.routes.session import current_member

bp = Blueprint("home", __name__)


@bp.get("/home")
@login_required
def show() -> Response:
    """The page."""
    me, now = current_member(), clock.now()
    found = overview.overview(me, now)
    return page("member/home.html", home=found, coming=timeline(found.coming), now=now)


@bp.post("/messages/read")
@login_required
def read_messages() -> Response:
    """Everything the member was told has been read."""
    with transaction():
        overview.read_messages(current_member().id, clock.now())
    return htmx.see_other("/home")
