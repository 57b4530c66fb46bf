"""The draft of the ladder: its form, whose rows need no script, who would move by it, and proposing it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response

from app.gamification import drafts
from app.gamification.approvals import signed
from app.gamification.approvals.notes import LONGEST_NOTE
from app.gamification.drafts import Draft
from app.gamification.errors import Refusal
from app.gamification.errors.desk import DraftChanged, DraftNotFound
from app.gamification.errors.programme import NotSound
from app.gamification.tiers import crowd, publishing
from app.gamification.tiers.changes import DOWNGRADES, PERIODS, PROMOTIONS, WORTH, changes
from app.gamification.tiers.check import sound
from app.lib import clock
from app.lib.clock import from_day
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.meanwhile import (
    BEGUN,
    Meanwhile,
    Stamp,
    chosen_stamp,
    ended,
    is_filled,
    overtaken,
    posted_stamp,
    saved_by,
    stamp_of,
)
from app.routes.admin.tiers import drawing, form
from app.routes.admin.versioned import flaws_of
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
    """Begin a draft that says what is in force, unless there is one already; with the form of one where it was sent."""
    if is_filled():
        return _begin_anew()
    if publishing.draft() is None:
        with transaction():
            publishing.begin(current_staff().id, now=clock.now())
    return htmx.see_other(url_for("admin_tier_draft.show"))


@bp.get("")
def show() -> Response:
    """The form, filled with what was saved last."""
    draft = _draft()
    return _form(draft, form.of_definition(draft.definition))


@bp.get("/movement")
def movement() -> Response:
    """Who would move, alone: of a large programme the page asks for it once it stands."""
    return page("admin/tiers/_movement.html", **_movement(_draft().definition))


@bp.post("/definition")
def update() -> Response:
    """Save what was written; or, where a row's button was pressed, only draw the form anew."""
    draft, written, chosen = _sent(), form.of_posted(request.form), chosen_stamp()
    stored = publishing.draft()
    if button := request.form.get("do", ""):
        form.press(written, button)
        return _form(draft, written)
    try:
        with transaction():
            if stored is None or chosen.draft_id != stored.id:
                raise DraftChanged()
            by, now = current_staff().id, clock.now()
            publishing.save(by, chosen.draft_id, form.definition(written), chosen.version, now=now)
    except Refusal as refusal:
        # Read again: it was as it should be when the form came in.
        return _form(_sent(), written, refusal)
    flash(_l("Saved. Nothing is in force yet."))
    return htmx.see_other(url_for("admin_tier_draft.show"))


@bp.post("/proposal")
def propose() -> Response:
    """Ask a second person to publish the draft as it was saved."""
    note, stamp = request.form.get("note", ""), posted_stamp()
    try:
        with transaction():
            publishing.propose(current_staff().id, stamp.draft_id, stamp.version, now=clock.now(), note=note)
    except Refusal as refusal:
        return _as_stored(refusal)
    flash(_l("Proposed. Somebody else decides now."))
    return htmx.see_other(url_for("admin_tiers.index"))


@bp.post("/discard")
def discard() -> Response:
    """Throw the draft away."""
    stamp = posted_stamp()
    try:
        with transaction():
            publishing.discard(current_staff().id, stamp.draft_id, stamp.version, now=clock.now())
    except Refusal as refusal:
        return _as_stored(refusal)
    flash(_l("The draft is gone. The ladder in force stays as it is."))
    return htmx.see_other(url_for("admin_tiers.index"))


def _begin_anew() -> Response:
    """Begin a draft with what was typed into the form of one that is gone."""
    written = form.of_posted(request.form)
    try:
        with transaction():
            publishing.begin_anew(current_staff().id, form.definition(written), posted_stamp(), now=clock.now())
    except Refusal as refusal:
        return _form(_sent(), written, refusal)
    flash(BEGUN)
    return htmx.see_other(url_for("admin_tier_draft.show"))


def _draft() -> Draft:
    draft = publishing.draft()
    if draft is None:
        raise DraftNotFound()
    return draft


def _sent() -> Draft:
    """What a posted form is about: its draft, or where there is none, what one that is begun now would be."""
    draft = publishing.draft()
    if draft is not None:
        return draft
    if not is_filled():
        raise DraftNotFound()
    stamp, live = posted_stamp(), publishing.in_force()
    now, plain = clock.now(), sound(live.definition)
    return Draft(stamp.draft_id, publishing.DRAFT, publishing.ONLY, publishing.KEY, plain, live.number, -1, None, now)


def _meanwhile(draft: Draft, plain: Mapping[str, Any], stamp: Stamp) -> Meanwhile | None:
    """What happened to the draft since its form was drawn; None where it is as it was."""
    stored, live, begin = publishing.draft(), publishing.in_force(), url_for("admin_tier_draft.create")
    if stored is None:
        return Meanwhile(ended(drafts.publication_of(stamp.draft_id), None), begin=begin)
    if stamp == stamp_of(stored):
        return Meanwhile(overtaken(live.number), begin=begin, is_there=True) if stored.based_on != live.number else None
    gone = ended(drafts.publication_of(stamp.draft_id), stored)
    sentence = saved_by(stored) if stored.id == stamp.draft_id else gone
    try:
        differences = changes(stored.definition, sound(plain))
    except NotSound:
        differences = None
    over, see = url_for("admin_tier_draft.update"), url_for("admin_tier_draft.show")
    return Meanwhile(sentence, stored, differences, over=over, see=see)


def _as_stored(refusal: Refusal) -> Response:
    """The form as the draft was saved last, and why it was neither proposed nor thrown away."""
    draft = _draft()
    return _form(draft, form.of_definition(draft.definition), refusal, stamp_of(draft))


def _form(draft: Draft, written: form.Written, refusal: Refusal | None = None, stamp: Stamp | None = None) -> Response:
    flaws = flaws_of(refusal)
    live = publishing.in_force()
    stamp = stamp or (posted_stamp() if request.method == "POST" else stamp_of(draft))
    meanwhile = _meanwhile(draft, form.definition(written), stamp)
    shown = refusal if refusal and not flaws and meanwhile is None else None
    return page(
        "admin/tiers/draft.html",
        "admin/tiers/_editor.html",
        status=422 if refusal else 200,
        nav_key="admin_tiers",
        draft=draft,
        written=written,
        stamp=stamp,
        meanwhile=meanwhile,
        flaws=flaws,
        is_valid=not flaws,
        is_refused=refusal is not None,
        refusal=shown.sentence if shown else None,
        note=request.form.get("note", ""),
        choices=CHOICES,
        every_language=LANGUAGES,
        known={level["key"] for level in live.definition["levels"]},
        opened=_opened(written, flaws),
        changes=changes(sound(live.definition), draft.definition),
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
