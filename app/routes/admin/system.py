"""The system: what waits, what went wrong, and what can be done about it."""

from typing import Any

from flask import Blueprint, Response, flash, request, url_for

from app.gamification import quarantine, upkeep
from app.lib import clock
from app.lib.i18n import Sentence, _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.desk import current_staff
from app.routes.formats import say
from app.routes.rendering import page
from app.tasks import outbox
from app.tasks.outbox import State

bp = Blueprint("admin_system", __name__, url_prefix="/admin/system")

STATES = {
    State.WAITING: _l("Waiting"),
    State.RETRYING: _l("Tried again later"),
    State.GIVEN_UP: _l("Given up"),
    State.SENT: _l("Sent"),
}
TONES = {State.WAITING: "", State.RETRYING: "warn", State.GIVEN_UP: "warn", State.SENT: "brand"}
DUE = _l("The mail is due once more.")
ALL_DUE = _l("%(count)s mails are due once more.")
QUEUED = _l("%(count)s activities are queued once more.")
DISMISSED = _l("Dismissed. What came first stands.")
MOST_PAGES = 10_000


@bp.get("")
def index() -> Response:
    """Everything at a glance."""
    return page("admin/system.html", now=clock.now(), health=upkeep.overview(), **_words())


@bp.get("/outbox")
def mails() -> Response:
    """The mails, newest first."""
    named = request.args.get("state", "")
    state = State(named) if named in list(State) else None
    asked = request.args.get("page", "1")
    number = min(int(asked) if asked.isdecimal() and len(asked) < 6 else 1, MOST_PAGES) or 1
    rows = upkeep.mails(state, upkeep.PER_PAGE + 1, (number - 1) * upkeep.PER_PAGE)
    return page(
        "admin/system_outbox.html",
        rows=rows[: upkeep.PER_PAGE],
        counts=upkeep.counts(),
        state=state,
        number=number,
        has_more=len(rows) > upkeep.PER_PAGE,
        **_words(),
    )


@bp.get("/outbox/<int:mail_id>")
def mail(mail_id: int) -> Response:
    """One mail, without what its links would open."""
    row = upkeep.mail(mail_id)
    return page("admin/system_mail.html", row=row, body=upkeep.masked(row.body), **_words())


@bp.post("/outbox/<int:mail_id>/delivery")
def resend(mail_id: int) -> Response:
    """Send one mail once more."""
    with transaction():
        upkeep.resend(current_staff().id, mail_id, now=clock.now())
    flash(DUE)
    return htmx.see_other(url_for("admin_system.mail", mail_id=mail_id))


@bp.post("/outbox/deliveries")
def resend_all() -> Response:
    """Send every mail once more that was given up."""
    with transaction():
        count = upkeep.resend_all(current_staff().id, now=clock.now())
    flash(say(Sentence(ALL_DUE, {"count": count})))
    return htmx.see_other(url_for("admin_system.mails"))


@bp.get("/quarantine/<int:conflict_id>")
def conflict(conflict_id: int) -> Response:
    """What came first beside what came again."""
    return page("admin/system_conflict.html", conflict=quarantine.conflict(conflict_id))


@bp.post("/quarantine/<int:conflict_id>/dismissal")
def dismiss(conflict_id: int) -> Response:
    """Let what came again go."""
    with transaction():
        quarantine.dismiss(current_staff().id, conflict_id, now=clock.now())
    flash(DISMISSED)
    return htmx.see_other(url_for("admin_system.index"))


@bp.post("/reprocessing")
def reprocess() -> Response:
    """Queue what failed once more."""
    with transaction():
        count = upkeep.reprocess(current_staff().id, now=clock.now())
    flash(say(Sentence(QUEUED, {"count": count})))
    return htmx.see_other(url_for("admin_system.index"))


def _words() -> dict[str, Any]:
    return {"states": STATES, "tones": TONES, "state_of": outbox.state_of}
