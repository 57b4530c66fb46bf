"""What lies ahead of a member's points: when they lapse, when held ones are released."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.statement import statement
from app.gamification.ledger.words.titles import facts_in, short_name
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import DAY, from_day, from_micros
from app.lib.i18n import Sentence, _l
from app.lib.periods import day_of
from app.models.base import read_all
from app.models.ledger import Cause

SEGMENTS = 5
COMING = 5
QUARTER_HOUR = 900_000_000  # every zone's midnight falls on one
# Not `remaining > 0`: PostgreSQL would read the index of everybody's held batches to find one member's few.
OPEN = "remaining + 0 > 0"


@dataclass(frozen=True, slots=True)
class Lapse:
    """Points that are good until the end of a day of the programme's zone; `last` is None for those that stay."""

    points: int
    last: date | None
    words: Sentence


@dataclass(frozen=True, slots=True)
class Held:
    """Pending points of one day's activities that are released together; `at` is None while staff review them."""

    points: int
    number: int
    at: int | None
    day: int  # when they were earned, in the programme's zone
    about: Sentence | None  # the latest of what earned them


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens by itself."""

    day: date
    title: Sentence
    under: Sentence
    points: int
    way: Literal["earned", "lapsed"]


@dataclass(frozen=True, slots=True)
class Outlook:
    lapses: tuple[Lapse, ...]
    held: tuple[Held, ...]
    coming: tuple[Event, ...]

    @property
    def all_free_by(self) -> date | None:
        """The day by which everything pending is released; None while something waits for staff."""
        known = [held.at for held in self.held if held.at is not None]
        return date_of(max(known), compiled().zone) if known and len(known) == len(self.held) else None


_OPEN = statement(
    f"""
    SELECT 0 AS held, b.expires_at AS at, b.idle_days, sum(b.remaining) AS points, count(*) AS number,
        0 AS quarter, 0 AS kind, '' AS data, max(w.last_accrual_at) AS renewed_at
    FROM batch b JOIN wallet w ON w.id = b.wallet_id
    WHERE b.wallet_id = :member AND NOT b.held AND b.{OPEN}
    GROUP BY b.expires_at, b.idle_days
    UNION ALL
    SELECT 1, h.at, NULL, h.points, h.number, h.quarter, a.kind, a.data, NULL
    FROM (
        SELECT b.available_at AS at, t.occurred_at / {QUARTER_HOUR} AS quarter, sum(b.remaining) AS points,
            count(*) AS number, max(b.seq) AS seq
        FROM batch b JOIN transfer t ON t.wallet_id = b.wallet_id AND t.seq = b.seq
        WHERE :pending > 0 AND b.wallet_id = :member AND b.held AND b.{OPEN}
        GROUP BY b.available_at, t.occurred_at / {QUARTER_HOUR}
    ) AS h
    JOIN transfer t ON t.wallet_id = :member AND t.seq = h.seq
    LEFT JOIN activity a ON t.cause = {Cause.ACTIVITY} AND a.id = t.cause_id
    """,
    "held at idle_days points number quarter kind data renewed_at",
)


def date_of(micros: int, zone: ZoneInfo) -> date:
    """The calendar date of an instant in a zone; what lapses or is released does so at the programme's midnights."""
    return from_micros(micros).astimezone(zone).date()


def outlook(me: SignedIn) -> Outlook:
    """When the member's points lapse and what is released next. One statement."""
    rows = read_all(_OPEN, {"member": me.id, "pending": me.pending})
    held = _held([row for row in rows if row.held])
    lapses = _by_day(row for row in rows if not row.held)
    return Outlook(_segments(lapses), held, _coming(held, lapses))


def _by_day(rows: Iterable[Any]) -> list[tuple[int | None, int]]:
    """(First day without them, points) in order of lapsing; points that never lapse come last."""
    zone = compiled().zone
    days: dict[int | None, int] = {}
    for row in rows:
        at = row.at
        if row.idle_days is not None and row.renewed_at is not None:
            at = row.renewed_at + row.idle_days * DAY
        day = None if at is None else day_of(from_micros(at), zone)
        days[day] = days.get(day, 0) + int(row.points)
    return sorted(days.items(), key=lambda item: (item[0] is None, item[0] or 0))


def _segments(lapses: Sequence[tuple[int | None, int]]) -> tuple[Lapse, ...]:
    """At most five: the first to lapse alone, what is left in runs of equal length, each named by its last day."""
    dated = [(day, points) for day, points in lapses if day is not None]
    for_ever = [Lapse(points, None, Sentence(_l("stay for good"))) for day, points in lapses if day is None]
    room = SEGMENTS - len(for_ever)
    runs = [dated[:1]] if dated else []
    rest = dated[1:]
    for place in range(min(room - 1, len(rest))):
        start, end = (len(rest) * n // min(room - 1, len(rest)) for n in (place, place + 1))
        runs.append(rest[start:end])
    return (*(_segment(run) for run in runs), *for_ever)


def _segment(run: Sequence[tuple[int, int]]) -> Lapse:
    last = from_day(run[-1][0] - 1)
    return Lapse(sum(points for _, points in run), last, Sentence(_l("by %(day)s"), {"day": last}))


def _held(rows: Sequence[Any]) -> tuple[Held, ...]:
    zone, found = compiled().zone, []
    for row in rows:
        about = short_name(row.kind, facts_in(row.kind, row.data)) if row.kind else None
        day = day_of(from_micros(row.quarter * QUARTER_HOUR), zone)
        found.append(Held(int(row.points), row.number, row.at, day, about))
    return tuple(sorted(found, key=lambda held: (held.at is None, held.at or 0, held.day)))


def _coming(held: Sequence[Held], lapses: Sequence[tuple[int | None, int]]) -> tuple[Event, ...]:
    """The next events: releases, lapses among them by day, what staff must look at left out."""
    zone = compiled().zone
    events = []
    for at, together in groupby((one for one in held if one.at is not None), key=lambda one: one.at):
        group = list(together)
        points = sum(one.points for one in group)
        events.append(Event(date_of(at or 0, zone), Sentence(_l("Released")), _released(group), points, "earned"))
    for day, points in lapses:
        if day is not None:
            last = from_day(day - 1)
            under = Sentence(_l("%(day)s; the oldest are spent first"), {"day": last})
            events.append(Event(last, Sentence(_l("Lapse at midnight")), under, -points, "lapsed"))
    return tuple(sorted(events, key=lambda event: event.day)[:COMING])


def _released(group: Sequence[Held]) -> Sentence:
    """“Gold, 16 Nov”, and whether there are others."""
    latest = group[-1]
    values = {"what": latest.about, "day": from_day(latest.day)}
    if latest.about is None:
        return Sentence(_l("Earned on %(day)s"), values)
    alone = len(group) == 1 and latest.number == 1
    return Sentence(_l("%(what)s, %(day)s") if alone else _l("%(what)s and others, %(day)s"), values)
