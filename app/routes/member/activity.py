"""Everything a member did, in the order it was counted, with what it earned or why not."""

from typing import Any

from flask import Blueprint, request
from flask_login import login_required
from werkzeug.wrappers import Response

from app.gamification.activities import KINDS
from app.gamification.ledger import history
from app.routes import htmx
from app.routes.member.asked import Asked, asked, choices
from app.routes.member.unchanged import unless_unchanged
from app.routes.rendering import page
from app.routes.session import current_member

bp = Blueprint("activity", __name__)


@bp.get("/activity")
@login_required
def show() -> Response:
    """The page, or its list alone."""
    return unless_unchanged(_show)


@bp.get("/activity/rows")
@login_required
def rows() -> Response:
    """The rows below those that are shown, to be put under them."""
    return unless_unchanged(_rows)


def _show() -> Response:
    me, question = current_member(), asked(request.args)
    extent = history.extent(me)
    waiting = history.waiting(me) if extent.waiting and question == Asked() else ()
    found = history.history(me, extent.decisions, question.place, question.search())
    shown: dict[str, Any] = {"asked": question, "extent": extent, "waiting": waiting, "history": found}
    return page("member/activity.html", "member/_activity_list.html", **shown, **choices(KINDS, extent.accounts))


def _rows() -> Response:
    question = asked(request.args)
    if not htmx.is_fragment():
        return htmx.see_other(question.address("/activity"))
    found = history.history(current_member(), question.before, question.place, question.search())
    return page("member/_activity_rows.html", asked=question, history=found)
