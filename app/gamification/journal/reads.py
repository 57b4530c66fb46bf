"""A journal as its member reads it: entries by day, the months there are, and trades that have no entry yet."""

from collections import Counter
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, or_, select, text, tuple_

from app.gamification.activities import TRADE, Trade, facts_of
from app.gamification.counted import HOLDS
from app.gamification.errors.habits import EntryNotFound
from app.gamification.ledger.words.titles import title
from app.lib.clock import from_day, from_micros, to_day
from app.lib.i18n import Sentence
from app.lib.periods import add_months
from app.models.activity import Activity
from app.models.base import read_all, read_one
from app.models.habits import JournalEntry

PAGE = 10
TRADES, SEARCHED = 12, 400  # offered to write about, out of the latest decisions
LONGEST_SEARCH = 80
_LAST = 2**31 - 1

_COLUMNS = (
    JournalEntry.id,
    JournalEntry.day,
    JournalEntry.body,
    JournalEntry.mood,
    JournalEntry.lesson,
    JournalEntry.written_at,
    JournalEntry.changed_at,
    Activity.data,
)
_ENTRIES = select(*_COLUMNS).join(Activity, Activity.id == JournalEntry.activity_id, isouter=True)
_MINE = JournalEntry.member_id == bindparam("of_member")
_PAGE = (
    _ENTRIES.where(
        _MINE,
        JournalEntry.day >= bindparam("since"),
        tuple_(JournalEntry.day, JournalEntry.id) < tuple_(bindparam("before_day"), bindparam("before_id")),
    )
    .order_by(JournalEntry.day.desc(), JournalEntry.id.desc())
    .limit(PAGE + 1)
)
_FOUND = _PAGE.where(
    or_(
        func.lower(JournalEntry.body).like(func.lower(bindparam("words")), escape="\\"),
        func.lower(JournalEntry.lesson).like(func.lower(bindparam("words")), escape="\\"),
    )
)
_ONE = _ENTRIES.where(_MINE, JournalEntry.id == bindparam("entry"))
_DAYS = select(JournalEntry.day, func.count()).where(_MINE).group_by(JournalEntry.day).order_by(JournalEntry.day)
# Of the latest decisions only, so that the list costs the same however much somebody trades.
_TRADES = text(
    f"""
    SELECT a.id, a.data FROM (
        SELECT seq, activity_id, reason FROM decision WHERE member_id = :member ORDER BY seq DESC LIMIT {SEARCHED}
    ) AS d
    JOIN activity a ON a.id = d.activity_id
    LEFT JOIN journal_entry j ON j.member_id = :member AND j.activity_id = a.id
    WHERE a.kind = {TRADE} AND j.id IS NULL AND {HOLDS}
    ORDER BY a.occurred_at DESC LIMIT {TRADES}
    """
)


class Closed(NamedTuple):
    """A trade that can be written about."""

    activity_id: int
    title: Sentence
    closed_at: datetime


class Entry(NamedTuple):
    id: int
    day: int
    body: str
    mood: int
    lesson: str
    written_at: datetime
    changed_at: datetime | None
    trade: Sentence | None  # what it is about; None for the day as a whole


class Month(NamedTuple):
    """A month with entries; `key` is as an address names it."""

    key: str
    first: date
    entries: int


class Journal(NamedTuple):
    """A page of a journal."""

    entries: tuple[Entry, ...]
    older: tuple[int, int] | None  # the entry (day, id) below which there are others
    months: tuple[Month, ...]  # the latest first
    days: tuple[int, ...]  # every day that was written about

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever written."""
        return not self.days


def journal(
    member_id: int, month: date | None = None, words: str = "", before: tuple[int, int] | None = None
) -> Journal:
    """A page of the member's entries, the latest day first. Two statements."""
    since, top = (to_day(month), to_day(add_months(month, 1))) if month else (-_LAST, _LAST)
    day, id_ = before or (top, 0)
    day, id_ = min((day, id_), (top, 0))
    asked: dict[str, Any] = {"of_member": member_id, "since": since, "before_day": day, "before_id": id_}
    statement = _PAGE
    if words:
        statement, asked["words"] = _FOUND, f"%{_literal(words)}%"
    rows = read_all(statement, asked)
    entries = tuple(_entry(row) for row in rows[:PAGE])
    days = read_all(_DAYS, {"of_member": member_id})
    older = (entries[-1].day, entries[-1].id) if len(rows) > PAGE else None
    return Journal(entries, older, _months(days), tuple(row.day for row in days))


def own(member_id: int, entry_id: int) -> Entry:
    """One entry of the member's own; raises EntryNotFound."""
    row = read_one(_ONE, {"of_member": member_id, "entry": entry_id})
    if row is None:
        raise EntryNotFound()
    return _entry(row)


def trades(member_id: int) -> tuple[Closed, ...]:
    """The latest closed trades without an entry. One statement."""
    return tuple(_closed(row.id, facts_of(TRADE, row.data)) for row in read_all(_TRADES, {"member": member_id}))


def _closed(activity_id: int, trade: Trade) -> Closed:
    return Closed(activity_id, title(TRADE, trade), from_micros(trade.closed_at * 1000))


def _entry(row: Any) -> Entry:
    about = None if row.data is None else title(TRADE, facts_of(TRADE, row.data))
    return Entry(row.id, row.day, row.body, row.mood, row.lesson, row.written_at, row.changed_at, about)


def _months(days: Any) -> tuple[Month, ...]:
    counted: Counter[date] = Counter()
    for day, entries in days:
        counted[from_day(day).replace(day=1)] += entries
    return tuple(Month(f"{first:%Y-%m}", first, entries) for first, entries in sorted(counted.items(), reverse=True))


def _literal(words: str) -> str:
    """The words as LIKE takes them for themselves."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
