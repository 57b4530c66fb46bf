"""The profile of a member: what stands at its head, and behind each of its tabs what the member reads, and more."""

from typing import Any

from flask import Blueprint, Response, request

from app.gamification.audit import reads as audit
from app.gamification.brand import brand
from app.gamification.ledger import history, missed, reads
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.outlook import outlook
from app.gamification.ledger.words.law import stays_open
from app.gamification.members import care, dossier
from app.gamification.members.classes import TITLES
from app.gamification.members.dossier import SHOWN, Dossier
from app.gamification.messages.reads import latest
from app.gamification.tiers.position import position
from app.gamification.tiers.reads import climb, in_window
from app.lib import clock
from app.lib.i18n import pick
from app.models.people import ClientClass
from app.routes import htmx
from app.routes.admin.members import OF_MEMBER, address_of, dossier_of, member_page
from app.routes.countries import country_name
from app.routes.formats import say
from app.routes.language import language
from app.routes.member.asked import Asked, asked, choices
from app.routes.member.points import SOURCES, TABS

bp = Blueprint("admin_member", __name__, url_prefix=OF_MEMBER)


@bp.get("")
@bp.get("/points")
def show(member_id: int) -> Response:
    """The ledger in its tabs, what did not earn among them; or the card alone."""
    found, question = dossier_of(member_id), asked(request.args, TABS)
    tally = reads.tally(found.me)
    addresses = {tab: question.address(address_of(member_id, "/points"), tab=tab, before=0, reason="") for tab in TABS}
    card = {"asked": question, "tally": tally, "addresses": addresses, **choices(SOURCES, tally.accounts)}
    tab = "missed" if question.tab == "missed" else "ledger"
    return _profile(tab, found, **card, **_lines(found, question, tally.seq))


@bp.get("/points/lines")
def lines(member_id: int) -> Response:
    """The lines below those that are shown, to be put under them."""
    found, question = dossier_of(member_id), asked(request.args, TABS)
    if not htmx.is_fragment():
        return htmx.see_other(question.address(address_of(member_id, "/points")))
    rows = "member/_points_missed_rows.html" if question.tab == "missed" else "member/_points_lines.html"
    return member_page(rows, found, asked=question, **_lines(found, question, question.before))


@bp.get("/decisions")
def decisions(member_id: int) -> Response:
    """Everything that was reported, in the order in which it was decided."""
    found, question = dossier_of(member_id), asked(request.args)
    waiting = history.waiting(found.me) if found.waiting and question == Asked() else ()
    rows = history.history(found.me, found.decisions, question.place, question.search())
    return _profile("decisions", found, asked=question, waiting=waiting, history=rows, numbered=True)


@bp.get("/decisions/rows")
def rows(member_id: int) -> Response:
    """The decisions below those that are shown."""
    found, question = dossier_of(member_id), asked(request.args)
    if not htmx.is_fragment():
        return htmx.see_other(question.address(address_of(member_id, "/decisions")))
    older = history.history(found.me, question.before, question.place, question.search())
    return member_page("member/_activity_rows.html", found, asked=question, history=older, numbered=True)


@bp.get("/tiers")
def tiers(member_id: int) -> Response:
    """The way through the levels, and what comes next."""
    found = dossier_of(member_id)
    return _profile("tiers", found, climb=climb(found.me, clock.now()))


@bp.get("/accounts")
def accounts(member_id: int) -> Response:
    """The trading accounts."""
    found = dossier_of(member_id)
    return _profile("accounts", found, accounts=dossier.accounts(member_id))


@bp.get("/messages")
def messages(member_id: int) -> Response:
    """What the member was told here and by mail."""
    found = dossier_of(member_id)
    told = latest(member_id, SHOWN, compiled().ladder, language().code)
    return _profile("messages", found, told=told, mails=dossier.mails(member_id))


@bp.get("/log")
def log(member_id: int) -> Response:
    """What staff did for the member and to them."""
    return _profile("log", dossier_of(member_id), entries=audit.of_subject("member", member_id))


def _lines(found: Dossier, question: Asked, newest: int) -> dict[str, Any]:
    if question.tab == "missed":
        page = missed.missed(found.me, question.reason, question.before or None)
        return {"missed": page, "stays_open": stays_open(found.me)}
    tab: Any = question.tab
    return {"ledger": reads.lines(found.me, tab, newest, question.place, question.search())}


def _profile(tab: str, found: Dossier, **content: Any) -> Response:
    """The page, or the card of the tab alone."""
    head = {} if htmx.is_fragment() else _head(found)
    return member_page("admin/members/show.html", found, "admin/members/_card.html", tab=tab, **head, **content)


def _head(found: Dossier) -> dict[str, Any]:
    """Everything above the tabs and beside them."""
    me, spoken = found.me, language()
    ahead = outlook(me)
    place, _ = in_window(me, position(me, compiled(), clock.now()))
    entity = brand().entity(me.entity_id)
    return {
        "outlook": ahead,
        "batches": [{"points": lapse.points, "words": say(lapse.words)} for lapse in ahead.lapses],
        "place": place,
        "level": pick(dict(place.level.name), spoken.code),
        "above": pick(dict(place.above.name), spoken.code) if place.above else "",
        "standing": dossier.standing(me),
        "entity": entity,
        "country": country_name(me.country) if me.country else "",
        "client_class": TITLES[ClientClass(me.client_class)],
        "block_reasons": care.BLOCK_REASONS,
    }
