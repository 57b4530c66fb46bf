"""Everything a member did, with what it earned or why it did not; what was not counted yet stands first."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.gamification.activities import BY_CODE
from app.gamification.ledger.outcome import read_outcome
from app.gamification.ledger.reads import PAGE, SEARCHED, STRETCH, Place
from app.gamification.ledger.search import NARROWED_BY, Search
from app.gamification.ledger.statement import statement
from app.gamification.ledger.words.lines import state_of
from app.gamification.ledger.words.reasons import Miss, miss
from app.gamification.ledger.words.titles import facts_in, title
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import from_micros
from app.lib.i18n import Sentence
from app.lib.periods import day_of
from app.models.base import read_all
from app.models.ledger import Cause, UnitId

WAITING = 10  # shown of what was not counted yet


@dataclass(frozen=True, slots=True)
class Happened:
    """One activity. `line` names the transfer that explains its points, `reason` says why there are none."""

    seq: int  # of its decision
    sort: str
    title: Sentence
    at: datetime
    day: int  # on which it happened; the row stands on the day it was recorded
    account: str
    earned: int
    undone: bool
    line: int | None
    state: Sentence | None
    reason: Miss | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One activity that is stored and will be counted in a moment."""

    sort: str
    title: Sentence
    at: datetime
    account: str


@dataclass(frozen=True, slots=True)
class HistoryDay:
    day: int
    rows: tuple[Happened, ...]
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class History:
    days: tuple[HistoryDay, ...]
    older: Place | None
    looked_through: bool = False


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is to show, and which accounts it may be narrowed to."""

    seq: int  # of the chain
    decisions: int
    waiting: int
    accounts: tuple[tuple[int, str], ...]


_EXTENT = statement(
    """
    SELECT 'decisions' AS what, decisions AS number, '' AS name FROM wallet WHERE id = :member
    UNION ALL
    SELECT 'seq', seq, '' FROM wallet WHERE id = :member
    UNION ALL
    SELECT 'waiting', count(*), '' FROM (SELECT 1 FROM activity_queue WHERE member_id = :member LIMIT 1000) AS queued
    UNION ALL
    SELECT 'account', id, login FROM trading_account WHERE member_id = :member
    """,
    "what number name",
)
_WAITING = text(
    """
    SELECT a.kind, a.data, a.occurred_at, k.login
    FROM activity_queue q JOIN activity a ON a.id = q.activity_id
    LEFT JOIN trading_account k ON k.id = a.trading_account_id
    WHERE q.member_id = :member ORDER BY q.recorded_at DESC, q.activity_id DESC LIMIT :limit
    """
)
_ROWS = """
    SELECT d.seq, d.earned, d.reason, d.outcome, d.line, a.kind, a.data, a.occurred_at, a.recorded_at, k.login,
        b.held, b.remaining, b.available_at, 0 AS debit,
        EXISTS (SELECT 1 FROM transfer r WHERE r.cause = {reversal} AND r.cause_id = :member
            AND r.part BETWEEN 4 * d.line AND 4 * d.line + 1) AS undone
    FROM (
        SELECT d.seq, d.activity_id, d.earned, d.reason, d.outcome, (SELECT min(t.seq) FROM transfer t
            WHERE d.earned > 0 AND t.cause = {activity} AND t.cause_id = d.activity_id AND t.unit_id = {points}) AS line
        FROM decision d {narrowed} d.member_id = :member AND d.seq < :before AND d.seq >= :floor
        ORDER BY d.seq DESC LIMIT :limit
    ) AS d
    JOIN activity a ON a.id = d.activity_id
    LEFT JOIN trading_account k ON k.id = a.trading_account_id
    LEFT JOIN batch b ON b.wallet_id = :member AND b.seq = d.line
    ORDER BY d.seq DESC
"""
_COLUMNS = (
    "seq earned reason outcome line kind data occurred_at recorded_at login held remaining available_at debit undone"
)
_STATEMENTS = {
    narrowed: statement(
        _ROWS.format(
            narrowed=f"JOIN activity a ON a.id = d.activity_id WHERE {NARROWED_BY} AND" if narrowed else "WHERE",
            reversal=int(Cause.REVERSAL),
            activity=int(Cause.ACTIVITY),
            points=int(UnitId.POINTS),
        ),
        _COLUMNS,
    )
    for narrowed in (False, True)
}


def extent(me: SignedIn) -> Extent:
    """How many activities were counted and how many wait. One statement."""
    rows = read_all(_EXTENT, {"member": me.id})
    found = {row.what: row.number for row in rows if row.what != "account"}
    accounts = sorted((row.number, row.name) for row in rows if row.what == "account")
    return Extent(found["seq"], found["decisions"], found["waiting"], tuple(accounts))


def waiting(me: SignedIn) -> tuple[Waiting, ...]:
    """The newest activities that were not counted yet. One statement."""
    return tuple(
        Waiting(
            BY_CODE[row.kind].key,
            title(row.kind, facts_in(row.kind, row.data)),
            from_micros(row.occurred_at),
            row.login or "",
        )
        for row in read_all(_WAITING, {"member": me.id, "limit": WAITING})
    )


def history(me: SignedIn, newest: int, after: Place | None = None, search: Search | None = None) -> History:
    """A page of activities below a place; `newest` is the number of decisions. One statement."""
    before = after.before if after else newest + 1
    floor = max(1, before - (SEARCHED if search else STRETCH))
    values = {"member": me.id, "before": before, "floor": floor, "limit": PAGE + 1}
    rows = read_all(_STATEMENTS[search is not None], values | (search.values() if search else {}))
    zone, language = me.zone, me.language
    dated = [(day_of(from_micros(row.recorded_at), zone), _happened(row, language, zone)) for row in rows[:PAGE]]
    days = _by_day(dated, after)
    last = dated[-1][0] if dated else None
    if len(rows) > PAGE:
        return History(days, Place(rows[PAGE - 1].seq, last))
    return History(days, Place(floor, last) if floor > 1 else None, floor > 1)


def _by_day(dated: list[tuple[int, Happened]], after: Place | None) -> tuple[HistoryDay, ...]:
    days: list[HistoryDay] = []
    for day, run in groupby(dated, key=itemgetter(0)):
        goes_on = not days and after is not None and after.day == day
        days.append(HistoryDay(day, tuple(row for _, row in run), goes_on))
    return tuple(days)


def _happened(row: Any, language: str, zone: ZoneInfo) -> Happened:
    facts, at = facts_in(row.kind, row.data), from_micros(row.occurred_at)
    reason = None if row.earned else miss(row.reason, read_outcome(row.outcome), row.kind, facts, language)
    return Happened(
        row.seq,
        BY_CODE[row.kind].key,
        title(row.kind, facts),
        at,
        day_of(at, zone),
        row.login or "",
        row.earned,
        bool(row.undone),
        row.line,
        state_of(row) if row.earned else None,
        reason,
    )
