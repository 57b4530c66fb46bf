"""A member's ledger as it is read: its lines, newest first, in tabs with counts, narrowed by what was searched for.

However long a history is, a page costs the same: it starts at a place in the chain and looks at a bounded stretch of
it. Where a stretch holds less than a page and the chain goes on, the page says so and offers to look further.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.activities import BY_CODE
from app.gamification.ledger.outcome import compiled, entry_of, rule_name
from app.gamification.ledger.outlook import OPEN, date_of
from app.gamification.ledger.search import NARROWED_BY, Search
from app.gamification.ledger.statement import statement
from app.gamification.ledger.words.titles import CAUSES, MOVES, as_it_is, facts_in, short_name, title
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l
from app.lib.periods import day_of
from app.models.activity import ActivityFlag
from app.models.base import read_all
from app.models.ledger import Cause, Code, State, UnitId

Tab = Literal["all", "earned", "spent", "pending"]
Way = Literal["earned", "spent", "lapsed", "moved"]
TABS: tuple[Tab, ...] = ("all", "earned", "spent", "pending")
PAGE = 12
STRETCH = 20_000  # lines looked at for one page of a tab
SEARCHED = 3_000  # and when each must be compared with what was searched for
COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """One transfer as its owner reads it."""

    seq: int
    sort: str  # key of the activity's kind, or what the transfer does
    title: Sentence
    under: Sentence | None
    at: datetime
    day: int  # on which it happened; the line stands on the day it was recorded
    points: int  # what it did to the member's points: a release or a repayment moves them, and says how many
    way: Way
    balance: int
    undone: bool = False
    state: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day of the member's; `total` is None where the page cuts the day."""

    day: int
    total: int | None
    lines: tuple[Line, ...]
    goes_on: bool = False  # from the page before


class Place(NamedTuple):
    """Where the next page starts: below a line, on the day that was shown last."""

    before: int
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    days: tuple[Day, ...]
    older: Place | None
    looked_through: bool = False  # the stretch was searched, the chain goes on below it


class Count(NamedTuple):
    """How many there are; `more` when counting stopped there."""

    number: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How long the chain is, what the tabs hold, and which accounts a search may name."""

    seq: int
    decisions: int
    counts: dict[str, Count]
    accounts: tuple[tuple[int, str], ...] = field(default=())


_TALLY = statement(
    f"""
    SELECT 'chain' AS what, seq AS number, decisions AS earned, 0 AS released, '' AS name FROM wallet WHERE id = :member
    UNION ALL
    SELECT 'moved', count(*), count(CASE WHEN debit = {State.ISSUED} THEN 1 END),
        count(CASE WHEN code = {Code.RELEASE} THEN 1 END), ''
    FROM (
        SELECT debit, code FROM transfer WHERE wallet_id = :member AND unit_id = {UnitId.POINTS}
        ORDER BY seq DESC LIMIT {COUNTED}
    ) AS moved
    UNION ALL
    SELECT 'pending', count(*), 0, 0, '' FROM (
        SELECT 1 FROM batch WHERE :pending > 0 AND wallet_id = :member AND held AND {OPEN} LIMIT {COUNTED}
    ) AS held
    UNION ALL
    SELECT 'missed', count(*), 0, 0, '' FROM (
        SELECT 1 FROM decision WHERE member_id = :member AND earned = 0 AND reason > 0 LIMIT {COUNTED}
    ) AS missed
    UNION ALL
    SELECT 'account', id, 0, 0, login FROM trading_account WHERE member_id = :member
    """,
    "what number earned released name",
)

_IN_TAB = {
    "all": "true",
    "earned": f"t.debit = {State.ISSUED}",
    "spent": f"t.debit <> {State.ISSUED} AND t.code <> {Code.RELEASE}",
    "pending": "EXISTS (SELECT 1 FROM batch h WHERE h.wallet_id = t.wallet_id AND h.seq = t.seq AND h.held"
    f" AND h.{OPEN})",
}
# Of what the transfer releases, lapses or takes back, the transfer that brought it.
_ORIGIN = f"""
    LEFT JOIN transfer o ON o.wallet_id = t.wallet_id AND o.seq = CASE
        WHEN t.cause IN ({Cause.BATCH_RELEASE}, {Cause.BATCH_EXPIRY}) THEN t.part
        WHEN t.cause = {Cause.REVERSAL} THEN t.part / 4 END
    LEFT JOIN activity a ON a.id = CASE
        WHEN t.cause = {Cause.ACTIVITY} THEN t.cause_id WHEN o.cause = {Cause.ACTIVITY} THEN o.cause_id END
    LEFT JOIN decision d ON d.activity_id = a.id
"""
_STRETCH = (
    f"t.wallet_id = :member AND t.seq < :before AND t.seq >= :floor AND t.unit_id = {UnitId.POINTS}"
    " AND {tab} ORDER BY t.seq DESC LIMIT :limit"
)
_LINES = """
    SELECT t.seq, t.code, t.debit, t.credit, t.amount, t.balance, t.cause, t.part, t.occurred_at, t.recorded_at,
        b.held, b.remaining, b.available_at,
        EXISTS (SELECT 1 FROM transfer r WHERE r.cause = {reversal} AND r.cause_id = t.wallet_id
            AND r.part BETWEEN 4 * t.seq AND 4 * t.seq + 1) AS undone,
        o.occurred_at AS origin_at, a.kind, a.data, a.deal, a.verified, d.outcome,
        (SELECT max(x.flags) FROM activity x WHERE t.cause = {reversal} AND x.source_id = a.source_id
            AND x.amends = a.external_id AND x.recorded_at = t.recorded_at) AS amended
    FROM (SELECT t.* FROM transfer t {narrowed}) AS t
    LEFT JOIN batch b ON b.wallet_id = t.wallet_id AND b.seq = t.seq
    {origin}
    ORDER BY t.seq DESC
"""
_COLUMNS = (
    "seq code debit credit amount balance cause part occurred_at recorded_at held remaining available_at undone"
    " origin_at kind data deal verified outcome amended"
)


def _statement(tab: str, narrowed: bool) -> Any:
    stretch = _STRETCH.format(tab=_IN_TAB[tab])
    inner = f"{_ORIGIN} WHERE {NARROWED_BY} AND {stretch}" if narrowed else f"WHERE {stretch}"
    return statement(_LINES.format(narrowed=inner, origin=_ORIGIN, reversal=int(Cause.REVERSAL)), _COLUMNS)


_STATEMENTS = {(tab, narrowed): _statement(tab, narrowed) for tab in TABS for narrowed in (False, True)}


def tally(me: SignedIn) -> Tally:
    """What the tabs hold; counting stops at 1,000. One statement."""
    rows = read_all(_TALLY, {"member": me.id, "pending": me.pending})
    found = {row.what: row for row in rows if row.what != "account"}
    moved, more = found["moved"], found["moved"].number == COUNTED
    counts = {
        "all": Count(moved.number, more),
        "earned": Count(moved.earned, more),
        "spent": Count(moved.number - moved.earned - moved.released, more),
        **{what: Count(found[what].number, found[what].number == COUNTED) for what in ("pending", "missed")},
    }
    accounts = sorted((row.number, row.name) for row in rows if row.what == "account")
    return Tally(found["chain"].number, found["chain"].earned, counts, tuple(accounts))


def lines(
    me: SignedIn, tab: Tab, newest: int, after: Place | None = None, search: Search | None = None, limit: int = PAGE
) -> Page:
    """A page of the ledger below a place; `newest` is the length of the chain. One statement."""
    before = after.before if after else newest + 1
    floor = max(1, before - (SEARCHED if search else STRETCH))
    values = {"member": me.id, "before": before, "floor": floor, "limit": limit + 1}
    rows = read_all(_STATEMENTS[tab, search is not None], values | (search.values() if search else {}))
    shown, write, zone = rows[:limit], _Writer(me.language, me.zone), me.zone
    dated = [(day_of(from_micros(row.recorded_at), zone), write.line(row)) for row in shown]
    if len(rows) > limit:
        older = Place(shown[-1].seq, dated[-1][0])
        whole = day_of(from_micros(rows[limit].recorded_at), zone) != older.day
        return Page(_by_day(dated, after, whole), older)
    looked_through = floor > 1
    older_still = Place(floor, dated[-1][0] if dated else None) if looked_through else None
    return Page(_by_day(dated, after, whole=not looked_through), older_still, looked_through)


def recent(me: SignedIn, limit: int) -> tuple[Line, ...]:
    """The newest lines, whatever they are; for the home page. One statement."""
    values = {"member": me.id, "before": 2**31 - 1, "floor": 1, "limit": limit}
    write = _Writer(me.language, me.zone)
    return tuple(write.line(row) for row in read_all(_STATEMENTS["all", False], values))


def moved(code: int, debit: int, credit: int, amount: int) -> tuple[int, Way]:
    """What a transfer did to what its member has, pending included and debt deducted."""
    if code in (Code.RELEASE, Code.REPAYMENT):
        return amount, "moved"
    if debit < State.AVAILABLE <= credit:
        return amount, "earned"
    return -amount, "lapsed" if code == Code.EXPIRY else "spent"


def state_of(row: Any) -> Sentence | None:
    """Where the points of a line stand; None when there is nothing to add to the figure."""
    if row.undone:
        return _UNDONE
    if row.held and row.remaining:
        if row.available_at is None:
            return _IN_REVIEW
        return Sentence(_l("Pending until %(day)s"), {"day": date_of(row.available_at, compiled().zone)})
    return _OWED if row.debit == _DEBT else None


def _by_day(dated: Sequence[tuple[int, Line]], after: Place | None, whole: bool) -> tuple[Day, ...]:
    days: list[Day] = []
    for day, run in groupby(dated, key=itemgetter(0)):
        found = tuple(line for _, line in run)
        goes_on = not days and after is not None and after.day == day
        total = None if goes_on else sum(line.points for line in found if line.way != "moved")
        days.append(Day(day, total, found, goes_on))
    if days and not whole:
        days[-1] = replace(days[-1], total=None)
    return tuple(days)


class _Writer:
    """Words for the rows of one page; what all of them share is looked up once."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self._language, self._zone = language, zone
        self._names: dict[int, Sentence] = {}

    def line(self, row: Any) -> Line:
        cause, code = row.cause, row.code
        if cause == _ACTIVITY:
            words = title(row.kind, facts_in(row.kind, row.data))
            rule = self._rule(entry_of(row.outcome, row.part)[0])
            at, sort, state = from_micros(row.occurred_at), BY_CODE[row.kind].key, state_of(row)
            day = day_of(at, self._zone)
            return Line(row.seq, sort, words, rule, at, day, row.amount, "earned", row.balance, row.undone, state)
        points, way = moved(code, row.debit, row.credit, row.amount)
        words = Sentence(CAUSES.get(cause) or (_taken_back(row) if code == Code.REVERSAL else MOVES[code]))
        sort = Cause(cause).name.lower() if cause in CAUSES else Code(code).name.lower()
        at, state = from_micros(row.recorded_at), state_of(row)
        day = day_of(at, self._zone)
        return Line(row.seq, sort, words, self._about(row), at, day, points, way, row.balance, row.undone, state)

    def _rule(self, revision_id: int) -> Sentence:
        found = self._names.get(revision_id)
        if found is None:
            found = self._names[revision_id] = as_it_is(rule_name(revision_id, self._language))
        return found

    def _about(self, row: Any) -> Sentence | None:
        if row.kind is None:
            return None
        name = short_name(row.kind, facts_in(row.kind, row.data))
        if row.code == Code.REVERSAL and row.deal:
            return Sentence(_l("%(what)s, ticket %(ticket)s"), {"what": name, "ticket": row.deal})
        return Sentence(_l("%(what)s, %(day)s"), {"what": name, "day": date_of(row.origin_at, self._zone)})


def _taken_back(row: Any) -> str:
    if row.amended is None:
        unverified = row.verified is not None and not row.verified
        return _l("Taken back: your broker's own report counts") if unverified else _l("Taken back")
    if row.amended & ActivityFlag.BUSTS:
        return _l("Taken back: cancelled by the broker")
    return _l("Taken back: corrected by the broker")


_UNDONE, _IN_REVIEW, _OWED = Sentence(_l("Taken back")), Sentence(_l("Waiting for review")), Sentence(_l("Owed"))
# An enum's member costs a look-up; these stand in the innermost loop.
_ACTIVITY, _DEBT = int(Cause.ACTIVITY), int(State.DEBT)
