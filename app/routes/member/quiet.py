"""Quiet mode: beginning and ending it. What it hides is in routes/quieting.py."""

from flask import Blueprint, flash, request
from werkzeug.wrappers import Response

from app.gamification.messages import quiet
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.member.asked import number_in
from app.routes.next_page import own_address
from app.routes.session import current_member

bp = Blueprint("quiet", __name__)


@bp.post("/profile/quiet")
def begin() -> Response:
    """Let it be quiet for some days."""
    with transaction():
        quiet.begin(current_member().id, number_in(request.form, "days") or 0, now=clock.now())
    return htmx.see_other("/home")


@bp.post("/profile/quiet/end")
def end() -> Response:
    """Show everything again, where the member wanted to go."""
    with transaction():
        quiet.end(current_member().id)
    flash(_l("Quiet mode has ended. Everything is where it was."))
    return htmx.see_other(own_address(request.form.get("next"), "/home"))
