"""The ledger of a member: the balance and what lies ahead, a month by day, and every line with its explanation."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.gamification.activities import KINDS
from app.gamification.ledger import explain, missed, reads
from app.gamification.ledger.explanation import Explanation
from app.gamification.ledger.month import Month, month
from app.gamification.ledger.outlook import Event, Outlook, outlook
from app.gamification.ledger.reads import Tally
from app.gamification.ledger.words.law import stays_open
from app.lib import clock
from app.routes import htmx
from app.routes.formats import calendar_of, say
from app.routes.language import language
from app.routes.member.asked import HIGHEST, Asked, asked, choices
from app.routes.member.bars import drawing, month_name
from app.routes.member.unchanged import fragment, present_version, remembered, version
from app.routes.rendering import page
from app.routes.session import CurrentMember, current_member

bp = Blueprint("points", __name__)

TABS = (*reads.TABS, "missed")
SOURCES = tuple(kind for kind in KINDS if kind.earns)
SEQ = f"<int(max={HIGHEST}):seq>"


@bp.get("/points")
def show() -> Response:
    """The page, or its ledger card alone."""
    me, question = current_member(), asked(request.args, TABS)
    if htmx.is_fragment():
        return fragment(present_version(me), question.address("ledger"), lambda: _ledger(me, question, reads.tally(me)))
    tally = reads.tally(me)
    present = version(me, tally.seq, tally.decisions)
    return page(
        "member/points.html",
        top=remembered(present, question.address("top"), lambda: _top(me, question)),
        ledger_card=remembered(present, question.address("ledger"), lambda: _ledger(me, question, tally)),
    )


@bp.get("/points/top")
def top() -> Response:
    """Everything above the ledger, once something has changed."""
    me, question = current_member(), asked(request.args, TABS)
    if not htmx.is_fragment():
        return htmx.see_other(question.address("/points"))
    return fragment(present_version(me), question.address("top"), lambda: _top(me, question))


@bp.get("/points/lines")
def lines() -> Response:
    """The lines below those that are shown, to be put under them."""
    me, question = current_member(), asked(request.args, TABS)
    if not htmx.is_fragment():
        return htmx.see_other(question.address("/points"))
    return fragment(present_version(me), question.address("lines"), lambda: _lines(me, question))


@bp.get("/points/month")
def chart() -> Response:
    """The card of another month; as a page, its figures as a table."""
    me, question = current_member(), asked(request.args)
    if htmx.is_fragment():
        return fragment(present_version(me), question.address("month"), lambda: _drawn(me, question))
    return page("member/points_month.html", asked=question, **_month(me, question))


@bp.get("/points/month/table")
def table() -> Response:
    """The figures behind the picture of a month."""
    me, question = current_member(), asked(request.args)
    if not htmx.is_fragment():
        return htmx.see_other(question.address("/points/month"))
    return fragment(present_version(me), question.address("table"), lambda: _table(me, question))


@bp.get(f"/points/{SEQ}")
def line(seq: int) -> Response:
    """Why a line says what it says."""
    me = current_member()
    if htmx.is_fragment():
        return _explained(me, seq, explain.explain_line, "h4")
    why = explain.explain_line(me, seq)
    (day,) = reads.lines(me, "all", seq, limit=1).days
    return page("member/points_line.html", why=why, seq=seq, line=day.lines[0])


@bp.get(f"/points/missed/{SEQ}")
def miss(seq: int) -> Response:
    """Why an activity earned nothing."""
    me = current_member()
    if htmx.is_fragment():
        return _explained(me, seq, explain.explain_miss, "h3")
    why = explain.explain_miss(me, seq)
    (row,) = missed.rows(me, [seq])
    return page("member/points_missed.html", why=why, seq=seq, row=row)


def _explained(
    me: CurrentMember, seq: int, explained: Callable[[CurrentMember, int], Explanation], heading: str
) -> Response:
    """The fragment; lines stand below the heading of their day, what did not earn has none between."""

    def make() -> str:
        return render_template("member/_points_explanation.html", why=explained(me, seq), seq=seq, heading=heading)

    return fragment(present_version(me), f"{explained.__name__} {seq}", make)


def _top(me: CurrentMember, question: Asked) -> str:
    """Everything above the ledger."""
    ahead = outlook(me)
    context = {
        "top_at": Asked(tab=question.tab).address("/points/top"),
        "outlook": ahead,
        "batches": [{"points": lapse.points, "words": say(lapse.words)} for lapse in ahead.lapses],
        "coming": [_event(event) for event in ahead.coming],
    }
    if question.tab != "missed":
        context |= _month(me, question, ahead)
    return render_template("member/_points_top.html", **context)


def _ledger(me: CurrentMember, question: Asked, tally: Tally) -> str:
    addresses = {tab: question.address("/points", tab=tab, before=0, reason="") for tab in TABS}
    card: dict[str, Any] = {"asked": question, "tally": tally, "addresses": addresses}
    card |= choices(SOURCES, tally.accounts) | _list(me, question, tally.seq)
    return render_template("member/_points_ledger.html", **card)


def _lines(me: CurrentMember, question: Asked) -> str:
    return render_template("member/_points_further.html", asked=question, **_list(me, question, question.before))


def _list(me: CurrentMember, question: Asked, newest: int) -> dict[str, Any]:
    if question.tab == "missed":
        found = missed.missed(me, question.reason, question.before or None)
        return {"missed": found, "stays_open": stays_open(me)}
    tab: Any = question.tab
    return {"ledger": reads.lines(me, tab, newest, question.place, question.search())}


def _drawn(me: CurrentMember, question: Asked) -> str:
    return render_template("member/_points_month.html", **_month(me, question))


def _table(me: CurrentMember, question: Asked) -> str:
    return render_template("member/_points_month_table.html", **_month(me, question))


def _month(me: CurrentMember, question: Asked, ahead: Outlook | None = None) -> dict[str, Any]:
    found: Month = month(me, question.chosen_month, (ahead or outlook(me)).held, clock.now())
    months = [(f"{one:%Y-%m}", month_name(one)) for one in found.months]
    return {"month": found, "drawing": drawing(found), "months": months}


def _event(event: Event) -> dict[str, Any]:
    return {
        "date": event.day.isoformat(),
        "day": event.day.day,
        "month": calendar_of(language()).short_months[event.day.month - 1],
        "title": say(event.title),
        "under": say(event.under),
        "points": event.points,
        "way": event.way,
    }
