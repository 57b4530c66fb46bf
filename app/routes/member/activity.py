"""Everything a member did, in the order it was counted, with what it earned or why not."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.gamification.activities import KINDS
from app.gamification.ledger import history
from app.gamification.ledger.history import Extent
from app.routes import htmx
from app.routes.member.asked import Asked, asked, choices
from app.routes.member.unchanged import fragment, present_version, remembered, version
from app.routes.rendering import page
from app.routes.session import CurrentMember, current_member

bp = Blueprint("activity", __name__)


@bp.get("/activity")
def show() -> Response:
    """The page, or its list alone."""
    me, question = current_member(), asked(request.args)
    extent = history.extent(me)
    present = version(me, extent.seq, extent.decisions, extent.waiting)
    name = question.address("activity")
    if htmx.is_fragment():
        return fragment(present, name, lambda: _list(me, question, extent))
    return page("member/activity.html", activity=remembered(present, name, lambda: _list(me, question, extent)))


@bp.get("/activity/rows")
def rows() -> Response:
    """The rows below those that are shown, to be put under them."""
    me, question = current_member(), asked(request.args)
    if not htmx.is_fragment():
        return htmx.see_other(question.address("/activity"))
    return fragment(present_version(me), question.address("rows"), lambda: _rows(me, question))


def _list(me: CurrentMember, question: Asked, extent: Extent) -> str:
    waiting = history.waiting(me) if extent.waiting and question == Asked() else ()
    found = history.history(me, extent.decisions, question.place, question.search())
    shown: dict[str, Any] = {"asked": question, "extent": extent, "waiting": waiting, "history": found}
    return render_template("member/_activity_list.html", **shown, **choices(KINDS, extent.accounts))


def _rows(me: CurrentMember, question: Asked) -> str:
    found = history.history(me, question.before, question.place, question.search())
    return render_template("member/_activity_rows.html", asked=question, history=found)
