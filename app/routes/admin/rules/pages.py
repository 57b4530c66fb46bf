"""Rules: the list, one with its revisions, and where drafts begin."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, flash, request, url_for

from app.gamification import programme
from app.gamification.accrual.publishing import drafting, revisions
from app.gamification.accrual.publishing.revisions import Revision, RuleView
from app.gamification.accrual.publishing.written import Written
from app.gamification.accrual.telling.changes import Changed, changes
from app.gamification.accrual.telling.sentence import whole
from app.gamification.accrual.telling.whom import whom_briefly
from app.gamification.approvals.notes import LONGEST_NOTE
from app.gamification.audit import reads as audit
from app.gamification.errors import NotFound, Refusal
from app.gamification.errors.rules import StartsInThePast
from app.lib import clock
from app.lib.clock import to_day
from app.lib.i18n import _l, pick
from app.lib.periods import start_of
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin import asked
from app.routes.admin.fields import typed
from app.routes.admin.meanwhile import is_filled
from app.routes.admin.resource import csv_file
from app.routes.admin.rules import controls, drawn
from app.routes.admin.rules.builder import begin_with_form
from app.routes.admin.rules.reading import day_in
from app.routes.desk import current_staff
from app.routes.errors import status_of
from app.routes.formats import say_plainly
from app.routes.language import gettext, language
from app.routes.rendering import page

bp = Blueprint("admin_rules", __name__, url_prefix="/admin/rules")

STATES = {
    "live": (_l("Live"), "brand"),
    "scheduled": (_l("To come"), "gold"),
    "draft": (_l("New"), "violet"),
    "ended": (_l("Ended"), ""),
    "retired": (_l("Retired"), ""),
}
FILES = (_l("Key"), _l("Name"), _l("State"), _l("Revision"), _l("Since"), _l("Group"), _l("Priority"), _l("Rule"))


@bp.get("")
def index() -> Response:
    """Every rule there is, and every draft of one that is to be."""
    state, words = asked.choice("state", STATES), request.args.get("q", "").strip()[:100]
    views = revisions.every(clock.now())
    shown = [view for view in views if (not state or view.state == state) and _matches(view, words)]
    context: dict[str, Any] = {"states": STATES, "state": state, "q": words, "shown": shown, "of": len(views)}
    context |= {"kind_words": controls.choices("")["kinds"], "briefly": whom_briefly}
    return page("admin/rules/index.html", "admin/rules/_list.html", **context)


@bp.get("/export.csv")
def export() -> Response:
    """The rules as a file, each with its sentence."""
    return csv_file("rules", [gettext(title) for title in FILES], _file_rows(revisions.every(clock.now())))


@bp.get("/new")
def new() -> Response:
    """What a new rule is about."""
    return _new()


@bp.post("")
def create() -> Response:
    """Begin the draft of a new rule; with the form of a draft that is gone where that was sent."""
    if is_filled():
        return begin_with_form()
    name, kind = request.form.get("name", ""), request.form.get("kind", "")
    try:
        with transaction():
            draft_id = drafting.begin(current_staff().id, name, kind, now=clock.now())
    except Refusal as refusal:
        return _new(name, kind, refusal, 422)
    return htmx.see_other(url_for("admin_rule_drafts.show", draft_id=draft_id))


@bp.get("/<int:rule_id>")
def show(rule_id: int) -> Response:
    """One rule: what is live, what is to come, what it was before."""
    return _show(rule_id)


@bp.get("/<int:rule_id>/history")
def history(rule_id: int) -> Response:
    """What was done to a rule, from the audit log."""
    view = revisions.one(rule_id, clock.now())
    return page("admin/rules/history.html", view=view, entries=audit.of_subject("rule", rule_id))


@bp.post("/<int:rule_id>/draft")
def begin(rule_id: int) -> Response:
    """Begin the next revision, or go on with the one that was begun; with a draft's form where that was sent."""
    if is_filled():
        return begin_with_form(rule_id)
    with transaction():
        draft_id = drafting.begin_revision(current_staff().id, rule_id, now=clock.now())
    return htmx.see_other(url_for("admin_rule_drafts.show", draft_id=draft_id))


@bp.post("/<int:rule_id>/copy")
def duplicate(rule_id: int) -> Response:
    """Begin a new rule that says the same."""
    with transaction():
        draft_id = drafting.begin_copy(current_staff().id, rule_id, now=clock.now())
    flash(_l("This is a copy, a rule of its own. Name it anew."))
    return htmx.see_other(url_for("admin_rule_drafts.show", draft_id=draft_id))


@bp.post("/<int:rule_id>/retirement")
def retire(rule_id: int) -> Response:
    """Ask for a second person to end a rule: once approved, or as a day begins."""
    written, note = typed(request.form.get("starts", "")), request.form.get("note", "")
    day = day_in(written)
    try:
        if written and day is None:
            raise StartsInThePast()
        at = None if day is None else start_of(to_day(day), programme.current().zone)
        with transaction():
            drafting.propose_retirement(current_staff().id, rule_id, at, note, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(rule_id, refusal, status_of(refusal))
    flash(_l("Somebody else has to approve this. It waits under Approvals."))
    return htmx.see_other(url_for("admin_rules.show", rule_id=rule_id))


def _new(name: str = "", kind: str = "", refusal: Refusal | None = None, status: int = 200) -> Response:
    context: dict[str, Any] = {
        "kinds": controls.choices(kind)["kinds"],
        "name": name,
        "chosen": kind,
        "refusal": refusal,
    }
    return page("admin/rules/new.html", status=status, **context)


def _show(rule_id: int, refusal: Refusal | None = None, status: int = 200) -> Response:
    view = revisions.one(rule_id, clock.now())
    shown, current = view.shown, programme.current()
    assert shown is not None, "a stored rule has a revision"
    by_number = {one.number: one for one in view.revisions}
    newer = by_number.get(asked.number("with") or 0) or shown
    older = by_number.get(asked.number("of") or 0) or by_number.get(newer.number - 1)
    return page(
        "admin/rules/show.html",
        status=status,
        view=view,
        shown=shown,
        told=drawn.told(Written(shown.definition), None, anchors=False),
        in_draft=drawn.told(view.written, view, anchors=False) if view.written else None,
        law=drawn.law(current, Written(shown.definition)),
        timeline=_timeline(view),
        older=older,
        newer=newer,
        between=changes(older.definition, newer.definition) if older else (),
        zone=current.zone,
        refusal=refusal,
        posted=request.form,
        longest_note=LONGEST_NOTE,
        **_state(view),
    )


def _state(view: RuleView) -> dict[str, Any]:
    words, tone = STATES[view.state]
    return {"state_words": words, "state_tone": tone}


def _timeline(view: RuleView) -> list[tuple[Revision, str, tuple[Changed, ...]]]:
    """Every revision, the newest first, with where it stands and what it changed."""
    told: list[tuple[Revision, str, tuple[Changed, ...]]] = []
    for place, one in enumerate(view.revisions):
        before = view.revisions[place - 1] if place else None
        found = changes(before.definition, one.definition) if before else ()
        told.append((one, "never" if one.never_ran else one.state(view.now), found))
    return told[::-1]


def _matches(view: RuleView, words: str) -> bool:
    sought = words.casefold()
    return not sought or any(
        sought in text.casefold() for text in (view.key, view.definition.group, *view.definition.name.values())
    )


def _file_rows(views: Sequence[RuleView]) -> Iterator[list[Any]]:
    for view in views:
        shown, definition = view.shown, view.definition
        yield [
            view.key,
            pick(definition.name, language().code),
            gettext(STATES[view.state][0]),
            shown.number if shown else "",
            shown.effective_from.isoformat(timespec="seconds") if shown else "",
            definition.group,
            definition.priority,
            say_plainly(whole(definition)),
        ]
