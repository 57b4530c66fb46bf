"""The pages of a noun of the catalogue: its list and file, what is new, one of it with its revisions, and drafts."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, flash, request

from app.gamification.approvals.notes import LONGEST_NOTE
from app.gamification.approvals.registry import Change
from app.gamification.audit import reads as audit
from app.gamification.catalogue import reads, writing
from app.gamification.catalogue.reads import Revision, View
from app.gamification.errors import NotFound, Refusal
from app.lib import clock
from app.lib.i18n import _l, pick
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin import asked
from app.routes.admin.catalogue.drafting import WAITS, begin_with_form, draft_pages
from app.routes.admin.catalogue.outcomes import OUTCOMES
from app.routes.admin.catalogue.shelf import Shelf
from app.routes.admin.meanwhile import is_filled
from app.routes.admin.resource import csv_file
from app.routes.desk import current_staff
from app.routes.errors import status_of
from app.routes.language import gettext, language
from app.routes.rendering import page

STATES = {
    "live": (_l("Live"), "brand"),
    "draft": (_l("Draft"), "violet"),
    "proposed": (_l("Proposed"), "gold"),
    "retired": (_l("Retired"), ""),
}
FILES = (_l("Key"), _l("Name"), _l("State"), _l("Revision"))


def blueprint(shelf: Shelf, import_name: str) -> Blueprint:
    """The pages of a noun; routes/access.py opens them."""
    bp = Blueprint(shelf.blueprint, import_name, url_prefix=f"/admin/{shelf.folder}")

    @bp.get("")
    def index() -> Response:
        return _index(shelf)

    @bp.get("/export.csv")
    def export() -> Response:
        titles = [gettext(title) for title in (*FILES, *shelf.columns)]
        return csv_file(shelf.folder, titles, _cells(shelf, _asked_for(shelf)[0]))

    @bp.get("/new")
    def new() -> Response:
        return _new(shelf)

    @bp.post("")
    def create() -> Response:
        return begin_with_form(shelf) if is_filled() else _create(shelf)

    @bp.get("/<int:thing_id>")
    def show(thing_id: int) -> Response:
        return _show(shelf, thing_id)

    @bp.get("/<int:thing_id>/history")
    def history(thing_id: int) -> Response:
        entries = audit.of_subject(shelf.noun.key, thing_id)
        return page("admin/catalogue/history.html", shelf=shelf, view=reads.one(shelf.noun, thing_id), entries=entries)

    @bp.post("/<int:thing_id>/draft")
    def begin(thing_id: int) -> Response:
        if is_filled():
            return begin_with_form(shelf, thing_id)
        with transaction():
            draft_id = writing.begin_revision(shelf.noun, current_staff().id, thing_id, now=clock.now())
        return htmx.see_other(shelf.address("show_draft", draft_id=draft_id))

    @bp.post("/<int:thing_id>/copy")
    def duplicate(thing_id: int) -> Response:
        with transaction():
            draft_id = writing.begin_copy(shelf.noun, current_staff().id, thing_id, now=clock.now())
        flash(_l("This is a copy of its own. Name it anew."))
        return htmx.see_other(shelf.address("show_draft", draft_id=draft_id))

    @bp.post("/<int:thing_id>/retirement")
    def retire(thing_id: int) -> Response:
        return _turn(shelf, thing_id, writing.RETIRED)

    @bp.post("/<int:thing_id>/reopening")
    def reopen(thing_id: int) -> Response:
        return _turn(shelf, thing_id, writing.OFFERED)

    draft_pages(bp, shelf)
    return bp


def _index(shelf: Shelf) -> Response:
    shown, every, narrowed = _asked_for(shelf)
    rows = [(view, shelf.row(view)) for view in shown]
    kinds = {key: kind.title for key, kind in shelf.kinds().items()}
    context: dict[str, Any] = {"shelf": shelf, "states": STATES, "rows": rows, "of": every, "kinds": kinds}
    context |= {"export": asked.link(shelf.address("export"), **narrowed), **narrowed}
    return page("admin/catalogue/index.html", shelf.template("_list"), **context)


def _asked_for(shelf: Shelf) -> tuple[list[View], int, dict[str, str]]:
    """What the list shows now, of how many, and what it was narrowed to."""
    narrowed = {"q": asked.typed(), "state": asked.choice("state", STATES), "kind": asked.choice("kind", shelf.kinds())}
    every, sought = reads.every(shelf.noun), narrowed["q"].casefold()
    shown = [
        view
        for view in every
        if (not narrowed["state"] or view.state == narrowed["state"])
        and (not narrowed["kind"] or shelf.kind_of(view.plain) == narrowed["kind"])
        and (not sought or any(sought in text.casefold() for text in (view.key, *view.name.values())))
    ]
    return shown, len(every), narrowed


def _cells(shelf: Shelf, views: Sequence[View]) -> Iterator[list[Any]]:
    for view in views:
        name, state = pick(dict(view.name), language().code), gettext(STATES[view.state][0])
        yield [view.key, name, state, view.live.number if view.live else "", *shelf.cells(view)]


def _new(shelf: Shelf, refusal: Refusal | None = None, status: int = 200) -> Response:
    posted = request.form
    context: dict[str, Any] = {"kinds": shelf.kinds(), "name": posted.get("name", ""), "chosen": posted.get("kind", "")}
    return page("admin/catalogue/new.html", status=status, shelf=shelf, refusal=refusal, **context)


def _create(shelf: Shelf) -> Response:
    try:
        definition = shelf.publishing.starting(
            writing.clean_name(request.form.get("name", "")), request.form.get("kind", "")
        )
        with transaction():
            draft_id = writing.begin(shelf.noun, current_staff().id, definition, now=clock.now())
    except Refusal as refusal:
        return _new(shelf, refusal, status_of(refusal))
    return htmx.see_other(shelf.address("show_draft", draft_id=draft_id))


def _show(shelf: Shelf, thing_id: int, refusal: Refusal | None = None, status: int = 200) -> Response:
    view = reads.one(shelf.noun, thing_id)
    assert view.live is not None, "what is stored has a revision"
    words, tone = STATES[view.state]
    return page(
        "admin/catalogue/show.html",
        status=status,
        shelf=shelf,
        view=view,
        state_words=words,
        state_tone=tone,
        lines=shelf.lines(view.plain),
        law=shelf.publishing.law(view.plain),
        outcomes=OUTCOMES,
        timeline=_timeline(shelf, view),
        in_draft=shelf.publishing.changes(view.plain, view.draft.definition) if view.draft else (),
        refusal=refusal,
        note=request.form.get("note", ""),
        longest_note=LONGEST_NOTE,
        **shelf.figures(view),
    )


def _timeline(shelf: Shelf, view: View) -> list[tuple[Revision, Sequence[Change]]]:
    """Every revision, the newest first, with what it changed."""
    befores = [*(one.plain for one in view.revisions[1:]), None]
    return [
        (one, shelf.publishing.changes(before, one.plain) if before is not None else ())
        for one, before in zip(view.revisions, befores, strict=True)
    ]


def _turn(shelf: Shelf, thing_id: int, to: str) -> Response:
    try:
        with transaction():
            note = request.form.get("note", "")
            writing.propose_turn(shelf.noun, current_staff().id, thing_id, to, note, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(shelf, thing_id, refusal, status_of(refusal))
    flash(WAITS)
    return htmx.see_other(shelf.address("show", thing_id=thing_id))
