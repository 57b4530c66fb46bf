"""The draft of a pack: its form, what becomes looser by it, and proposing it."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response

from app.gamification.approvals import signed
from app.gamification.approvals.notes import LONGEST_NOTE
from app.gamification.drafts import Draft
from app.gamification.errors import Refusal
from app.gamification.errors.desk import DraftNotFound
from app.gamification.policy import publishing
from app.gamification.policy.changes import changes, warnings
from app.gamification.policy.definition import LOSS, NEVER_RETAIL, WITHOUT_COUNTRIES
from app.lib import clock
from app.lib.countries import country_codes, country_name
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.packs import form
from app.routes.admin.packs.pages import words
from app.routes.admin.versioned import flaws_of, posted_version
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
    """Begin a draft that says what is in force, unless there is one already."""
    if publishing.draft_of(key) is None:
        with transaction():
            publishing.begin(current_staff().id, key, now=clock.now())
    return htmx.see_other(url_for("admin_pack_draft.show", key=key))


@bp.get("/<key>/draft")
def show(key: str) -> Response:
    """The form, filled with what was saved last."""
    draft = _draft(key)
    return _form(draft, form.of_definition(draft.definition), draft.version)


@bp.post("/<key>/draft/definition")
def update(key: str) -> Response:
    """Save what was written."""
    draft, written, version = _draft(key), form.of_posted(request.form), posted_version()
    try:
        with transaction():
            publishing.save(current_staff().id, draft.id, form.definition(written), version, now=clock.now())
    except Refusal as refusal:
        return _form(draft, written, version, refusal)
    flash(_l("Saved. Nothing is in force yet."))
    return htmx.see_other(url_for("admin_pack_draft.show", key=key))


@bp.post("/<key>/draft/proposal")
def propose(key: str) -> Response:
    """Ask a second person to publish the draft as it was saved."""
    draft = _draft(key)
    try:
        with transaction():
            note = request.form.get("note", "")
            publishing.propose(current_staff().id, draft.id, posted_version(), now=clock.now(), note=note)
    except Refusal as refusal:
        return _form(draft, form.of_definition(draft.definition), draft.version, refusal)
    flash(_l("Proposed. Somebody else decides now."))
    return htmx.see_other(url_for("admin_packs.index"))


@bp.post("/<key>/draft/discard")
def discard(key: str) -> Response:
    """Throw the draft away."""
    draft = _draft(key)
    with transaction():
        publishing.discard(current_staff().id, draft.id, now=clock.now())
    flash(_l("The draft is gone. What is in force stays as it is."))
    return htmx.see_other(url_for("admin_packs.index"))


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


def _form(draft: Draft, written: form.Written, version: int, refusal: Refusal | None = None) -> Response:
    flaws = flaws_of(refusal)
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
        version=version,
        flaws=flaws,
        cited_flaws={name.rpartition(".")[0] for name in flaws},
        refusal=refusal.sentence if refusal and not flaws else None,
        loss=LOSS,
        every_language=LANGUAGES,
        with_countries=draft.key not in WITHOUT_COUNTRIES,
        with_retail=draft.key not in NEVER_RETAIL,
        countries=_countries(beside, written["countries"]),
        changes=changes(before, draft.definition),
        warnings=warnings(before, draft.definition, beside),
        is_stale=draft.based_on != (live.number if live else 0),
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
