"""The ladder: the levels, where the member stands, what keeps the level and how it was reached."""

from flask import Blueprint
from werkzeug.wrappers import Response

from app.gamification.ledger.words.law import stays_open
from app.gamification.tiers import reads
from app.lib import clock
from app.routes.member.slope import slope
from app.routes.rendering import page
from app.routes.session import current_member

bp = Blueprint("tiers", __name__)


@bp.get("/tiers")
def show() -> Response:
    """The page, or all that it says when it asks for itself."""
    me = current_member()
    climb = reads.climb(me, clock.now())
    place = climb.place
    can_fall = climb.projection is not None and len(climb.falls) > 1
    return page(
        "member/tiers.html",
        "member/_tiers.html",
        climb=climb,
        law=stays_open(me),
        slope=slope(climb.falls, place.ladder.period.days, place.level.keep) if can_fall else None,
    )
