"""The wall of badges, one badge of it, and its sharing."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from app.gamification.badges import reads
from app.gamification.badges.compiled import CompiledBadge
from app.gamification.badges.reads import Held
from app.gamification.badges.shown import Tile
from app.gamification.errors import NotFound, Refusal
from app.gamification.ledger.outcome import compiled
from app.lib.i18n import _l
from app.routes import htmx
from app.routes.member.unchanged import present_version, remembered
from app.routes.public import shared_badges
from app.routes.rendering import page
from app.routes.session import CurrentMember, current_member

bp = Blueprint("badges", __name__, url_prefix="/badges")


class Begin(NamedTuple):
    """Where to do what a badge counts."""

    view: str
    words: str
    icon: str


# By the key of a measure; what is not here is done where the member trades.
BEGIN = {
    "lessons_passed": Begin("lessons.show", _l("Open the lessons"), "graduation-cap"),
    "journal_entries": Begin("journal.show", _l("Write in your journal"), "notebook-pen"),
    "streak_weeks": Begin("habits.show", _l("See your habits"), "flame"),
    "challenges_completed": Begin("challenges.show", _l("Find a challenge"), "target"),
    "given": Begin("challenges.show", _l("Find a challenge"), "target"),
}


@bp.get("")
def show() -> Response:
    """The wall; `from` names the badge whose page was closed."""
    return _page()


@bp.get("/<key>")
def one(key: str) -> Response:
    """One badge beside the wall, or on a phone in its place; `shared` shows the link to it."""
    return _page(key, shared="shared" in request.args)


@bp.post("/<key>/sharing")
def share(key: str) -> Response:
    """Make the address at which others see a badge: nothing is written, the address says it all."""
    me = current_member()
    try:
        shared_badges.token(me, key, reads.held_by(me))
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(key, refusal=refusal)
    if not htmx.is_fragment():
        return htmx.see_other(url_for("badges.one", key=key, shared=1, _anchor="sharing"))
    return _page(key, shared=True)


def _page(key: str = "", *, shared: bool = False, refusal: Refusal | None = None) -> Response:
    me = current_member()
    held = reads.held_by(me)
    back = request.args.get("from", "")
    if back not in compiled().play.badges_by_key:
        back = ""  # each invented word would push a part of somebody's page out of memory
    status = 200 if refusal is None else 422

    def part(name: str, make: Callable[[], str]) -> str:
        return remembered(f"{present_version(me)} {held.version}", f"badges {name}", make)

    def context() -> dict[str, Any]:
        wall = reads.wall(me, held)
        first = _first(wall)
        said: dict[str, Any] = {"wall": wall, "selected": beside, "back": back, "first": first}
        return said | {"begin": _begin_of(_compiled(first)) if first is not None else None}

    beside = key or reads.first_shown(me, held)
    shown = _detail(me, beside, held, shared) if beside else {"found": None}
    gallery = part(f"wall {key} {beside} {back}", lambda: render_template("member/_badges_wall.html", **context()))
    return page(
        "member/badges.html", "member/_badges.html", status=status, gallery=gallery, asked_for=key, refusal=refusal,
        **shown,
    )  # fmt: skip


def _detail(me: CurrentMember, key: str, held: Held, shared: bool) -> dict[str, Any]:
    found = reads.detail(me, key, held)
    said: dict[str, Any] = {"found": found, "begin_here": _begin_of(compiled().play.badges_by_key[key])}
    # Whoever looks on as the member makes no address in their name.
    if shared and found.can_be_shared and me.alias and not me.viewed:
        said |= shared_badges.addresses(shared_badges.token(me, key, held))
    return said


def _first(wall: reads.Wall) -> Tile | None:
    """What whoever has none yet may begin with: the nearest that can be begun at once, else the nearest."""
    if wall.held:
        return None
    nearest = (*wall.closest, *wall.easy)
    return next((one for one in nearest if _begin_of(_compiled(one))), next(iter(nearest), None))


def _compiled(tile: Tile) -> CompiledBadge:
    return compiled().play.badges_by_key[tile.key]


def _begin_of(badge: CompiledBadge) -> Begin | None:
    return BEGIN.get(badge.definition.criterion.kind)
