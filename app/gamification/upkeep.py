"""What keeps an installation going, as staff see it: mail, failed decisions, accounts of nobody, roots."""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, and_, bindparam, func, select, text

from app.gamification import backlog, pipeline, quarantine
from app.gamification.activities import BY_CODE
from app.gamification.audit import log
from app.gamification.backlog import Backlog
from app.gamification.errors.system import MailNotFound, MailSentAlready, NothingGivenUp
from app.gamification.staff.rights import Right, hold
from app.lib.clock import from_day
from app.models import schema
from app.models.activity import Reason
from app.models.base import connection, read_all, read_one
from app.models.ledger import LedgerRoot
from app.models.messages import Outbox
from app.models.people import TradingAccount
from app.tasks import outbox
from app.tasks.outbox import State

SHOWN, PER_PAGE = 8, 50
SHORTEST_SECRET = 16

_WAITS = and_(Outbox.done_at.is_(None), Outbox.error.is_(None))
_RETRIES = and_(Outbox.done_at.is_(None), Outbox.error.is_not(None))
_GIVEN_UP = and_(Outbox.done_at.is_not(None), Outbox.error.is_not(None))
STATES: dict[State, ColumnElement[bool]] = {
    State.WAITING: _WAITS,
    State.RETRYING: _RETRIES,
    State.GIVEN_UP: _GIVEN_UP,
    State.SENT: and_(Outbox.done_at.is_not(None), Outbox.error.is_(None)),
}
_COUNTS = select(*(func.count().filter(clause) for clause in STATES.values())).select_from(Outbox)
_MAILS = (
    select(
        Outbox.id,
        Outbox.recipient,
        Outbox.subject,
        Outbox.created_at,
        Outbox.due_at,
        Outbox.attempts,
        Outbox.done_at,
        Outbox.error,
    )
    .order_by(Outbox.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_MAILS_IN = {state: _MAILS.where(clause) for state, clause in STATES.items()}
_LOCK_MAIL = select(Outbox.id, Outbox.done_at, Outbox.error).where(Outbox.id == bindparam("mail_id")).with_for_update()
_GIVEN_UP_IDS = select(Outbox.id).where(_GIVEN_UP).order_by(Outbox.id).with_for_update()
_FAILED = text(
    f"""
    SELECT d.member_id, d.seq, d.activity_id, d.outcome, a.kind, a.external_id, s.key AS source
    FROM decision d JOIN activity a ON a.id = d.activity_id JOIN source s ON s.id = a.source_id
    WHERE d.reason = {int(Reason.FAILED)} ORDER BY d.activity_id DESC LIMIT :most
    """
)
_NOBODYS = (
    select(TradingAccount.id, TradingAccount.platform, TradingAccount.server, TradingAccount.login)
    .where(TradingAccount.member_id.is_(None))
    .order_by(TradingAccount.id.desc())
    .limit(bindparam("most"))
)
_ROOTS = (
    select(LedgerRoot.day, LedgerRoot.made_at, LedgerRoot.wallets, LedgerRoot.transfers, LedgerRoot.root)
    .order_by(LedgerRoot.day.desc())
    .limit(bindparam("most"))
)
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


class Failure(NamedTuple):
    """An activity that the programme failed on, and what it said."""

    member_id: int
    activity_id: int
    kind: str  # title, marked for translation
    source: str
    external_id: str
    error: str
    place: str


class Root(NamedTuple):
    """A night's proof over the whole ledger."""

    day: date
    made_at: datetime
    wallets: int
    transfers: int
    root: str


class Health(NamedTuple):
    """Everything at a glance."""

    backlog: Backlog
    mails: dict[State, int]
    mail_is_set_up: bool
    unsent: Sequence[Any]
    failures: list[Failure]
    quarantined: Sequence[Any]
    nobodys: Sequence[Any]
    roots: list[Root]
    revision: str
    needed_revision: str


def overview() -> Health:
    """What the system's page shows. A fixed number of statements."""
    return Health(
        backlog.read(),
        counts(),
        outbox.is_set_up(),
        mails(State.GIVEN_UP, SHOWN) or mails(State.RETRYING, SHOWN),
        [_failure(row) for row in read_all(_FAILED, {"most": SHOWN})],
        quarantine.newest(SHOWN),
        read_all(_NOBODYS, {"most": SHOWN}),
        [_root(row) for row in read_all(_ROOTS, {"most": SHOWN})],
        schema.present_revision() or "",
        schema.needed_revision() or "",
    )


def counts() -> dict[State, int]:
    """How many mails are where on their way."""
    return dict(zip(STATES, read_one(_COUNTS), strict=True))


def mails(state: State | None, most: int = PER_PAGE, skip: int = 0) -> Sequence[Any]:
    """The newest mails, of one state or of all."""
    return read_all(_MAILS if state is None else _MAILS_IN[state], {"most": most, "skip": skip})


def mail(mail_id: int) -> Any:
    """One mail. Raises MailNotFound."""
    row = outbox.find(mail_id)
    if row is None:
        raise MailNotFound()
    return row


def masked(body: str) -> str:
    """A mail's text with what would open somebody's door left out of its links."""
    return _ADDRESS.sub(lambda found: _without_secrets(found[0]), body)


def resend(by: int, mail_id: int, *, now: datetime) -> None:
    """Make a mail due once more that waits or was given up.

    Inside an open transaction. Raises NotEntitled, MailNotFound, MailSentAlready.
    """
    hold({by: Right.CONFIGURE})
    row = connection().execute(_LOCK_MAIL, {"mail_id": mail_id}).first()
    if row is None:
        raise MailNotFound()
    if row.done_at is not None and row.error is None:
        raise MailSentAlready()
    outbox.send_again(mail_id, now)
    log.record(by, "mail.resend", "mail", mail_id, now=now)


def resend_all(by: int, *, now: datetime) -> int:
    """Make every mail due once more that was given up; how many. Inside an open transaction. Raises NothingGivenUp."""
    hold({by: Right.CONFIGURE})
    ids = connection().execute(_GIVEN_UP_IDS).scalars().all()
    if not ids:
        raise NothingGivenUp()
    for mail_id in ids:
        outbox.send_again(mail_id, now)
    log.record(by, "mail.resend_all", "mail", now=now, after={"mails": len(ids)})
    return len(ids)


def reprocess(by: int, *, now: datetime) -> int:
    """Queue every activity anew whose decision failed; how many. Inside an open transaction."""
    hold({by: Right.CONFIGURE})
    queued = pipeline.reprocess()
    if queued:
        log.record(by, "activity.reprocess", "activity", now=now, after={"queued": queued})
    return queued


def _without_secrets(address: str) -> str:
    parts = urlsplit(address)
    path = "/".join("…" if len(part) >= SHORTEST_SECRET else part for part in parts.path.split("/"))
    query = "&".join(f"{name.partition('=')[0]}=…" for name in parts.query.split("&")) if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{path}" + (f"?{query}" if query else "") + ("#…" if parts.fragment else "")


def _failure(row: Any) -> Failure:
    told = json.loads(row.outcome)
    error, message, place = told[1] if len(told) > 1 else ("", "", "")
    kind = BY_CODE[row.kind].title
    return Failure(row.member_id, row.activity_id, kind, row.source, row.external_id, f"{error}: {message}", place)


def _root(row: Any) -> Root:
    return Root(from_day(row.day), row.made_at, row.wallets, row.transfers, bytes(row.root).hex())
