"""Approvals: what waits for a second person, what was decided, and the decision itself."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, url_for
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from app.gamification.approvals import proposals, reads
from app.gamification.approvals.notes import LONGEST_NOTE, clean_note
from app.gamification.approvals.reads import Shown
from app.gamification.audit import reads as audit
from app.gamification.errors import NotFound, Refusal
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin import asked
from app.routes.admin.catalogue.outcomes import OUTCOMES
from app.routes.desk import current_staff
from app.routes.errors import status_of
from app.routes.forms import TOO_LONG, Form
from app.routes.rendering import page

bp = Blueprint("admin_approvals", __name__, url_prefix="/admin/approvals")

TONES = {"open": "warn", "approved": "brand", "rejected": "", "withdrawn": "", "void": ""}
LONGEST_SHOWN = 20_000  # characters of everything in full; the rest is in the file


class DecisionForm(Form):
    """A decision on what was shown: the digest says which bytes that were."""

    digest = HiddenField()
    note = TextAreaField(
        _l("Note"),
        [Length(max=LONGEST_NOTE, message=TOO_LONG)],
        description=_l("Whoever proposed it reads this. To reject, say why."),
        render_kw={"rows": 3},
    )


@bp.get("")
def index() -> Response:
    """What waits, or what was decided."""
    kinds = reads.kinds()
    state, kind = asked.choice("state", ("decided",)), asked.choice("kind", kinds)
    found = reads.page(state == "decided", kind, asked.number("before"))
    shown = found[: reads.PAGE]
    address = url_for("admin_approvals.index")
    older = asked.link(address, state=state, kind=kind, before=shown[-1].id) if len(found) > reads.PAGE else ""
    return page(
        "admin/approvals/index.html",
        "admin/approvals/_list.html",
        kinds=kinds,
        kind=kind,
        state=state,
        shown=shown,
        older=older,
        link=asked.link,
        **_words(),
    )


@bp.get("/<int:proposal_id>")
def show(proposal_id: int) -> Response:
    """One proposal in full, and the form that decides."""
    return _page(reads.one(proposal_id))


@bp.get("/<int:proposal_id>/payload.json")
def payload(proposal_id: int) -> Response:
    """Exactly what was proposed, as a file."""
    headers = {"Content-Disposition": f'attachment; filename="laurel-proposal-{proposal_id}.json"'}
    return Response(_in_full(reads.one(proposal_id)), mimetype="application/json", headers=headers)


@bp.post("/<int:proposal_id>/approval")
def approve(proposal_id: int) -> Response:
    """Make it happen."""

    def decide(form: DecisionForm) -> None:
        by, seen = current_staff().id, form.digest.data or ""
        proposals.approve(by, proposal_id, seen, now=clock.now(), note=form.note.data or "")

    return _decided(proposal_id, decide, _l("Approved. It has happened."))


@bp.post("/<int:proposal_id>/rejection")
def reject(proposal_id: int) -> Response:
    """Refuse it, with a reason for whoever proposed it."""

    def decide(form: DecisionForm) -> None:
        note = clean_note(form.note.data or "", needed=True)
        proposals.reject(current_staff().id, proposal_id, now=clock.now(), note=note)

    return _decided(proposal_id, decide, _l("Rejected. Nothing was changed."))


@bp.post("/<int:proposal_id>/withdrawal")
def withdraw(proposal_id: int) -> Response:
    """Take one's own proposal back."""

    def decide(_form: DecisionForm) -> None:
        proposals.withdraw(current_staff().id, proposal_id, now=clock.now())

    return _decided(proposal_id, decide, _l("Withdrawn. Nothing was changed."))


def _decided(proposal_id: int, decide: Callable[[DecisionForm], None], done: str) -> Response:
    """Decide, and show what became of it: `done`, or the page as things stand by now, with why it did not happen."""
    form = DecisionForm()
    try:
        if not form.validate():
            return _page(reads.one(proposal_id), form, 422)
        with transaction():
            decide(form)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(reads.one(proposal_id), form, status_of(refusal))
    flash(done)
    return htmx.see_other(url_for("admin_approvals.show", proposal_id=proposal_id))


def _page(shown: Shown, form: DecisionForm | None = None, status: int = 200) -> Response:
    form = form or DecisionForm(formdata=None)
    # What stands on this page, not what stood on the one that was sent.
    form.digest.data = shown.digest
    in_full = _in_full(shown)
    return page(
        "admin/approvals/show.html",
        status=status,
        shown=shown,
        form=form,
        in_full=in_full if len(in_full) <= LONGEST_SHOWN else "",
        entries=audit.of_subject("proposal", shown.id),
        outcomes=OUTCOMES,
        **_words(),
    )


def _in_full(shown: Shown) -> str:
    return json.dumps(shown.payload, ensure_ascii=False, indent=2, sort_keys=True)


def _words() -> dict[str, Any]:
    return {"states": reads.STATES, "tones": TONES}
