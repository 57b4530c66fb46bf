"""Points by hand: what was adjusted lately, and points for many at once, looked through before they are proposed."""

import secrets
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, flash, url_for
from werkzeug.datastructures import FileStorage
from wtforms import FileField, HiddenField, TextAreaField
from wtforms.validators import Length

from app.gamification.approvals.notes import LONGEST_NOTE, clean_note
from app.gamification.errors import Refusal
from app.gamification.ledger import award_list, awards, by_hand
from app.gamification.ledger.award_list import Trial, as_text, try_out
from app.gamification.programme_settings import limits
from app.lib import clock
from app.lib.i18n import _l
from app.lib.spreadsheet import LARGEST, Unreadable
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin import asked
from app.routes.admin.resource import csv_file
from app.routes.desk import current_staff
from app.routes.errors import status_of
from app.routes.formats import say
from app.routes.forms import TOO_LONG, Form
from app.routes.language import gettext
from app.routes.rendering import page

bp = Blueprint("admin_points", __name__, url_prefix="/admin/points")

MOST_EXPORTED = 100_000
SORTS = {
    "single": _l("Single adjustments"),
    "award": _l("Awards to many"),
    "reversal": _l("Lines taken back"),
}
COLUMNS = (
    _l("Number"),
    _l("When"),
    _l("Member"),
    _l("Points"),
    _l("By"),
    _l("Reason"),
    _l("Proposal"),
    _l("Line taken back"),
)


class ListForm(Form):
    """A list of members and points, pasted or as a file, and why they get them."""

    list = TextAreaField(
        _l("Members and points"),
        description=_l(
            "One member a line, then a comma and the points: an email, your own id of the client, or # and our number."
        ),
        render_kw={"rows": 8, "dir": "ltr", "spellcheck": "false", "placeholder": "jane@example.com,250\nM-1001,100"},
    )
    file = FileField(_l("Or a CSV file"), render_kw={"accept": ".csv,text/csv,text/plain"})
    note = TextAreaField(
        _l("Reason"),
        [Length(max=LONGEST_NOTE, message=TOO_LONG)],
        description=_l("For the staff. It is kept for ever, so name nobody in it."),
        render_kw={"rows": 3},
    )


class ProposalForm(Form):
    """A list that was looked through, on its way to a second person."""

    list = HiddenField()
    note = HiddenField()
    token = HiddenField(validators=[Length(16, 64)])


@bp.get("")
def index() -> Response:
    """What was adjusted lately."""
    narrowed = _narrowed()
    rows = by_hand.lately(narrowed, by_hand.PAGE + 1)
    shown, address = rows[: by_hand.PAGE], url_for("admin_points.index")
    query = {"by": narrowed.staff_id, "member": narrowed.member_id, "sort": narrowed.sort}
    return page(
        "admin/points/index.html",
        "admin/points/_list.html",
        rows=shown,
        asked_for=query,
        older=asked.link(address, **query, before=shown[-1].id) if len(rows) > by_hand.PAGE else "",
        export=asked.link(url_for("admin_points.export"), **query),
        staff=by_hand.adjusters(),
        sorts=SORTS,
        limits=limits.current(),
    )


@bp.get("/export.csv")
def export() -> Response:
    """The same as a file."""
    rows = by_hand.lately(_narrowed()._replace(before=None), MOST_EXPORTED)
    return csv_file("points-by-hand", [gettext(title) for title in COLUMNS], _cells(rows))


@bp.get("/awards/new")
def new() -> Response:
    """The form for a list."""
    return _form(ListForm(formdata=None))


@bp.post("/awards/trial")
def look_through() -> Response:
    """What the list would do, row by row; nothing is changed and nothing proposed."""
    form = ListForm()
    try:
        if not form.validate():
            return _form(form, 422)
        form.check("note", lambda note: clean_note(note, needed=True))
        trial = try_out(_content(form))
    except Unreadable as error:
        form["file" if _has_file(form) else "list"].errors = [say(error.sentence)]
        return _form(form, 422)
    return _trial(form, trial, 422 if trial.flaws or form.errors else 200)


@bp.post("/awards")
def create() -> Response:
    """Propose the list that was looked through."""
    sent = ProposalForm()
    form = ListForm(formdata=None, data={"list": sent.list.data, "note": sent.note.data})
    try:
        trial = try_out((sent.list.data or "").encode())
        if trial.flaws or not sent.validate():
            return _trial(form, trial, 422)
        with transaction():
            by = current_staff().id
            proposal_id = awards.propose(by, trial.awards, sent.note.data or "", sent.token.data, now=clock.now())
    except Unreadable as error:
        form.list.errors = [say(error.sentence)]
        return _form(form, 422)
    except Refusal as refusal:
        form.refuse(refusal)
        return _form(form, status_of(refusal))
    flash(_l("Proposed. Somebody else has to decide."))
    return htmx.see_other(url_for("admin_approvals.show", proposal_id=proposal_id))


def _form(form: ListForm, status: int = 200) -> Response:
    return page("admin/points/new.html", status=status, form=form, most=awards.MOST)


def _trial(form: ListForm, trial: Trial, status: int) -> Response:
    """The list with what is wrong in it, or, when nothing is, what it comes to and the button that proposes it."""
    ready = not (trial.flaws or form.errors)
    carried = ProposalForm(formdata=None)
    if ready:
        # The ids that were found, so that what is proposed is who was shown, whatever becomes of an address meanwhile.
        carried.list.data, carried.note.data = as_text(trial.awards), clean_note(form.note.data or "")
        carried.token.data = secrets.token_urlsafe(16)
    return page(
        "admin/points/new.html",
        status=status,
        form=form,
        most=awards.MOST,
        trial=trial,
        carried=carried if ready else None,
        cost=by_hand.cost(trial.points),
        shown=award_list.SHOWN,
    )


def _content(form: ListForm) -> bytes:
    if not _has_file(form):
        return (form.list.data or "").encode()
    uploaded: FileStorage = form.file.data
    content = uploaded.stream.read(LARGEST + 1)
    try:
        # Shown in the form again, so that a row can be mended where it stands.
        form.list.data = content.decode("utf-8-sig") if len(content) <= LARGEST else ""
    except UnicodeDecodeError:
        form.list.data = ""
    return content


def _has_file(form: ListForm) -> bool:
    return isinstance(form.file.data, FileStorage) and bool(form.file.data.filename)


def _narrowed() -> by_hand.Asked:
    sort = asked.choice("sort", by_hand.SORTS)
    return by_hand.Asked(asked.number("by"), asked.number("member"), sort, asked.number("before"))


def _cells(rows: list[Any]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row.id,
            row.made_at.isoformat(timespec="seconds"),
            row.wallet_id,
            row.amount,
            row.staff or "",
            row.note,
            row.proposal_id,
            row.reverses,
        ]
