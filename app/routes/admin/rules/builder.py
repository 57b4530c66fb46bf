"""The form that writes a rule's next revision, and what stands live beside it; a preview writes nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, request, url_for

from app.gamification import drafts, programme
from app.gamification.accrual.definition import read_definition
from app.gamification.accrual.publishing import drafting, revisions
from app.gamification.accrual.publishing.readiness import checklist
from app.gamification.accrual.publishing.revisions import DRAFTS, RuleView
from app.gamification.accrual.publishing.written import Written, read_written
from app.gamification.accrual.telling.changes import Changed, changes
from app.gamification.approvals.notes import LONGEST_NOTE
from app.gamification.drafts import Draft
from app.gamification.errors import NotFound, Refusal
from app.gamification.errors.desk import DraftChanged, DraftNotFound
from app.gamification.errors.rules import RuleNotFound
from app.lib import clock
from app.lib.i18n import _l
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
    posted_subject,
    saved_by,
    stamp_of,
)
from app.routes.admin.rules import controls, drawn
from app.routes.admin.rules.filled import Filled, of_posted, of_written
from app.routes.admin.rules.presses import fields_of, press, settle
from app.routes.admin.rules.reading import Reading, read
from app.routes.desk import current_staff
from app.routes.errors import status_of
from app.routes.rendering import page

# What stands beside a form that means no rule, of a draft that is gone.
UNREADABLE = {"name": {"en": "rule"}, "kind": "trade.closed", "base": {"kind": "fixed", "rate": "1"}}

bp = Blueprint("admin_rule_drafts", __name__, url_prefix="/admin/rules/drafts")


@bp.get("/<int:draft_id>")
def show(draft_id: int) -> Response:
    """The form as it was last saved."""
    return _as_stored(*_stored_draft(draft_id))


@bp.post("/<int:draft_id>/preview")
def preview(draft_id: int) -> Response:
    """The form after one of its buttons, or after a choice that others follow."""
    (view, draft), filled = _sent(draft_id), of_posted(request.form)
    settle(filled)
    press(filled, request.form.get("press", ""))
    return _page(view, draft, filled, read(filled), "admin/rules/_builder.html")


@bp.post("/<int:draft_id>/verdict")
def verdict(draft_id: int) -> Response:
    """What stands beside the form, while somebody types."""
    (view, draft), filled = _sent(draft_id), of_posted(request.form)
    return _page(view, draft, filled, read(filled), "admin/rules/_beside.html")


@bp.post("/<int:draft_id>")
def save(draft_id: int) -> Response:
    """Store what was written."""
    return _stored(draft_id, _l("Saved."))


@bp.post("/<int:draft_id>/proposal")
def propose(draft_id: int) -> Response:
    """Store what was written, and ask for a second person to publish exactly that."""

    def ask(by: int, now: datetime) -> None:
        drafting.propose(by, draft_id, request.form.get("note", ""), now=now)

    return _stored(draft_id, _l("Somebody else has to approve this. It waits under Approvals."), ask)


@bp.post("/<int:draft_id>/removal")
def discard(draft_id: int) -> Response:
    """Throw the draft away."""
    try:
        with transaction():
            draft = drafting.discard(current_staff().id, draft_id, posted_stamp().version, now=clock.now())
    except DraftChanged as refusal:
        # As it stands now, for whoever wanted to throw away something else.
        return _as_stored(*_stored_draft(draft_id), refusal)
    flash(_l("The draft was thrown away."))
    if draft.subject_id is None:
        return htmx.see_other(url_for("admin_rules.index"))
    return htmx.see_other(url_for("admin_rules.show", rule_id=draft.subject_id))


def begin_with_form(rule_id: int | None = None) -> Response:
    """Begin a draft with what was typed into the form of another: a rule's next revision, or a new rule."""
    stamp = posted_stamp()
    (view, draft), filled = _sent(stamp.draft_id), of_posted(request.form)
    reading = read(filled)
    if reading.written is None:
        return _page(view, draft, filled, reading, status=422)
    try:
        with transaction():
            by, now, written = current_staff().id, clock.now(), reading.written
            if rule_id is not None:
                draft_id = drafting.begin_anew(by, rule_id, written, stamp, now=now)
            else:
                draft_id = drafting.begin_written(by, written, is_copy="copy" in request.form, now=now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(*_sent(stamp.draft_id), filled, refusal)
    flash(BEGUN)
    return htmx.see_other(url_for("admin_rule_drafts.show", draft_id=draft_id))


def _stored(draft_id: int, done: str, then: Callable[[int, datetime], None] | None = None) -> Response:
    """Store what was written, and `then` do more in the same transaction; else the form, with what is to be mended."""
    (view, draft), filled = _sent(draft_id), of_posted(request.form)
    reading, chosen = read(filled), chosen_stamp()
    if reading.written is None:
        return _page(view, draft, filled, reading, status=422)
    try:
        with transaction():
            by, now = current_staff().id, clock.now()
            if chosen.draft_id != draft_id:
                raise DraftChanged()
            drafting.save(by, draft_id, reading.written, chosen.version, now=now)
            if then is not None:
                then(by, now)
    except (DraftChanged, DraftNotFound):
        # Read again: it was as it should be when the form came in.
        return _refused(*_sent(draft_id), filled, DraftChanged())
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(view, draft, filled, refusal)
    flash(done)
    return htmx.see_other(url_for("admin_rule_drafts.show", draft_id=draft_id))


def _stored_draft(draft_id: int) -> tuple[RuleView, Draft]:
    draft = drafts.read(draft_id)
    if draft is None or draft.kind != DRAFTS:
        raise DraftNotFound()
    return revisions.of_draft(draft, clock.now()), draft


def _sent(draft_id: int) -> tuple[RuleView, Draft]:
    """What a posted form is about: its draft, or where that is gone, what one that is begun now would be."""
    draft, now = drafts.read(draft_id), clock.now()
    if draft is not None or not is_filled():
        return _stored_draft(draft_id)
    version, view = posted_stamp().version, _subject(draft_id, now)
    if view is not None and view.latest is not None:
        written = Written(view.latest.definition)
        number = view.latest.number
        return view, Draft(draft_id, DRAFTS, view.id, view.key, written.plain(), number, version, None, now)
    written = read(of_posted(request.form)).written or Written(read_definition(UNREADABLE))
    draft = Draft(draft_id, DRAFTS, None, "", written.plain(), 0, version, None, now)
    return revisions.of_draft(draft, now), draft


def _subject(draft_id: int, now: datetime) -> RuleView | None:
    """The rule that a draft which is gone revised, or has become."""
    published, said = drafts.publication_of(draft_id), posted_subject()
    if published is not None:
        said = published.subject_id or revisions.of_key(published.key)
    try:
        return None if said is None else revisions.one(said, now)
    except RuleNotFound:
        return None


def _meanwhile(view: RuleView, draft: Draft, written: Written | None, stamp: Stamp) -> Meanwhile | None:
    """What happened to the draft since its form was drawn; None where it is as it was."""
    stored, copy = drafts.read(draft.id), url_for("admin_rules.create")
    begin = url_for("admin_rules.begin", rule_id=view.id) if view.id is not None else copy
    if stored is None:
        theirs = view.draft if view.id is not None else None
        sentence = ended(drafts.publication_of(draft.id), theirs)
        if theirs is None:
            return Meanwhile(sentence, begin=begin, copy=copy if view.id is not None else "")
    elif stamp != stamp_of(stored):
        sentence, theirs = saved_by(stored), stored
    elif view.latest is not None and view.latest.number != draft.based_on:
        return Meanwhile(overtaken(view.latest.number), begin=begin, copy=copy, is_there=True)
    else:
        return None
    differences: Sequence[Changed] = ()
    if written is not None:
        other = read_written(theirs.definition)
        differences = changes(other.definition, written.definition, other.run, written.run)
    address = url_for("admin_rule_drafts.show", draft_id=theirs.id)
    return Meanwhile(sentence, theirs, differences, over=address, copy=copy, see=address)


def _as_stored(view: RuleView, draft: Draft, refusal: Refusal | None = None) -> Response:
    """The form as it was last saved."""
    written = read_written(draft.definition)
    errors, status = ({"form": refusal.sentence}, status_of(refusal)) if refusal is not None else ({}, 200)
    return _page(view, draft, of_written(written), Reading(written, errors), status=status, stamp=stamp_of(draft))


def _refused(view: RuleView, draft: Draft, filled: Filled, refusal: Refusal) -> Response:
    """The form with what was written, and why it was not done."""
    reading = read(filled)
    slot = refusal.field if refusal.field in filled.slots() or refusal.field == "note" else "form"
    errors = {**reading.errors, slot or "form": refusal.sentence}
    return _page(view, draft, filled, Reading(reading.written, errors), status=status_of(refusal))


def _page(
    view: RuleView,
    draft: Draft,
    filled: Filled,
    reading: Reading,
    fragment: str | None = None,
    *,
    status: int = 200,
    stamp: Stamp | None = None,
) -> Response:
    now, me = clock.now(), current_staff()
    stamp = stamp or (posted_stamp() if request.method == "POST" else stamp_of(draft))
    meanwhile, errors = _meanwhile(view, draft, reading.written, stamp), dict(reading.errors)
    if meanwhile is not None:
        # It says what happened, and what can be done, better than the refusal.
        errors.pop("form", None)
        status = meanwhile.status if status == 409 else status
    # Where what was typed means no rule, a page shows the sentence as last saved; a fragment leaves what stands there.
    written = reading.written or (None if htmx.is_fragment() and fragment else read_written(draft.definition))
    context: dict[str, Any] = {
        "nav_key": "admin_rules",
        "view": view,
        "draft": draft,
        "stamp": stamp,
        "meanwhile": meanwhile,
        "is_refused": status != 200,
        "filled": filled,
        "errors": errors,
        "is_valid": reading.written is not None,
        "is_wrong": any(error.msgid for error in errors.values()),
        "fields": fields_of(filled.kind),
        "may_write": me.may("configure"),
        "note": request.form.get("note", ""),
        "longest_note": LONGEST_NOTE,
        "reads_in": request.form.get("reads_in", ""),
        "factor_table": controls.factor_table(filled),
        "pickers": controls.pickers(filled),
        **controls.choices(filled.kind),
        **controls.CONTROLS,
        **controls.FUNCTIONS,
    }
    if written is not None:
        current = programme.current()
        context |= {
            "told": drawn.told(written, view),
            "law": drawn.law(current, written),
            "todo": checklist(current, written, view.id, me.id, now),
            **drawn.tried(current, written, view, request.form, now),
        }
    return page("admin/rules/draft.html", fragment, status=status, **context)
