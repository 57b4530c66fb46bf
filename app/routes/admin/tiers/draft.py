"""The draft of the ladder: its form, whose rows need no script, who would move by it, and proposing it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response

from app.gamification.approvals import signed
from app.gamification.approvals.notes import LONGEST_NOTE
from app.gamification.drafts import Draft
from app.gamification.errors import Refusal
from app.gamification.errors.desk import DraftNotFound
from app.gamification.tiers import crowd, publishing
from app.gamification.tiers.changes import DOWNGRADES, PERIODS, PROMOTIONS, WORTH, changes
from app.gamification.tiers.check import sound
from app.lib import clock
from app.lib.clock import from_day
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.tiers import drawing, form
from app.routes.admin.versioned import flaws_of, posted_version
from app.routes.desk import current_staff
from app.routes.rendering import page

bp = Blueprint("admin_tier_draft", __name__, url_prefix="/admin/tiers/draft")

CHOICES = {
    "period": PERIODS,
    "promotion": PROMOTIONS,
    "downgrade": DOWNGRADES,
    "worth": WORTH,
}


@bp.post("")
def create() -> Response:
    """Begin a draft that says what is in force, unless there is one already."""
    if publishing.draft() is None:
        with transaction():
            publishing.begin(current_staff().id, now=clock.now())
    return htmx.see_other(url_for("admin_tier_draft.show"))


@bp.get("")
def show() -> Response:
    """The form, filled with what was saved last."""
    draft = _draft()
    return _form(draft, form.of_definition(draft.definition), draft.version)


@bp.get("/movement")
def movement() -> Response:
    """Who would move, alone: of a large programme the page asks for it once it stands."""
    return page("admin/tiers/_movement.html", **_movement(_draft().definition))


@bp.post("/definition")
def update() -> Response:
    """Save what was written; or, where a row's button was pressed, only draw the form anew."""
    draft, written = _draft(), form.of_posted(request.form)
    version = posted_version()
    if button := request.form.get("do", ""):
        form.press(written, button)
        return _form(draft, written, version)
    try:
        with transaction():
            publishing.save(current_staff().id, draft.id, form.definition(written), version, now=clock.now())
    except Refusal as refusal:
        return _form(draft, written, version, refusal)
    flash(_l("Saved. Nothing is in force yet."))
    return htmx.see_other(url_for("admin_tier_draft.show"))


@bp.post("/proposal")
def propose() -> Response:
    """Ask a second person to publish the draft as it was saved."""
    draft = _draft()
    try:
        with transaction():
            note = request.form.get("note", "")
            publishing.propose(current_staff().id, draft.id, posted_version(), now=clock.now(), note=note)
    except Refusal as refusal:
        return _form(draft, form.of_definition(draft.definition), draft.version, refusal)
    flash(_l("Proposed. Somebody else decides now."))
    return htmx.see_other(url_for("admin_tiers.index"))


@bp.post("/discard")
def discard() -> Response:
    """Throw the draft away."""
    draft = _draft()
    with transaction():
        publishing.discard(current_staff().id, draft.id, now=clock.now())
    flash(_l("The draft is gone. The ladder in force stays as it is."))
    return htmx.see_other(url_for("admin_tiers.index"))


def _draft() -> Draft:
    draft = publishing.draft()
    if draft is None:
        raise DraftNotFound()
    return draft


def _form(draft: Draft, written: form.Written, version: int, refusal: Refusal | None = None) -> Response:
    flaws = flaws_of(refusal)
    live = publishing.in_force()
    return page(
        "admin/tiers/draft.html",
        "admin/tiers/_editor.html",
        status=422 if refusal else 200,
        nav_key="admin_tiers",
        draft=draft,
        written=written,
        version=version,
        flaws=flaws,
        refusal=refusal.sentence if refusal and not flaws else None,
        choices=CHOICES,
        every_language=LANGUAGES,
        known={level["key"] for level in live.definition["levels"]},
        opened=_opened(written, flaws),
        changes=changes(sound(live.definition), draft.definition),
        is_stale=draft.based_on != live.number,
        proposal=signed.waiting_of_draft(publishing.KIND, draft.id),
        longest_note=LONGEST_NOTE,
        **_movement(draft.definition, at_once="count" in request.args or not crowd.is_large()),
    )


def _opened(written: form.Written, flaws: Mapping[str, Sentence]) -> set[int]:
    """The levels whose names and perks show: new ones, that of the button, and where something is to be mended."""
    parts = [name.split(".") for name in flaws if name.startswith("levels.")]
    found = {int(way[1]) for way in parts if len(way) > 2 and way[2] in ("name", "perks")}
    found |= {place for place, level in enumerate(written["levels"]) if not level["name"]["en"]}
    pressed = request.form.get("do", "").split(".")
    return found | (
        {int(pressed[2])} if pressed[1:2] == ["perk"] and pressed[2:3] and pressed[2].isdecimal() else set()
    )


def _movement(definition: Mapping[str, Any], *, at_once: bool = True) -> dict[str, Any]:
    """Who would move by the draft as it was saved last; nothing where that is to be counted later."""
    if not at_once:
        return {"movement": None}
    movement = crowd.movement(definition, clock.now())
    return {
        "movement": movement,
        "stream": drawing.stream(movement),
        "rise_on": from_day(movement.rise_on),
        "fall_on": from_day(movement.fall_on),
    }
