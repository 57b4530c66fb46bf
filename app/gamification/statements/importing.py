"""Importing a statement: whose account it is, what storing it would give, and what it gave.

The command opens the transactions: 1. claim the account; 2. hand the deliveries to ingestion; 3. let the pipeline catch
up with the member; 4. count what was decided. A trial run does none of that: it folds the same activities in memory.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, text, update

from app.gamification import ingest, preview
from app.gamification.accrual.rule import REFUSED
from app.gamification.activities import Incoming
from app.gamification.errors.members import LinkedElsewhere
from app.gamification.ingest import Result, Status
from app.gamification.ledger.words.reasons import telling
from app.gamification.statements.reading import Account, Reading
from app.gamification.trading_accounts import linking
from app.models import bulk
from app.models.activity import Reason
from app.models.base import connection, read_all, read_one, reader
from app.models.people import TradingAccount
from app.platforms.statement import Statement

LONGEST_NAME = 64

_OF_MEMBER = text(
    "SELECT id, server, login FROM trading_account WHERE member_id = :member AND platform = :platform ORDER BY id"
)
_BY_NAMES = text(
    "SELECT id, member_id FROM trading_account WHERE platform = :platform AND server = :server AND login = :login"
)
_DECISIONS = (
    "SELECT a.external_id, d.reason, d.outcome FROM texts CROSS JOIN activity a ON a.source_id = ?"
    " AND a.external_id = texts.value CROSS JOIN decision d ON d.activity_id = a.id"
)
_decode = msgspec.json.Decoder(list).decode


class Verdict(NamedTuple):
    """What was decided about one activity: whether it earned, and the reason if not."""

    earned: bool
    reason: str


@dataclass
class Outcome:
    """Of the closed rows of a statement: how many earn, why others do not, and how many were known already.

    The three add up to the closed rows.
    """

    earning: int = 0
    not_earning: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0


def account_of(statement: Statement, member_id: int, login: str | None = None, server: str | None = None) -> Account:
    """The account a statement is about: as told, else as the file says, else as the member's accounts leave no doubt.

    A report of MT4 names no server: then the company stands for it, unless the member's account has one. Raises
    LinkedElsewhere when it is somebody else's.
    """
    own = read_all(_OF_MEMBER, {"member": member_id, "platform": statement.platform})
    login = login or statement.login
    if login is None and len(own) == 1:
        server, login = server or own[0].server, own[0].login
    login = login or f"unnamed-{member_id}"
    servers = {row.server for row in own if row.login == login}
    if server is None:
        server = servers.pop() if len(servers) == 1 else statement.server or statement.company or statement.platform
    names = {"platform": statement.platform, "server": server[:LONGEST_NAME].strip(), "login": login}
    row = read_one(_BY_NAMES, names)
    if row is not None and row.member_id not in (None, member_id):
        raise LinkedElsewhere(login=login)
    return Account(None if row is None else row.id, **names)


def claim(account: Account, member_id: int, currency: str, *, now: datetime) -> Account:
    """Make sure that the account is the member's. Inside an open transaction; raises LinkedElsewhere."""
    account_id = linking.link(member_id, *account.names, via="console", by=None, now=now)
    unknown = TradingAccount.currency.is_(None)
    connection().execute(
        update(TradingAccount).where(TradingAccount.id == account_id, unknown).values(currency=currency)
    )
    return Account(account_id, *account.names)


def outcome_of(reading: Reading, results: Sequence[Result]) -> Outcome:
    """What was decided about the rows that were stored, once the pipeline has caught up."""
    stored = {row.item.id for row, result in zip(reading.rows, results, strict=True) if _is_new(result)}
    with reader().connect() as conn:
        source_id = _source_id(conn)
        decided = bulk.tuples_by_texts(conn, _DECISIONS, sorted(stored), source_id)
    verdicts = {name: _verdict(reason, _decode(outcome)) for name, reason, outcome in decided}
    return _counted(reading, results, verdicts)


def try_out(reading: Reading, account: Account, member_id: int, now: datetime) -> Outcome:
    """What storing the rows now would give; nothing is written and no lock is taken."""
    items = [row.item for row in reading.rows]
    with reader().connect() as conn:
        known = _known(conn, items, account.id)
    results = [ingest.SAME if item.id in known else ingest.ACCEPTED for item in items]
    fresh = [item for item in items if item.id not in known]
    decisions = preview.decide(member_id, fresh, account.id, now)
    verdicts = {
        item.id: _verdict(reason, _decode(outcome)) for item, (reason, outcome) in zip(fresh, decisions, strict=True)
    }
    return _counted(reading, results, verdicts)


def _counted(reading: Reading, results: Sequence[Result], verdicts: dict[str, Verdict]) -> Outcome:
    outcome = Outcome()
    if reading.unusable_closed:
        outcome.not_earning["unusable"] = reading.unusable_closed
    for row, result in zip(reading.rows, results, strict=True):
        if not row.is_closed:
            continue
        if result.status == Status.DUPLICATE:
            outcome.duplicates += 1
        elif not _is_new(result):
            outcome.not_earning[str(result.status)] += 1
        else:
            verdict = verdicts.get(row.item.id, _WAITING)
            if verdict.earned:
                outcome.earning += 1
            else:
                outcome.not_earning[row.set_aside or verdict.reason] += 1
    return outcome


_WAITING = Verdict(False, "waiting")  # the worker has not come to it yet


def _is_new(result: Result) -> bool:
    return result.status in (Status.ACCEPTED, Status.WAITING)


def _verdict(reason: int, outcome: list[Any]) -> Verdict:
    if reason == Reason.EARNED:
        return Verdict(True, "")
    name = Reason(reason).name.lower()
    if reason == Reason.CONDITION:
        # The condition's field says more than that there was one.
        name = f"{name}.{telling([entry for entry in outcome[1:] if entry[1] == REFUSED])[3]}"
    return Verdict(False, name)


def _known(conn: Connection, items: Iterable[Incoming], account_id: int | None) -> set[str]:
    """The ids among these that are stored, or whose deal a verified source has reported."""
    if account_id is None:
        return set()
    deals = {item.deal: item.id for item in items if item.deal is not None}
    return {*_known_ids(conn, [item.id for item in items]), *_known_deals(conn, deals, account_id)}


def _known_ids(conn: Connection, names: Sequence[str]) -> Iterator[str]:
    statement = (
        "SELECT a.external_id FROM texts CROSS JOIN activity a ON a.source_id = ? AND a.external_id = texts.value"
    )
    return (row[0] for row in bulk.tuples_by_texts(conn, statement, names, _source_id(conn)))


def _known_deals(conn: Connection, deals: dict[str, str], account_id: int) -> Iterator[str]:
    statement = (
        "SELECT a.deal FROM texts CROSS JOIN activity a ON a.trading_account_id = ? AND a.deal = texts.value"
        " AND a.verified AND a.amends IS NULL"
    )
    return (deals[row[0]] for row in bulk.tuples_by_texts(conn, statement, list(deals), account_id))


def _source_id(conn: Connection) -> int:
    row = conn.execute(text("SELECT id FROM source WHERE key = :key"), {"key": ingest.STATEMENTS}).one()
    return int(row.id)
