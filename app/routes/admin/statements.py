"""Statements that members sent in: what waits for a look, what each would bring, and the decision."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, flash, url_for
from wtforms import HiddenField
from wtforms.validators import Length

from app.gamification.errors import NotFound, Refusal
from app.gamification.ledger import by_hand
from app.gamification.staff.sent import new_token
from app.gamification.statements import deciding, dossier, listing
from app.gamification.statements.shown import Import
from app.gamification.statements.words import REJECTIONS
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin import asked
from app.routes.admin.reasons import reason_choices
from app.routes.admin.resource import csv_file
from app.routes.desk import current_staff
from app.routes.errors import status_of
from app.routes.forms import Form, listed
from app.routes.language import gettext, language
from app.routes.rendering import page

bp = Blueprint("admin_statements", __name__, url_prefix="/admin/statements")

ONE = "<int:import_id>"
MOST_EXPORTED = 100_000
EVERY = "all"
TONES = {"waiting": "warn", "counting": "", "approved": "brand", "rejected": "", "taken_back": "", "counts": "brand"}
COLUMNS = (
    _l("Number"),
    _l("Confirmed"),
    _l("Member"),
    _l("Name"),
    _l("Platform"),
    _l("Login"),
    _l("State"),
    _l("Closed trades"),
    _l("Trades that earn"),
    _l("Points"),
)


class ApprovalForm(Form):
    """What the page showed is right."""

    token = HiddenField(validators=[Length(16, 64)])


class RejectionForm(Form):
    """Why it is not."""

    reason = listed(_l("Reason"), REJECTIONS)


@bp.get("")
def index() -> Response:
    """What waits, the oldest first; or what became of the others."""
    narrowed, state = _narrowed()
    found = listing.page(narrowed)
    address = url_for("admin_statements.index")
    shown = "" if state == "waiting" else state
    return page(
        "admin/statements/index.html",
        "admin/statements/_list.html",
        found=found,
        state=state,
        typed=narrowed.words,
        tabs=[
            (words, asked.link(address, q=narrowed.words, state="" if key == "waiting" else key), key)
            for key, words in (*((key, one[0]) for key, one in listing.STATES.items()), (EVERY, _l("All of them")))
        ],
        older=asked.link(address, q=narrowed.words, state=shown, start=found.next) if found.next else "",
        export=asked.link(url_for("admin_statements.export"), q=narrowed.words, state=shown),
        state_of=state_of,
        **_words(),
    )


@bp.get("/export.csv")
def export() -> Response:
    """The same as a file."""
    narrowed, _ = _narrowed()
    found = listing.page(listing.Asked(narrowed.state, narrowed.words), MOST_EXPORTED)
    return csv_file("statements", [gettext(title) for title in COLUMNS], _cells(found.rows))


@bp.get(f"/{ONE}")
def show(import_id: int) -> Response:
    """One statement with its figures, what speaks against it, and the forms that decide."""
    return _page(import_id)


@bp.post(f"/{ONE}/approval")
def approve(import_id: int) -> Response:
    """Say that it is right: its account is the member's, its points become available."""
    form = ApprovalForm()
    try:
        if not form.validate():
            return _page(import_id, form, status=422)
        with transaction():
            made = deciding.approve(current_staff().id, import_id, token=form.token.data or "", now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(import_id, form, status=status_of(refusal))
    if made.proposal_id is not None:
        flash(_l("This is above what one person may do. It waits for a second one."))
        return htmx.see_other(url_for("admin_approvals.show", proposal_id=made.proposal_id))
    flash(_l("Approved. The points count within moments; what a rule itself holds stays pending until then."))
    return _back(import_id)


@bp.post(f"/{ONE}/rejection")
def reject(import_id: int) -> Response:
    """Take it back, for a reason that the member reads."""
    form = RejectionForm()
    try:
        if not form.validate():
            return _page(import_id, rejecting=form, status=422)
        with transaction():
            deciding.reject(current_staff().id, import_id, form.reason.data or "", now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(import_id, rejecting=form, status=status_of(refusal))
    flash(_l("Rejected. What it had given is taken back, and the member is told why."))
    return _back(import_id)


def state_of(found: Import) -> str:
    """The tab that an import stands under."""
    if found.state == "stored":
        if not found.is_counted:
            return "counting"
        return "waiting" if found.trust == "review" else "counts"
    if found.state == "taken_back":
        return "rejected" if found.rejected else "taken_back"
    return "approved" if found.state == "approved" else "counting"


def _back(import_id: int) -> Response:
    return htmx.see_other(url_for("admin_statements.show", import_id=import_id))


def _page(
    import_id: int,
    approving: ApprovalForm | None = None,
    *,
    rejecting: RejectionForm | None = None,
    status: int = 200,
) -> Response:
    shown = dossier.dossier(import_id, language().code)
    approving = approving or ApprovalForm(formdata=None)
    # One that was refused may be right the next time.
    approving.token.data = new_token()
    rejecting = rejecting or RejectionForm(formdata=None)
    rejecting.reason.choices = reason_choices(REJECTIONS)
    return page(
        "admin/statements/show.html",
        status=status,
        shown=shown,
        one=shown.found,
        state=state_of(shown.found),
        approving=approving,
        rejecting=rejecting,
        cost=by_hand.cost(shown.found.pending),
        compared=dossier.COMPARED,
        **_words(),
    )


def _narrowed() -> tuple[listing.Asked, str]:
    state = asked.choice("state", (*listing.STATES, EVERY)) or "waiting"
    return listing.Asked("" if state == EVERY else state, asked.typed(), asked.number("start")), state


def _cells(rows: Iterable[listing.Listed]) -> Iterator[list[Any]]:
    for row in rows:
        one = row.found
        yield [
            one.id,
            one.recorded_at.isoformat(timespec="seconds") if one.recorded_at else "",
            one.member_id,
            row.member,
            one.platform,
            one.login,
            gettext(listing.STATES[state_of(one)][0]),
            one.closed,
            one.earning,
            one.points,
        ]


def _words() -> dict[str, Any]:
    return {"states": {key: one[0] for key, one in listing.STATES.items()}, "tones": TONES}
