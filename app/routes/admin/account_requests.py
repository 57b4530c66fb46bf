"""Members' requests for trading accounts: what waits, what speaks against each, and the decision."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, flash, url_for

from app.gamification.errors import NotFound, Refusal
from app.gamification.trading_accounts import deciding, queue
from app.gamification.trading_accounts.reasons import REASONS
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
from app.routes.language import gettext
from app.routes.rendering import page

bp = Blueprint("admin_account_requests", __name__, url_prefix="/admin/account-requests")

ONE = "<int:request_id>"
COLUMNS = (
    _l("Number"),
    _l("When"),
    _l("Member"),
    _l("Name"),
    _l("Client id"),
    _l("Platform"),
    _l("Server"),
    _l("Login"),
    _l("State"),
    _l("Decided"),
    _l("By"),
    _l("Reason"),
)


class DeclineForm(Form):
    """Why it is not the member's."""

    reason = listed(_l("Reason"), REASONS)


@bp.get("")
def index() -> Response:
    """What waits, the oldest first; or what was answered."""
    narrowed = _narrowed()
    found = queue.page(narrowed)
    address = url_for("admin_account_requests.index")
    shown = "" if narrowed.state == "open" else narrowed.state
    return page(
        "admin/accounts/index.html",
        "admin/accounts/_list.html",
        found=found,
        asked_for=narrowed,
        tabs=[
            (words, asked.link(address, q=narrowed.words, state="" if key == "open" else key), key)
            for key, words in (*queue.STATES.items(), (queue.EVERY, _l("All of them")))
        ],
        older=asked.link(address, q=narrowed.words, state=shown, start=found.next) if found.next else "",
        export=asked.link(url_for("admin_account_requests.export"), q=narrowed.words, state=shown),
        **_words(),
    )


@bp.get("/export.csv")
def export() -> Response:
    """The same as a file."""
    narrowed = _narrowed()
    found = queue.page(queue.Asked(narrowed.state, narrowed.words), queue.MOST_EXPORTED)
    return csv_file("account-requests", [gettext(title) for title in COLUMNS], _cells(found.rows))


@bp.get(f"/{ONE}")
def show(request_id: int) -> Response:
    """One request, and the forms that decide."""
    return _page(request_id, DeclineForm(formdata=None))


@bp.post(f"/{ONE}/confirmation")
def confirm(request_id: int) -> Response:
    """Link the account; what was reported of it before is counted now."""

    def act(_form: DeclineForm) -> None:
        deciding.confirm(current_staff().id, request_id, now=clock.now())

    return _decided(request_id, act, _l("Linked. What was reported of it before is counted now."), needs_form=False)


@bp.post(f"/{ONE}/refusal")
def decline(request_id: int) -> Response:
    """Refuse it, for a reason that the member reads."""

    def act(form: DeclineForm) -> None:
        deciding.decline(current_staff().id, request_id, form.reason.data or "", now=clock.now())

    return _decided(request_id, act, _l("Declined. The member is told why."))


def _decided(request_id: int, act: Callable[[DeclineForm], None], done: str, *, needs_form: bool = True) -> Response:
    """Decide, and go on to what waits; or the page as things stand by now, with why it did not happen."""
    form = DeclineForm()
    try:
        if needs_form and not form.validate():
            return _page(request_id, form, 422)
        with transaction():
            act(form)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request_id, form, status_of(refusal))
    flash(done)
    return htmx.see_other(url_for("admin_account_requests.show", request_id=request_id))


def _page(request_id: int, form: DeclineForm, status: int = 200) -> Response:
    form.reason.choices = reason_choices(REASONS)
    shown = queue.dossier(request_id)
    return page(
        "admin/accounts/show.html",
        status=status,
        one=shown.found,
        reports=shown.reports,
        most_reports=queue.MOST_REPORTS,
        statements=shown.statements,
        form=form,
        **_words(),
    )


def _narrowed() -> queue.Asked:
    state = asked.choice("state", (*queue.STATES, queue.EVERY)) or "open"
    return queue.Asked(state, asked.typed(), asked.number("start"))


def _cells(rows: Iterable[queue.Request]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row.id,
            row.made_at.isoformat(timespec="seconds"),
            row.member_id,
            row.name,
            row.external_id or "",
            row.platform,
            row.server,
            row.login,
            gettext(queue.STATES[row.state]),
            row.decided_at.isoformat(timespec="seconds") if row.decided_at else "",
            row.staff or (gettext(queue.VIA[row.via]) if row.via in queue.VIA else ""),
            gettext(row.why) if row.why else "",
        ]


def _words() -> dict[str, Any]:
    return {"states": queue.STATES, "tones": queue.TONES, "via": queue.VIA}
