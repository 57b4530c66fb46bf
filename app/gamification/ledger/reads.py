"""A member's ledger as it is read: its lines, newest first, in tabs with counts, narrowed by what was searched for.

However long a history is, a page costs the same: it starts at a place in the chain and looks at a bounded stretch of
it. Where a stretch holds less than a page and the chain goes on, the page says so and offers to look further.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from app.gamification.ledger.outlook import OPEN
from app.gamification.ledger.search import LINES_NARROWED_BY, Search
from app.gamification.ledger.statement import statement
from app.gamification.ledger.words.lines import Line, Writer
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import from_micros
from app.lib.periods import day_of
from app.models.activity import Reason
from app.models.base import read_all
from app.models.ledger import Cause, Code, State, UnitId

Tab = Literal["all", "earned", "spent", "pending"]
TABS: tuple[Tab, ...] = ("all", "earned", "spent", "pending")
PAGE = 12
STRETCH = 20_000  # lines looked at for one page of a tab
SEARCHED = 3_000  # and when each must be compared with what was searched for
COUNTED = 1_000


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
        SELECT 1 FROM decision WHERE member_id = :member AND earned = 0 AND reason > 0
            AND reason <> {Reason.WITHDRAWN} LIMIT {COUNTED}
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
        o.occurred_at AS origin_at, o.cause AS origin_cause, o.part AS origin_part, a.kind, a.data,
        a.deal, a.verified, d.outcome,
        (SELECT max(x.flags) FROM activity x WHERE t.cause = {reversal} AND x.source_id = a.source_id
            AND x.amends = a.external_id AND x.recorded_at = t.recorded_at) AS amended,
        (t.cause = {reversal} AND EXISTS (SELECT 1 FROM adjustment j WHERE j.wallet_id = t.wallet_id
            AND j.reverses = t.part / 4)) AS by_hand
    FROM (SELECT t.* FROM transfer t {narrowed}) AS t
    LEFT JOIN batch b ON b.wallet_id = t.wallet_id AND b.seq = t.seq
    {origin}
    ORDER BY t.seq DESC
"""
_COLUMNS = (
    "seq code debit credit amount balance cause part occurred_at recorded_at held remaining available_at undone"
    " origin_at origin_cause origin_part kind data deal verified outcome amended by_hand"
)


def _statement(tab: str, narrowed: bool) -> Any:
    stretch = _STRETCH.format(tab=_IN_TAB[tab])
    inner = f"{_ORIGIN} WHERE {LINES_NARROWED_BY} AND {stretch}" if narrowed else f"WHERE {stretch}"
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
    shown, write, zone = rows[:limit], Writer(me.language, me.zone), me.zone
    dated = [(day_of(from_micros(row.recorded_at), zone), write.line(row)) for row in shown]
    if len(rows) > limit:
        older = Place(shown[-1].seq, dated[-1][0])
        whole = day_of(from_micros(rows[limit].recorded_at), zone) != older.day
        return Page(_by_day(dated, after, whole), older)
    looked_through = floor > 1
    older_still = Place(floor, dated[-1][0] if dated else None) if looked_through else None
    return Page(_by_day(dated, after, whole=not looked_through), older_still, looked_through)


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
