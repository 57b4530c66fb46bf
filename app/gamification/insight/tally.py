"""Summing up what one transaction did to members: plain values in, one compact row out.

Everybody would wait for everybody at a row that each transaction raises. So each inserts a row of its own, of sums by
figure, day and subject, and of who did something on which day; rollup.py folds these and deletes them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection

from app.gamification.accrual.rule import GIVEN, Entry
from app.gamification.activities import KINDS
from app.gamification.insight.figures import Figure, figure_of
from app.gamification.state import BUSTS, Happening, MemberState
from app.lib.clock import DAY, from_micros, to_day
from app.lib.periods import QUARTER_HOUR, day_at
from app.models import bulk

Key = tuple[int, int, int]  # figure, day, subject
Sums = defaultdict[Key, int]

# What the broker books on an account is nothing its owner did.
_BY_MEMBERS = frozenset(kind.code for kind in KINDS if kind.earns)
# Nor does a history that is imported years later make anybody active: what is kept by member reaches back this far.
LATEST = 400 * DAY
_AWARDS, _POINTS, _MISSES = int(Figure.AWARDS), int(Figure.POINTS), int(Figure.MISSES)
_DECIDED, _BY_REASON, _HOURS = int(Figure.DECIDED), int(Figure.REASON), int(Figure.HOURS)


class Tally(NamedTuple):
    """What transactions added up to; `active` are pairs of day and member."""

    sums: Sums
    active: set[tuple[int, int]]


def nothing() -> Tally:
    """A tally of nothing yet."""
    return Tally(defaultdict(int), set())


class Judged(NamedTuple):
    """A decided activity as it is counted; its entries are those of its outcome."""

    kind: int
    flags: int
    occurred_at: int
    recorded_at: int
    entries: Sequence[Entry] = ()


class _Moment:
    """What was recorded within a quarter of an hour, in which no day begins."""

    __slots__ = ("awards", "decided", "given", "misses", "moves")

    def __init__(self) -> None:
        self.moves: defaultdict[Any, int] = defaultdict(int)  # (unit, code, debit, credit) → points
        self.decided: defaultdict[tuple[int, int], int] = defaultdict(int)  # kind, reason
        self.awards: defaultdict[int, int] = defaultdict(int)  # by revision, as the next two
        self.given: defaultdict[int, int] = defaultdict(int)
        self.misses: defaultdict[int, int] = defaultdict(int)


class Counting:
    """Transfers and decisions, counted by what lies at hand and named at the end: every activity comes by here."""

    __slots__ = ("done", "moments")

    def __init__(self) -> None:
        self.moments: defaultdict[int, _Moment] = defaultdict(_Moment)
        self.done: defaultdict[tuple[int, int], int] = defaultdict(int)  # quarter of an hour, member → activities

    def transfers(self, rows: Iterable[Any]) -> None:
        """Count rows of transfers, in the order of their columns."""
        moments = self.moments
        for row in rows:
            moments[row[12] // QUARTER_HOUR].moves[row[2:6]] += row[6]

    def decision(self, member_id: int, one: Happening | Judged, reason: int, times: int = 1) -> None:
        """Count a decision; with `times` -1 one that no longer holds."""
        recorded_at, occurred_at, kind = one.recorded_at, one.occurred_at, one.kind
        moment = self.moments[recorded_at // QUARTER_HOUR]
        moment.decided[kind, reason] += times
        for entry in one.entries:
            revision = entry[0]
            if entry[1]:
                moment.awards[revision] += times
                moment.given[revision] += times * entry[GIVEN]
            else:
                moment.misses[revision] += times
        if kind in _BY_MEMBERS and not one.flags & BUSTS and recorded_at - occurred_at < LATEST:
            self.done[occurred_at // QUARTER_HOUR, member_id] += times

    def add_to(self, found: Tally, zone: ZoneInfo) -> None:
        """Add everything counted, by day in that zone."""
        sums, active = found
        for quarter, moment in self.moments.items():
            day = day_at(quarter * QUARTER_HOUR, zone)
            for move, points in moment.moves.items():
                if (figure := _figure(*move)) is not None:
                    sums[figure, day, 0] += points
            for (kind, reason), number in moment.decided.items():
                sums[_DECIDED, day, kind] += number
                sums[_BY_REASON, day, reason] += number
            for figure, counted in ((_AWARDS, moment.awards), (_POINTS, moment.given), (_MISSES, moment.misses)):
                for revision, number in counted.items():
                    sums[figure, day, revision] += number
        for (quarter, member_id), number in self.done.items():
            day, hour = _hour_of_week(quarter, zone)
            sums[_HOURS, day, hour] += number
            active.add((day, member_id))


def write(conn: Connection, states: Iterable[MemberState], zone: ZoneInfo) -> None:
    """Insert what the states of a round, or of a change beside it, add up to."""
    insert(conn, of(states), zone)


def of(states: Iterable[MemberState]) -> Counting:
    """Everything posted and decided."""
    counting = Counting()
    transfers, decision = counting.transfers, counting.decision
    for state in states:
        transfers(state.book.transfers)
        for activity, row in zip(state.happenings, state.new_decisions, strict=True):
            decision(state.id, activity, row[4])
    return counting


def insert(conn: Connection, counting: Counting, zone: ZoneInfo) -> None:
    """Insert what was counted as one row, if anything was."""
    found = nothing()
    counting.add_to(found, zone)
    if found.sums:
        bulk.execute(conn, "INSERT INTO tally (figures) VALUES (?)", (encode(found),))


@lru_cache(maxsize=256)
def _figure(unit: int, code: int, debit: int, credit: int) -> int | None:
    figure = figure_of(unit, code, debit, credit)
    return None if figure is None else int(figure)


@lru_cache(maxsize=1 << 16)
def _hour_of_week(quarter: int, zone: ZoneInfo) -> tuple[int, int]:
    """The day of a quarter of an hour in that zone, and which hour of the week it lies in."""
    local = from_micros(quarter * QUARTER_HOUR).astimezone(zone)
    return to_day(local.date()), 24 * local.weekday() + local.hour


# As it is kept: [[figure, day, subject, amount] …], [[day, [member …]] …]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[list[tuple[int, int, int, int]], list[tuple[int, list[int]]]]).decode


def encode(found: Tally) -> str:
    """The row's text."""
    by_day: defaultdict[int, list[int]] = defaultdict(list)
    for day, member_id in found.active:
        by_day[day].append(member_id)
    sums = [(*key, amount) for key, amount in found.sums.items()]
    return _encode((sums, list(by_day.items()))).decode()


def add_encoded(found: Tally, text: str) -> None:
    """Add what a row says."""
    sums, active = _decode(text)
    for figure, day, subject, amount in sums:
        found.sums[figure, day, subject] += amount
    for day, members in active:
        found.active.update((day, member_id) for member_id in members)


def sums_in(text: str) -> Iterator[tuple[int, int, int, int]]:
    """The sums alone of a row: figure, day, subject, amount."""
    yield from _decode(text)[0]
