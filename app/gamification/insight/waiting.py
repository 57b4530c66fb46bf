"""What waits for staff to decide or to mend, and how the machinery behind the programme does."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, literal_column, select
from structlog import get_logger

from app.gamification import backlog
from app.gamification.approvals.registry import kind_of
from app.gamification.backlog import Backlog
from app.lib.clock import instant_of
from app.lib.i18n import Sentence, _l, _n
from app.models.base import kept_by_app, read_all, read_one
from app.models.desk import Proposal
from app.models.people import Staff

log = get_logger(__name__)

NAMED = 5  # proposals that are named; of the others only the number is said
TITLE_SECONDS = 60.0


class Item(NamedTuple):
    """One thing that waits; `page` is the endpoint where it is decided, with what its address needs."""

    icon: str
    tone: str
    title: Sentence
    under: Sentence
    since: datetime | None
    page: str
    values: Mapping[str, Any]
    fails: bool = False  # something went wrong, and nobody has to decide


@dataclass(frozen=True, slots=True)
class Machinery:
    """How the programme runs; instants are None where there was nothing yet."""

    backlog: Backlog
    asked: int  # questions that wait for an answer
    asked_since: datetime | None
    requested: int  # trading accounts that members ask for
    requested_since: datetime | None
    statements: int  # that wait for a review
    statements_since: datetime | None
    held: int  # batches that wait for a review
    given_up: int  # mails that could not be delivered
    last_activity_at: datetime | None
    last_root_at: datetime | None


def _figure(sql: str) -> Any:
    return literal_column(f"({sql})")


_REVIEWED = "state = 'stored' AND trust = 'review'"
_MACHINERY = select(
    _figure("SELECT count(*) FROM question WHERE state = 'open'").label("asked"),
    _figure("SELECT min(since) FROM question WHERE state = 'open'").label("asked_since"),
    _figure("SELECT count(*) FROM account_request WHERE state = 'open'").label("requested"),
    _figure("SELECT min(made_at) FROM account_request WHERE state = 'open'").label("requested_since"),
    _figure(f"SELECT count(*) FROM statement_import WHERE {_REVIEWED}").label("statements"),
    _figure(f"SELECT min(recorded_at) FROM statement_import WHERE {_REVIEWED}").label("statements_since"),
    _figure("SELECT count(*) FROM batch WHERE held AND remaining > 0 AND available_at IS NULL").label("held"),
    _figure("SELECT count(*) FROM outbox WHERE done_at IS NOT NULL AND error IS NOT NULL").label("given_up"),
    # Ids follow the order of arrival.
    _figure("SELECT recorded_at FROM activity ORDER BY id DESC LIMIT 1").label("last_activity_at"),
    _figure("SELECT made_at FROM ledger_root ORDER BY day DESC LIMIT 1").label("last_root_at"),
)
# Those that the reader can decide first, then the oldest.
_PROPOSALS = (
    select(
        Proposal.id,
        Proposal.kind,
        Proposal.subject_id,
        Proposal.payload,
        Proposal.proposed_by,
        Proposal.proposed_at,
        Staff.name,
        func.count().over().label("all"),
    )
    .join(Staff, Staff.id == Proposal.proposed_by)
    .where(Proposal.state == "open")
    .order_by((Proposal.proposed_by == bindparam("me")).asc(), Proposal.id)
    .limit(NAMED)
)


def machinery() -> Machinery:
    """The machinery at this moment; two statements."""
    row = read_one(_MACHINERY)
    return Machinery(
        backlog.read(),
        row.asked,
        instant_of(row.asked_since),
        row.requested,
        instant_of(row.requested_since),
        row.statements,
        instant_of(row.statements_since),
        row.held,
        row.given_up,
        instant_of(row.last_activity_at),
        instant_of(row.last_root_at),
    )


def waiting(me: int, found: Machinery) -> tuple[list[Item], int]:
    """What waits, decisions first, and how many proposals there are beyond those that are named."""
    rows = read_all(_PROPOSALS, {"me": me})
    items = [_proposal(row, me) for row in rows]
    more = rows[0].all - len(rows) if rows else 0
    work = found.backlog
    for number, item in (
        (found.asked, _ASKED._replace(since=found.asked_since)),
        (found.requested, _REQUESTED._replace(since=found.requested_since)),
        (found.statements, _STATEMENTS._replace(since=found.statements_since)),
        # Statements say it already; without one that waits, these are still being counted.
        (0 if found.statements else found.held, _HELD),
        (work.quarantined, _QUARANTINED),
        (work.unlinked, _UNLINKED),
        (work.failed, _FAILED),
        (found.given_up, _GIVEN_UP),
    ):
        if number:
            items.append(item._replace(title=Sentence(item.title.msgid, {"number": number})))
    return items, more


def _proposal(row: Any, me: int) -> Item:
    title, icon = _titles().of(row)
    if row.proposed_by == me:
        under = Sentence(_l("Proposed by you; somebody else has to decide"))
    else:
        under = Sentence(_l("Proposed by %(who)s"), {"who": row.name})
    page, values = "admin_approvals.show", {"proposal_id": row.id}
    return Item(icon, "brand", title, under, row.proposed_at, page, values)


@dataclass(slots=True)
class _Titles:
    """What proposals are called, for a minute: a proposal never changes, and some kinds read much to sum one up."""

    known: dict[int, tuple[float, Sentence, str]] = field(default_factory=dict)

    def of(self, row: Any) -> tuple[Sentence, str]:
        """Title and icon."""
        now = time.monotonic()
        until, title, icon = self.known.get(row.id, (0.0, Sentence(""), ""))
        if until < now:
            title, icon = _summed_up(row)
            self.known = {id_: kept for id_, kept in self.known.items() if kept[0] >= now}
            self.known[row.id] = now + TITLE_SECONDS, title, icon
        return title, icon


def _titles() -> _Titles:
    return kept_by_app("proposal_titles", _Titles)


def _summed_up(row: Any) -> tuple[Sentence, str]:
    try:
        summary = kind_of(row.kind).summary(row.subject_id, row.payload)
    except Exception as error:  # one that cannot be read must not hide the others
        log.warning("a proposal cannot be summed up", proposal=row.id, kind=row.kind, error=repr(error))
        return Sentence(_l("Proposal %(number)s"), {"number": row.id}), "circle-question-mark"
    return summary.title, summary.icon


def _item(icon: str, words: str, under: str, page: str, *, fails: bool = False) -> Item:
    return Item(icon, "warn" if fails else "", Sentence(words), Sentence(under), None, page, {}, fails)


_ASKED = _item(
    "messages-square",
    _n("%(number)s question waits for an answer", "%(number)s questions wait for an answer", "number"),
    _l("Asked by members, in their own words"),
    "admin_questions.index",
)
_REQUESTED = _item(
    "wallet",
    _n("%(number)s trading account is asked for", "%(number)s trading accounts are asked for", "number"),
    _l("Members say that they are theirs; your books know"),
    "admin_account_requests.index",
)
_STATEMENTS = _item(
    "file-text",
    _n("%(number)s statement waits for a look", "%(number)s statements wait for a look", "number"),
    _l("Their points are pending until somebody decides"),
    "admin_statements.index",
)
_HELD = _item(
    "hourglass",
    _n("%(number)s award waits for a review", "%(number)s awards wait for a review", "number"),
    _l("Trades of statements that members sent in: their points are pending"),
    "admin_statements.index",
)
_QUARANTINED = _item(
    "shield-alert",
    _n("%(number)s activity in quarantine", "%(number)s activities in quarantine", "number"),
    _l("Sent again under a known id with another content; the first stands"),
    "admin_system.index",
)
_UNLINKED = _item(
    "unlink",
    _n("%(number)s trading account without a member", "%(number)s trading accounts without a member", "number"),
    _l("Their activities wait until somebody says whose they are"),
    "admin_members.index",
)
_FAILED = _item(
    "triangle-alert",
    _n("%(number)s activity failed", "%(number)s activities failed", "number"),
    _l("Once the cause is mended they can be processed again"),
    "admin_system.index",
    fails=True,
)
_GIVEN_UP = _item(
    "mail",
    _n("%(number)s mail could not be delivered", "%(number)s mails could not be delivered", "number"),
    _l("Tried again and again, then given up"),
    "admin_system.index",
    fails=True,
)
