"""Quiet mode on pages: what is about points, challenges and the like gives way to a calm page, whoever asks for it.

Which pages these are is said here alone, by the names of their blueprints; the frame leaves out the ways to them.
Templates know it as `quiet`, for what stands on other pages. Everything goes on counting meanwhile.
"""

from flask import Flask, Response, request

from app.gamification.errors.messages import HiddenWhileQuiet
from app.gamification.ledger.outcome import compiled
from app.gamification.messages import reads
from app.routes import htmx
from app.routes.addresses import address_of
from app.routes.language import language
from app.routes.rendering import page
from app.routes.session import CurrentMember, signed_in

HIDDEN = frozenset(
    {
        "points",
        "activity",
        "tiers",
        "challenges",
        "badges",
        "leaderboards",
        "leagues",
        "rewards",
        "refer",
        "contests",
        "cards",
        "membership",
    }
)
HOME = "home.show"
SHOWN = 5  # messages on the calm home


def _keep_quiet() -> Response | None:
    if request.blueprint not in HIDDEN and request.endpoint != HOME:
        return None
    me = signed_in()
    if me is None or not me.is_quiet:
        return None
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        raise HiddenWhileQuiet()
    return htmx.whole_page(_home(me) if request.endpoint == HOME else page("member/quiet.html"))


def _home(me: CurrentMember) -> Response:
    told = reads.calm(me.id, SHOWN, compiled().ladder, language().code)
    return page("member/quiet_home.html", told=told, address_of=address_of)


def install(app: Flask) -> None:
    """Look at every request of a member, once it is known that they may make it."""
    app.before_request(_keep_quiet)
    app.jinja_env.globals["quiet_hides"] = HIDDEN
