"""The draft of a pack: its form, what becomes looser by it, and proposing it."""

from collections.abc import Collection, Mapping
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
from app.gamification.policy import publishing
from app.gamification.policy.changes import changes, warnings
from app.gamification.policy.definition import LOSS, NEVER_RETAIL, UNKNOWN, WITHOUT_COUNTRIES, sound
from app.lib import clock
from app.lib.countries import country_codes, country_name
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
from app.routes.admin.packs import form
from app.routes.admin.packs.pages import words
from app.routes.admin.versioned import flaws_of
from app.routes.desk import current_staff
from app.routes.language import language
from app.routes.rendering import page

bp = Blueprint("admin_pack_draft", __name__, url_prefix="/admin/packs")


@bp.get("/new")
def new() -> Response:
    """Ask for a new pack's key, and for the pack it starts from."""
    return _new()


@bp.post("/new")
def create_new() -> Response:
    """Begin the draft of a new pack."""
    key, source = request.form.get("key", "").strip(), request.form.get("source", "")
    try:
        with transaction():
            publishing.begin_new(current_staff().id, key, source, now=clock.now())
    except Refusal as refusal:
        return _new(flaws_of(refusal) or {refusal.field or "source": refusal.sentence}, status=422)
    return htmx.see_other(url_for("admin_pack_draft.show", key=key))


@bp.post("/<key>/draft")
def create(key: str) -> Response:
    """Begin a draft that says what is in force, unless there is one already; with the form of one where it was sent."""
    if is_filled():
        return _begin_anew(key)
    if publishing.draft_of(key) is None:
        with transaction():
            publishing.begin(current_staff().id, key, now=clock.now())
    return htmx.see_other(url_for("admin_pack_draft.show", key=key))


@bp.get("/<key>/draft")
def show(key: str) -> Response:
    """The form, filled with what was saved last."""
    draft = _draft(key)
    return _form(draft, form.of_definition(draft.definition))


@bp.post("/<key>/draft/definition")
def update(key: str) -> Response:
    """Save what was written."""
    stored, written, chosen = publishing.draft_of(key), form.of_posted(request.form), chosen_stamp()
    if stored is None and not is_filled():
        raise DraftNotFound()
    try:
        with transaction():
            if stored is None or chosen.draft_id != stored.id:
                raise DraftChanged()
            by, now = current_staff().id, clock.now()
            publishing.save(by, chosen.draft_id, form.definition(written), chosen.version, now=now)
    except Refusal as refusal:
        # Read again: it was as it should be when the form came in.
        return _form(_sent(key), written, refusal)
    flash(_l("Saved. Nothing is in force yet."))
    return htmx.see_other(url_for("admin_pack_draft.show", key=key))


@bp.post("/<key>/draft/proposal")
def propose(key: str) -> Response:
    """Ask a second person to publish the draft as it was saved."""
    note, version = request.form.get("note", ""), _posted_version(key)
    try:
        with transaction():
            publishing.propose(current_staff().id, _draft(key).id, version, now=clock.now(), note=note)
    except Refusal as refusal:
        return _as_stored(key, refusal)
    flash(_l("Proposed. Somebody else decides now."))
    return htmx.see_other(url_for("admin_packs.index"))


@bp.post("/<key>/draft/discard")
def discard(key: str) -> Response:
    """Throw the draft away."""
    draft, version = _draft(key), _posted_version(key)
    try:
        with transaction():
            publishing.discard(current_staff().id, draft.id, version, now=clock.now())
    except Refusal as refusal:
        return _as_stored(key, refusal)
    flash(_l("The draft is gone. What is in force stays as it is."))
    return htmx.see_other(url_for("admin_packs.index"))


def _begin_anew(key: str) -> Response:
    """Begin a draft with what was typed into the form of one that is gone."""
    draft, written = _sent(key), form.of_posted(request.form)
    try:
        with transaction():
            publishing.begin_anew(current_staff().id, key, form.definition(written), posted_stamp(), now=clock.now())
    except Refusal as refusal:
        return _form(_sent(key), written, refusal)
    flash(BEGUN)
    return htmx.see_other(url_for("admin_pack_draft.show", key=draft.key))


def _draft(key: str) -> Draft:
    draft = publishing.draft_of(key)
    if draft is None:
        raise DraftNotFound()
    return draft


def _new(flaws: Mapping[str, Sentence] | None = None, *, status: int = 200) -> Response:
    packs = {key: revision.definition["name"] for key, revision in publishing.in_force().items()}
    return page(
        "admin/packs/new.html",
        nav_key="admin_packs",
        status=status,
        flaws=flaws or {},
        packs=packs,
        key=request.form.get("key", ""),
        source=request.form.get("source", "unknown"),
    )


def _posted_version(key: str) -> int:
    """The version that the posted form was drawn from; -1, which never was, of another draft."""
    stamp = posted_stamp()
    return stamp.version if stamp.draft_id == _draft(key).id else -1


def _sent(key: str) -> Draft:
    """What a posted form is about: its draft, or where there is none, what one that is begun now would be."""
    draft, live = publishing.draft_of(key), publishing.in_force().get(key)
    if draft is not None:
        return draft
    if not is_filled():
        raise DraftNotFound()
    now, gone = clock.now(), posted_stamp().draft_id
    if live is None:
        # Nothing of it is in force: what stands in the form is all there is, made whole where it cannot be read.
        known = _beginning(key)
        return Draft(gone, publishing.DRAFT, None, key, known, 0, -1, None, now)
    return Draft(gone, publishing.DRAFT, live.pack_id, key, live.definition, live.number, -1, None, now)


def _beginning(key: str) -> dict[str, Any]:
    """What the draft of a new pack says before anybody has written in it: the strictest."""
    strictest = publishing.in_force()[UNKNOWN].definition
    return {**strictest, "name": {"en": key}, "countries": [], "retail": True}


def _meanwhile(draft: Draft, plain: Mapping[str, Any], stamp: Stamp) -> Meanwhile | None:
    """What happened to the draft since its form was drawn; None where it is as it was."""
    packs, key = publishing.in_force(), draft.key
    stored, live, begin = publishing.draft_of(key), packs.get(key), url_for("admin_pack_draft.create", key=key)
    if stored is None:
        return Meanwhile(ended(drafts.publication_of(stamp.draft_id), None), begin=begin)
    if stamp == stamp_of(stored):
        number = live.number if live else 0
        return Meanwhile(overtaken(number), begin=begin, is_there=True) if stored.based_on != number else None
    gone = ended(drafts.publication_of(stamp.draft_id), stored)
    sentence = saved_by(stored) if stored.id == stamp.draft_id else gone
    try:
        differences = changes(stored.definition, sound(key, plain, publishing.others(packs, key)))
    except NotSound:
        differences = None
    over, see = url_for("admin_pack_draft.update", key=key), url_for("admin_pack_draft.show", key=key)
    return Meanwhile(sentence, stored, differences, over=over, see=see)


def _as_stored(key: str, refusal: Refusal) -> Response:
    """The form as the draft was saved last, and why it was neither proposed nor thrown away."""
    draft = _draft(key)
    return _form(draft, form.of_definition(draft.definition), refusal, stamp_of(draft))


def _form(draft: Draft, written: form.Written, refusal: Refusal | None = None, stamp: Stamp | None = None) -> Response:
    flaws = flaws_of(refusal)
    stamp = stamp or (posted_stamp() if request.method == "POST" else stamp_of(draft))
    meanwhile = _meanwhile(draft, form.definition(written), stamp)
    shown = refusal if refusal and not flaws and meanwhile is None else None
    packs = publishing.in_force()
    live, beside = packs.get(draft.key), publishing.others(packs, draft.key)
    before = live.definition if live else None
    return page(
        "admin/packs/draft.html",
        "admin/packs/_editor.html",
        status=422 if refusal else 200,
        nav_key="admin_packs",
        draft=draft,
        written=written,
        stamp=stamp,
        meanwhile=meanwhile,
        is_valid=not flaws,
        is_refused=refusal is not None,
        note=request.form.get("note", ""),
        flaws=flaws,
        cited_flaws={name.rpartition(".")[0] for name in flaws},
        refusal=shown.sentence if shown else None,
        loss=LOSS,
        every_language=LANGUAGES,
        with_countries=draft.key not in WITHOUT_COUNTRIES,
        with_retail=draft.key not in NEVER_RETAIL,
        countries=_countries(beside, written["countries"]),
        changes=changes(before, draft.definition),
        warnings=warnings(before, draft.definition, beside),
        proposal=signed.waiting_of_draft(publishing.KIND, draft.id),
        longest_note=LONGEST_NOTE,
        **words(),
    )


def _countries(
    beside: Mapping[str, Mapping[str, Any]], chosen: Collection[str]
) -> list[tuple[str, str, Mapping[str, str] | None]]:
    """Every country by name, with the pack that has it already; those that are chosen first."""
    taken = {code: other["name"] for other in beside.values() for code in other.get("countries", ())}
    spoken = language().code
    named = sorted((code not in chosen, country_name(code, spoken), code) for code in country_codes())
    return [(code, name, taken.get(code)) for _, name, code in named]
