"""The outbox: mail written in the transaction that caused it, delivered afterwards, at least once.

Without a mail server the rows stay, and staff and the console can read them.
"""

import smtplib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import current_app
from flask_mailman import EmailMultiAlternatives
from sqlalchemy import bindparam, func, insert, or_, select, update
from structlog import get_logger

from app.lib import clock
from app.models.base import connection, read_all, read_one, transaction
from app.models.messages import Outbox
from app.tasks.queue import periodic, ring

log = get_logger(__name__)

MAIL = "mail"
LEASE = timedelta(minutes=5)
# After each failure a longer wait; after the last one the row is given up, its error kept.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
LONGEST_ERROR = 500

_DUE = (
    Outbox.channel == MAIL,
    Outbox.done_at.is_(None),
    Outbox.due_at <= bindparam("now"),
    or_(Outbox.leased_until.is_(None), Outbox.leased_until <= bindparam("now")),
)
_ANY_DUE = select(Outbox.id).where(*_DUE).limit(1)
_NEXT_DUE = select(Outbox).where(*_DUE).order_by(Outbox.due_at, Outbox.id).limit(1).with_for_update(skip_locked=True)
_CLAIM = (
    update(Outbox)
    .where(Outbox.id == bindparam("row_id"))
    .values(leased_until=bindparam("until"), attempts=Outbox.attempts + 1)
)
# Only by whoever holds the lease: one that took longer than its lease must not overwrite what came after.
_RECORD = (
    update(Outbox)
    .where(Outbox.id == bindparam("row_id"), Outbox.attempts == bindparam("attempt"), Outbox.done_at.is_(None))
    .values(done_at=bindparam("done"), due_at=bindparam("due"), error=bindparam("problem"), leased_until=None)
)
_SEND_AGAIN = (
    update(Outbox)
    .where(Outbox.id == bindparam("row_id"))
    .values(done_at=None, due_at=bindparam("now"), attempts=0, leased_until=None, error=None)
)
_NEWEST = select(Outbox).order_by(Outbox.id.desc()).limit(bindparam("count"))
_BY_ID = select(Outbox).where(Outbox.id == bindparam("row_id"))
_COUNTS = select(
    func.count().filter(Outbox.done_at.is_(None)),
    func.count().filter(Outbox.done_at.is_not(None), Outbox.error.is_not(None)),
)


class State(StrEnum):
    """Where a mail is on its way."""

    WAITING = "waiting"
    RETRYING = "retrying"
    SENT = "sent"
    GIVEN_UP = "given up"


def post(
    recipient: str,
    subject: str,
    body: str,
    *,
    now: datetime,
    html: str | None = None,
    member_id: int | None = None,
    headers: Mapping[str, str] | None = None,
    rings: bool = True,
) -> None:
    """Write a mail inside the open transaction; a worker delivers it once that is committed.

    Nobody rings for one of many: the minute's sweep finds them all.
    """
    values: dict[str, Any] = {"channel": MAIL, "recipient": recipient, "subject": subject, "body": body, "html": html}
    values["headers"] = None if headers is None else dict(headers)
    times = {"created_at": now, "due_at": now, "attempts": 0}
    connection().execute(insert(Outbox).values(**values, **times, member_id=member_id))
    if rings:
        ring("outbox.deliver")


@periodic("outbox.deliver", minutes=1)
def deliver() -> int:
    """Send every mail that is due; returns how many were sent."""
    if not is_set_up() or read_one(_ANY_DUE, {"now": clock.now()}) is None:
        return 0
    sent = 0
    server = current_app.extensions["mailman"].get_connection()
    try:
        while (row := _claim(clock.now())) is not None:
            error = _send(server, row)
            _record(row, error, clock.now())
            sent += error is None
    finally:
        _hang_up(server)
    return sent


def send_again(row_id: int, now: datetime) -> None:
    """Make a mail due once more, whether it was sent, given up or waits. Inside an open transaction."""
    connection().execute(_SEND_AGAIN, {"row_id": row_id, "now": now})
    ring("outbox.deliver")


def newest(count: int) -> Sequence[Any]:
    """The latest rows, newest first."""
    return read_all(_NEWEST, {"count": count})


def find(row_id: int) -> Any:
    """One row, or None."""
    return read_one(_BY_ID, {"row_id": row_id})


def backlog() -> tuple[int, int]:
    """How many mails wait, and how many were given up."""
    waiting, given_up = read_one(_COUNTS)
    return waiting, given_up


def state_of(row: Any) -> State:
    """Where a row is on its way."""
    if row.done_at is not None:
        return State.GIVEN_UP if row.error else State.SENT
    return State.RETRYING if row.error else State.WAITING


def is_set_up() -> bool:
    """Whether there is a mail server."""
    return bool(current_app.config.get("MAIL_SERVER"))


def _claim(now: datetime) -> Any:
    with transaction() as open_:
        row = open_.execute(_NEXT_DUE, {"now": now}).first()
        if row is not None:
            open_.execute(_CLAIM, {"row_id": row.id, "until": now + LEASE})
    return row


def _send(server: Any, row: Any) -> str | None:
    """Hand one mail over; returns what went wrong, or None."""
    # The same id at every attempt lets mailboxes drop a second copy.
    sender = current_app.extensions["mailman"].default_sender
    headers = {
        **(row.headers or {}),
        "Message-ID": f"<outbox-{row.id}-{clock.to_micros(row.created_at)}@{_domain(sender)}>",
    }
    try:
        server.open()
        mail = EmailMultiAlternatives(row.subject, row.body, sender, [row.recipient], headers=headers)
        if row.html:
            mail.attach_alternative(row.html, "text/html")
        server.send_messages([mail])
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        log.warning("mail was not sent", id=row.id, attempt=row.attempts + 1, error=str(problem))
        _hang_up(server)
        return f"{type(problem).__name__}: {problem}"[:LONGEST_ERROR]
    return None


def _record(row: Any, error: str | None, now: datetime) -> None:
    attempt = row.attempts + 1
    given_up = error is not None and attempt > len(WAITS)
    done = now if error is None or given_up else None
    due = now if done else now + WAITS[attempt - 1]
    with transaction() as open_:
        values = {"row_id": row.id, "attempt": attempt, "done": done, "due": due, "problem": error}
        open_.execute(_RECORD, values)


def _hang_up(server: Any) -> None:
    try:
        server.close()
    except (OSError, smtplib.SMTPException) as problem:
        log.debug("the mail server did not say goodbye", error=str(problem))


def _domain(sender: str) -> str:
    return sender.rstrip("> ").rpartition("@")[2] or "localhost"
