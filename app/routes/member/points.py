"""The ledger of a member: the balance and what lies ahead, a month by day, and every line with its explanation."""

from typing import Any

from flask import Blueprint, request
from flask_login import login_required
from werkzeug.wrappers import Response

from app.gamification.activities import KINDS
from app.gamification.ledger import explain, missed, reads
from app.gamification.ledger.month import Month, month
from app.gamification.ledger.outlook import Outlook, outlook
from app.gamification.ledger.reads import Tally
from app.gamification.ledger.words.law import stays_open
from app.lib import clock
from app.routes import htmx
from app.routes.formats import say
from app.routes.member.asked import HIGHEST, Asked, asked, choices
from app.routes.member.bars import drawing, month_name
from app.routes.member.events import timeline
from app.routes.member.unchanged import unless_unchanged
from app.routes.rendering import page
from app.routes.session import CurrentMember, current_member

bp = Blueprint("points", __name__)

TABS = (*reads.TABS, "missed")
SOURCES = tuple(kind for kind in KINDS if kind.earns)
SEQ = f"<int(max={HIGHEST}):seq>"


@bp.get("/points")
@login_required
def show() -> Response:
    """The page, or its ledger card alone."""
    return unless_unchanged(_show)


@bp.get("/points/lines")
@login_required
def lines() -> Response:
    """The lines below those that are shown, to be put under them."""
    return unless_unchanged(_lines)


@bp.get("/points/month")
@login_required
def chart() -> Response:
    """The card of another month."""
    return unless_unchanged(_chart)


@bp.get(f"/points/{SEQ}")
@login_required
def line(seq: int) -> Response:
    """Why a line says what it says."""
    return unless_unchanged(lambda: _line(seq))


@bp.get(f"/points/missed/{SEQ}")
@login_required
def miss(seq: int) -> Response:
    """Why an activity earned nothing."""
    return unless_unchanged(lambda: _miss(seq))


def _show() -> Response:
    me, question = current_member(), asked(request.args, TABS)
    tally = reads.tally(me)
    card = _card(question, tally) | _list(me, question, tally.seq)
    if htmx.is_fragment():
        return page("member/points.html", "member/_points_ledger.html", **card)
    ahead = outlook(me)
    drawn = {} if question.tab == "missed" else _drawn(month(me, question.chosen_month, ahead.held, clock.now()))
    return page("member/points.html", "member/_points_ledger.html", **_ahead(ahead), **drawn, **card)


def _card(question: Asked, tally: Tally) -> dict[str, Any]:
    addresses = {tab: question.address("/points", tab=tab, before=0, reason="") for tab in TABS}
    return {"asked": question, "tally": tally, "addresses": addresses, **choices(SOURCES, tally.accounts)}


def _ahead(found: Outlook) -> dict[str, Any]:
    return {
        "outlook": found,
        "batches": [{"points": lapse.points, "words": say(lapse.words)} for lapse in found.lapses],
        "coming": timeline(found.coming),
    }


def _list(me: CurrentMember, question: Asked, newest: int) -> dict[str, Any]:
    if question.tab == "missed":
        found = missed.missed(me, question.reason, question.before or None)
        return {"missed": found, "stays_open": stays_open(me)}
    tab: Any = question.tab
    return {"ledger": reads.lines(me, tab, newest, question.place, question.search())}


def _lines() -> Response:
    question = asked(request.args, TABS)
    if not htmx.is_fragment():
        return htmx.see_other(question.address("/points"))
    found = _list(current_member(), question, question.before)
    rows = "member/_points_missed_rows.html" if question.tab == "missed" else "member/_points_lines.html"
    return page(rows, asked=question, **found)


def _chart() -> Response:
    me, question = current_member(), asked(request.args)
    if not htmx.is_fragment():
        return htmx.see_other(question.address("/points"))
    drawn = _drawn(month(me, question.chosen_month, outlook(me).held, clock.now()))
    return page("member/_points_month.html", asked=question, **drawn)


def _line(seq: int) -> Response:
    me = current_member()
    why = explain.explain_line(me, seq)
    if htmx.is_fragment():
        return page("member/points_line.html", "member/_points_explanation.html", why=why, seq=seq)
    (day,) = reads.lines(me, "all", seq, limit=1).days
    return page("member/points_line.html", "member/_points_explanation.html", why=why, seq=seq, line=day.lines[0])


def _miss(seq: int) -> Response:
    me = current_member()
    why = explain.explain_miss(me, seq)
    if htmx.is_fragment():
        return page("member/points_missed.html", "member/_points_explanation.html", why=why, seq=seq)
    (row,) = missed.rows(me, [seq])
    return page("member/points_missed.html", "member/_points_explanation.html", why=why, seq=seq, row=row)


def _drawn(found: Month) -> dict[str, Any]:
    months = [(f"{one:%Y-%m}", month_name(one)) for one in found.months]
    return {"month": found, "drawing": drawing(found), "months": months}
