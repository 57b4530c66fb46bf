"""Home: the balance, the way to the next level, what just happened and what comes."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.gamification import overview
from app.gamification.tiers.position import Position
from app.lib import clock
from app.models.base import kept_by_app
from app.routes.language import language
from app.routes.member.days import weekday_letters, weekday_names
from app.routes.member.events import timeline
from app.routes.member.unchanged import fragment, version
from app.routes.rendering import page
from app.routes.session import CurrentMember, current_member

bp = Blueprint("home", __name__)

NOON, EVENING, NIGHT_IS_OVER = 12, 18, 5


@bp.get("/home")
def show() -> Response:
    """The page, or all that it says when it asks for itself."""
    return page("member/home.html", "member/_home.html", **parts(current_member(), clock.now()))


@bp.get("/home/standing")
def standing() -> Response:
    """What the bar over every page shows of its reader: what the sign-in knows, and no statement more."""
    me = current_member()
    present = version(me, me.seq, me.decisions, me.unread)
    return fragment(present, "standing", lambda: render_template("layouts/_standing.html"))


def parts(me: CurrentMember, now: datetime) -> dict[str, Any]:
    """What the page says of a member."""
    found = overview.overview(me, now)
    return {
        "home": found,
        "greeting": part_of_day(me, now),
        "coming": timeline(found.coming),
        "medals": _medals(found.place),
        "letters": weekday_letters(),
        "weekdays": weekday_names(),
    }


def _medals(place: Position) -> Markup:
    """The levels as a row of medals: the same for everyone on a level who reads the same language."""
    drawn = kept_by_app("medals", dict[tuple[int, int, str], Markup])
    key = (place.ladder.revision_id, place.level_id, language().code)
    if key not in drawn:
        drawn[key] = Markup(render_template("member/_home_medals.html", ladder=place.ladder, here=place.level.position))
    return drawn[key]


def part_of_day(me: CurrentMember, now: datetime) -> str:
    """morning, afternoon or evening where the member is."""
    hour = now.astimezone(me.zone).hour
    if hour < NIGHT_IS_OVER or hour >= EVENING:
        return "evening"
    return "morning" if hour < NOON else "afternoon"
