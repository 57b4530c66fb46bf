"""The form that writes a rule's next revision, and what stands live beside it; a preview writes nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, request, url_for

from app.gamification import drafts, programme
from app.gamification.accrual.publishing import drafting, revisions
from app.gamification.accrual.publishing.readiness import checklist
from app.gamification.accrual.publishing.revisions import DRAFTS, RuleView
from app.gamification.approvals.notes import LONGEST_NOTE
from app.gamification.errors import NotFound, Refusal
from app.gamification.errors.desk import DraftNotFound
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.rules import controls, drawn
from app.routes.admin.rules.filled import Filled, of_posted, of_written
from app.routes.admin.rules.presses import fields_of, press, settle
from app.routes.admin.rules.reading import Reading, read
from app.routes.admin.versioned import posted_version
from app.routes.desk import current_staff
from app.routes.errors import status_of
from app.routes.rendering import page

bp = Blueprint("admin_rule_drafts", __name__, url_prefix="/admin/rules/drafts")


@bp.get("/<int:draft_id>")
def show(draft_id: int) -> Response:
    """The form as it was last saved."""
    view = _view(draft_id)
    assert view.written is not None
    return _page(view, of_written(view.written), Reading(view.written, {}))


@bp.post("/<int:draft_id>/preview")
def preview(draft_id: int) -> Response:
    """The form after one of its buttons, or after a choice that others follow."""
    view, filled = _view(draft_id), of_posted(request.form)
    settle(filled)
    press(filled, request.form.get("press", ""))
    return _page(view, filled, read(filled), "admin/rules/_builder.html")


@bp.post("/<int:draft_id>/verdict")
def verdict(draft_id: int) -> Response:
    """What stands beside the form, while somebody types."""
    view, filled = _view(draft_id), of_posted(request.form)
    return _page(view, filled, read(filled), "admin/rules/_beside.html")


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
    with transaction():
        draft = drafting.discard(current_staff().id, draft_id, now=clock.now())
    flash(_l("The draft was thrown away."))
    if draft.subject_id is None:
        return htmx.see_other(url_for("admin_rules.index"))
    return htmx.see_other(url_for("admin_rules.show", rule_id=draft.subject_id))


def _stored(draft_id: int, done: str, then: Callable[[int, datetime], None] | None = None) -> Response:
    """Store what was written, and `then` do more in the same transaction; else the form, with what is to be mended."""
    view, filled = _view(draft_id), of_posted(request.form)
    reading = read(filled)
    if reading.written is None:
        return _page(view, filled, reading, status=422)
    try:
        with transaction():
            by, now = current_staff().id, clock.now()
            drafting.save(by, draft_id, reading.written, posted_version(), now=now)
            if then is not None:
                then(by, now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(view, filled, refusal)
    flash(done)
    return htmx.see_other(url_for("admin_rule_drafts.show", draft_id=draft_id))


def _view(draft_id: int) -> RuleView:
    draft = drafts.read(draft_id)
    if draft is None or draft.kind != DRAFTS:
        raise DraftNotFound()
    return revisions.of_draft(draft, clock.now())


def _refused(view: RuleView, filled: Filled, refusal: Refusal) -> Response:
    """The form with what was written, and why it was not done."""
    reading = read(filled)
    slot = refusal.field if refusal.field in filled.slots() or refusal.field == "note" else "form"
    errors = {**reading.errors, slot or "form": refusal.sentence}
    return _page(view, filled, Reading(reading.written, errors), status=status_of(refusal))


def _page(
    view: RuleView, filled: Filled, reading: Reading, fragment: str | None = None, *, status: int = 200
) -> Response:
    now, me, draft = clock.now(), current_staff(), view.draft
    assert draft is not None
    # Where what was typed means no rule, a page shows the sentence as last saved; a fragment leaves what stands there.
    written = reading.written or (None if htmx.is_fragment() and fragment else view.written)
    context: dict[str, Any] = {
        "nav_key": "admin_rules",
        "view": view,
        "draft": draft,
        "filled": filled,
        "errors": reading.errors,
        "is_valid": reading.written is not None,
        "is_wrong": any(error.msgid for error in reading.errors.values()),
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
