"""What machines ask: is the process alive, and can it work."""

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import DBAPIError
from structlog import get_logger

from app.gamification import backlog
from app.gamification.audit.verify import last_check
from app.gamification.brand import brand
from app.lib import clock
from app.models import schema

bp = Blueprint("probes", __name__)
log = get_logger(__name__)

LONGEST_WAIT = 300.0  # seconds


@bp.get("/healthz")
def alive() -> Response:
    """The process answers; nothing else is asked."""
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


@bp.get("/readyz")
def ready() -> Response:
    """503 and `problems` while pages cannot be served; `warnings` are for staff and take nothing out of service.

    A queue that stands still and activities that failed are the worker's: sending visitors away would not help.
    """
    problems: list[str] = []
    warnings: list[str] = []
    facts: dict[str, object] = {"database": False, "migrations": False}
    try:
        facts["migrations"] = schema.is_current()
        facts["database"] = True
        if facts["migrations"]:
            facts |= _work(warnings)
            if not brand().is_set_up:
                problems.append("The setup is not finished. Its link: flask --app wsgi setup-link")
        else:
            problems.append("The database is not at the newest migration. Run: flask --app wsgi prepare")
    except DBAPIError as error:
        log.warning("not ready", error=str(error.orig))
        problems.append("The database does not answer.")
    response = jsonify(ready=not problems, **facts, problems=problems, warnings=warnings)
    response.status_code = 503 if problems else 200
    response.headers["Cache-Control"] = "no-store"
    return response


def _work(warnings: list[str]) -> dict[str, object]:
    found = backlog.read()
    seconds = round(found.age_seconds(clock.now()), 1)
    if seconds > LONGEST_WAIT:
        warnings.append("Activities wait for more than five minutes. Is the worker running? flask --app wsgi worker")
    if (checked := last_check()) is not None and checked.bad_seq is not None:
        warnings.append(
            f"The audit log was changed at entry {checked.bad_seq}. Prove it: flask --app wsgi audit verify"
        )
    if found.failed:
        warnings.append("Activities failed. After mending the cause: flask --app wsgi activities reprocess --failed")
    return {"queued": found.queued, "oldest_queued_seconds": seconds, "failed_decisions": found.failed}
