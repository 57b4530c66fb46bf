"""The form that writes the next revision, with the member's card beside it; a preview writes nothing."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, request

from app.gamification import drafts
from app.gamification.approvals.notes import LONGEST_NOTE
from app.gamification.catalogue import reads, writing
from app.gamification.catalogue.reads import View
from app.gamification.drafts import Draft
from app.gamification.errors import NotFound, Refusal
from app.gamification.errors.catalogue import BadThingName
from app.gamification.errors.desk import DraftChanged, DraftNotFound
from app.gamification.errors.programme import NotSound
from app.gamification.ledger.outcome import compiled
from app.gamification.members.classes import TITLES
from app.lib import clock
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.catalogue import seen
from app.routes.admin.catalogue.outcomes import OUTCOMES
from app.routes.admin.catalogue.shelf import Plain, Shelf
from app.routes.admin.meanwhile import (
    BEGUN,
    Meanwhile,
    Stamp,
    chosen_stamp,
    ended,
    is_filled,
    overtaken,
    posted_stamp,
    posted_subject,
    saved_by,
    stamp_of,
)
from app.routes.admin.packs.bench import at_rest
from app.routes.admin.rules.controls import CONTROLS, names_of, words_for
from app.routes.countries import countries, country_name
from app.routes.desk import current_staff
from app.routes.errors import status_of
from app.routes.rendering import page

WAITS = _l("Somebody else has to approve this. It waits under Approvals.")
NO_KEY = re.compile(r"[^a-z0-9_]")
Then = Callable[[int, int, datetime], object]


def draft_pages(bp: Blueprint, shelf: Shelf) -> None:
    """Add the pages of drafts."""

    @bp.get("/drafts/<int:draft_id>")
    def show_draft(draft_id: int) -> Response:
        view, draft = _stored_draft(shelf, draft_id)
        return _page(shelf, view, draft, shelf.form.of_definition(draft.definition))

    @bp.post("/drafts/<int:draft_id>/preview")
    def preview(draft_id: int) -> Response:
        view, draft = _sent(shelf, draft_id)
        filled, button = shelf.form.of_posted(request.form), request.form.get("press", "")
        if button:
            shelf.form.press(filled, button)
        return _page(shelf, view, draft, filled, fragment="_editor" if button else "_beside")

    @bp.post("/drafts/<int:draft_id>")
    def save(draft_id: int) -> Response:
        return _stored(shelf, draft_id, _l("Saved. Nothing is in force yet."))

    @bp.post("/drafts/<int:draft_id>/proposal")
    def propose(draft_id: int) -> Response:
        def ask(by: int, version: int, now: datetime) -> None:
            writing.propose(shelf.noun, by, draft_id, version, request.form.get("note", ""), now=now)

        return _stored(shelf, draft_id, WAITS, ask)

    @bp.post("/drafts/<int:draft_id>/removal")
    def discard(draft_id: int) -> Response:
        try:
            with transaction():
                version = posted_stamp().version
                draft = writing.discard(shelf.noun, current_staff().id, draft_id, version, now=clock.now())
        except DraftChanged as refusal:
            # As it stands now, for whoever wanted to throw away something else.
            view, draft = _stored_draft(shelf, draft_id)
            filled = shelf.form.of_definition(draft.definition)
            return _page(shelf, view, draft, filled, stamp=stamp_of(draft), refusal=refusal, status=status_of(refusal))
        flash(_l("The draft was thrown away."))
        if draft.subject_id is None:
            return htmx.see_other(shelf.address("index"))
        return htmx.see_other(shelf.address("show", thing_id=draft.subject_id))


def begin_with_form(shelf: Shelf, thing_id: int | None = None) -> Response:
    """Begin a draft with what was typed into the form of another: a thing's next revision, or something new."""
    stamp = posted_stamp()
    view, draft = _sent(shelf, stamp.draft_id)
    filled = shelf.form.of_posted(request.form)
    reading, _ = shelf.read(filled)
    if reading.plain is None:
        return _page(shelf, view, draft, filled, status=422)
    try:
        with transaction():
            by, now = current_staff().id, clock.now()
            if thing_id is not None:
                draft_id = writing.begin_anew(shelf.noun, by, thing_id, reading.plain, stamp, now=now)
            elif "copy" in request.form:
                draft_id = writing.begin_duplicate(shelf.noun, by, reading.plain, now=now)
            else:
                draft_id = writing.begin(shelf.noun, by, reading.plain, now=now)
    except NotFound:
        raise
    except Refusal as refusal:
        view, draft = _sent(shelf, stamp.draft_id)
        return _page(shelf, view, draft, filled, refusal=refusal, status=status_of(refusal))
    flash(BEGUN)
    return htmx.see_other(shelf.address("show_draft", draft_id=draft_id))


def _stored(shelf: Shelf, draft_id: int, done: str, then: Then | None = None) -> Response:
    """Store what was written, and `then` do more in the same transaction; else the form, with what is to be mended."""
    view, draft = _sent(shelf, draft_id)
    filled = shelf.form.of_posted(request.form)
    reading, _ = shelf.read(filled)
    if reading.plain is None:
        return _page(shelf, view, draft, filled, status=422)
    try:
        with transaction():
            by, now = current_staff().id, clock.now()
            chosen = chosen_stamp()
            if chosen.draft_id != draft_id:
                raise DraftChanged()
            version = writing.save(shelf.noun, by, draft_id, reading.plain, chosen.version, now=now)
            if then is not None:
                then(by, version, now)
    except (DraftChanged, DraftNotFound) as refusal:
        # Read again: it was as it should be when the form came in.
        view, draft = _sent(shelf, draft_id)
        return _page(shelf, view, draft, filled, refusal=refusal, status=status_of(DraftChanged()))
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(shelf, view, draft, filled, refusal=refusal, status=status_of(refusal))
    flash(done)
    return htmx.see_other(shelf.address("show_draft", draft_id=draft_id))


def _stored_draft(shelf: Shelf, draft_id: int) -> tuple[View, Draft]:
    draft = drafts.read(draft_id)
    if draft is None or draft.kind != shelf.noun.key:
        raise DraftNotFound()
    return reads.of_draft(shelf.noun, draft), draft


def _sent(shelf: Shelf, draft_id: int) -> tuple[View, Draft]:
    """What a posted form is about: its draft, or where that is gone, what one that is begun now would be."""
    draft = drafts.read(draft_id)
    if draft is not None and draft.kind == shelf.noun.key:
        return reads.of_draft(shelf.noun, draft), draft
    if draft is not None or not is_filled():
        raise DraftNotFound()
    view = _subject(shelf, draft_id)
    if view is not None and view.live is not None:
        return view, _imagined(shelf, draft_id, view.id, view.key, view.live.plain, view.live.number)
    key = NO_KEY.sub("", request.form.get("key", ""))[: writing.LONGEST_KEY]
    plain = shelf.noun.sound(shelf.publishing.starting(_named(shelf), next(iter(shelf.kinds()))))
    draft = _imagined(shelf, draft_id, None, key, plain, 0)
    return View(shelf.noun, None, key, None, (), draft, ()), draft


def _subject(shelf: Shelf, draft_id: int) -> View | None:
    """The thing that a draft which is gone revised, or has become."""
    published, said = drafts.publication_of(draft_id), posted_subject()
    if published is not None:
        said = published.subject_id or reads.of_key(shelf.noun, published.key)
    try:
        return None if said is None else reads.one(shelf.noun, said)
    except NotFound:
        return None


def _named(shelf: Shelf) -> str:
    """What the posted form calls it, where it can be called so."""
    try:
        return writing.clean_name(request.form.get("name.en", ""))
    except BadThingName:
        return shelf.noun.key


def _imagined(shelf: Shelf, draft_id: int, thing_id: int | None, key: str, plain: Plain, number: int) -> Draft:
    version = posted_stamp().version
    return Draft(draft_id, shelf.noun.key, thing_id, key, plain, number, version, None, clock.now())


def _meanwhile(shelf: Shelf, view: View, draft: Draft, plain: Plain | None, stamp: Stamp) -> Meanwhile | None:
    """What happened to the draft since its form was drawn; None where it is as it was."""
    stored = drafts.read(draft.id)
    copy = shelf.address("create")
    if stored is None:
        theirs = view.draft if view.id is not None else None
        sentence = ended(drafts.publication_of(draft.id), theirs)
        if theirs is None:
            begin = shelf.address("create") if view.id is None else shelf.address("begin", thing_id=view.id)
            return Meanwhile(sentence, begin=begin, copy=copy if view.id is not None else "")
    elif stamp != stamp_of(stored):
        sentence, theirs = saved_by(stored), stored
    elif view.is_stale and view.live is not None:
        begin = shelf.address("begin", thing_id=view.id)
        return Meanwhile(overtaken(view.live.number), begin=begin, copy=copy, is_there=True)
    else:
        return None
    differences = () if plain is None else shelf.publishing.changes(theirs.definition, plain)
    address = shelf.address("show_draft", draft_id=theirs.id)
    return Meanwhile(sentence, theirs, differences, over=address, copy=copy, see=address)


def _page(
    shelf: Shelf,
    view: View,
    draft: Draft,
    filled: Any,
    *,
    stamp: Stamp | None = None,
    refusal: Refusal | None = None,
    fragment: str = "_editor",
    status: int = 200,
) -> Response:
    stamp = stamp or (posted_stamp() if request.method == "POST" else stamp_of(draft))
    reading, drawn = shelf.read(filled)
    meanwhile = _meanwhile(shelf, view, draft, reading.plain, stamp)
    found = dict(_errors(refusal) or reading.errors)
    if meanwhile is not None:
        # It says what happened, and what can be done, better than the refusal.
        found.pop("form", None)
        status = meanwhile.status if status == 409 else status
    # Where what was typed means nothing yet, what stands beside it speaks of the draft as it was saved.
    plain = reading.plain or draft.definition
    return page(
        "admin/catalogue/draft.html",
        f"admin/catalogue/{fragment}.html",
        status=status,
        nav_key=shelf.blueprint,
        shelf=shelf,
        view=view,
        draft=draft,
        stamp=stamp,
        meanwhile=meanwhile,
        filled=filled,
        errors=found,
        summary={place: sentence for place, sentence in found.items() if place != "form"},
        refusal=found.get("form"),
        is_refused=status != 200,
        alone=fragment == "_beside" and htmx.is_fragment(),
        is_valid=reading.plain is not None,
        may_write=current_staff().may("configure"),
        note=request.form.get("note", ""),
        longest_note=LONGEST_NOTE,
        **drawn,
        **_controls(),
        **_beside(shelf, view, draft, plain),
    )


def _errors(refusal: Refusal | None) -> Mapping[str, Sentence]:
    """What is wrong by the place it is shown at."""
    if isinstance(refusal, NotSound):
        return {flaw.place or "form": flaw.sentence for flaw in refusal.flaws}
    return {refusal.field or "form": refusal.sentence} if refusal is not None else {}


def _beside(shelf: Shelf, view: View, draft: Draft, plain: Plain) -> dict[str, Any]:
    """The member's card, what the law says, what is left to do, and what differs from what is live."""
    now, key = clock.now(), request.form.get("as", "")
    client = seen.chosen(key, now)
    return {
        "clients": seen.choices(),
        "client": client,
        "at_rest": at_rest,
        "card": shelf.card(plain, draft.key, client, now),
        "law": shelf.publishing.law(plain),
        "outcomes": OUTCOMES,
        "todo": shelf.checklist(plain, draft.key, current_staff().id, now),
        "changes": shelf.publishing.changes(view.plain, plain) if view.live else (),
    }


def _controls() -> dict[str, Any]:
    current = compiled()
    return {
        **CONTROLS,
        "every_language": LANGUAGES,
        "levels": {level.key: level for level in current.ladder.levels},
        "classes": {str(int(one)): words for one, words in TITLES.items()},
        "words_for": words_for,
        "names_of": names_of,
        "country_name": country_name,
        "countries": countries,
    }
