"""The nightly review of every member's level: looks at all, locks and writes only those for whom something changes.

Who that is follows from the rows themselves, so a pass that was killed is resumed by the next one, and a second pass on
the same day finds nothing. Each chunk is a transaction of its own, its wallets locked in order of id like those of the
pipeline's rounds.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.gamification import programme
from app.gamification.ledger.wallets import erased, lock_in_order
from app.gamification.programme import Programme
from app.gamification.tiers import load, review, screen
from app.gamification.tiers.messages import LOST, WARNING
from app.gamification.tiers.projection import project
from app.gamification.tiers.settling import settle
from app.lib.clock import to_micros
from app.lib.periods import day_of
from app.models import bulk
from app.models.base import Pause, give_way, is_sqlite, reader, to_json, transaction

CHUNK_SQLITE, CHUNK_POSTGRESQL = 500, 2000  # members: SQLite's write lock is held for some 15 ms

_WALLETS = (
    "SELECT w.id, w.qualifying, w.window_from, w.level_id, w.level_since, w.grace_until, w.kept_until,"
    " (SELECT min(q.day) FROM qualifying_day q WHERE q.member_id = w.id AND q.day >= ?),"
    " (SELECT p.revision FROM programme p)"
    " FROM ids CROSS JOIN wallet w ON w.id = ids.id ORDER BY w.id"
)
_HISTORIES = (
    "SELECT h.member_id, h.effective_from, h.level_id FROM ids CROSS JOIN tier_history h ON h.member_id = ids.id"
    " ORDER BY h.member_id, h.number"
)
_TIER_COLUMNS = {
    "qualifying": "bigint",
    "window_from": "bigint",
    "level_id": "smallint",
    "level_since": "bigint",
    "grace_until": "bigint",
}


@dataclass
class Candidate:
    """A member who may change, as the review needs them."""

    id: int
    qualifying: int
    window_from: int
    level_id: int
    level_since: int
    grace_until: int | None
    kept_until: int | None
    oldest: int | None  # the first day that stays in the window
    history: list[tuple[int, int]] = field(default_factory=list)
    old_days: dict[int, int] | None = field(default_factory=dict)
    new_history: list[tuple[int, int, int, int, int | None]] = field(default_factory=list)
    messages: list[tuple[str, dict[str, Any], int]] = field(default_factory=list)

    def columns(self) -> tuple[Any, ...]:
        """What the wallet holds of it."""
        return self.qualifying, self.window_from, self.level_id, self.level_since, self.grace_until


@dataclass
class Reassessment:
    """What a pass has changed, in members."""

    changed: int = 0
    risen: int = 0
    fallen: int = 0
    in_grace: int = 0
    warned: int = 0

    def __add__(self, other: "Reassessment") -> "Reassessment":
        return Reassessment(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def reassess(now: datetime, pause: Pause = time.sleep) -> Reassessment:
    """Bring everyone to where they stand as the day of `now` begins in the programme's zone."""
    done = Reassessment()
    while True:
        settle(pause)  # levels follow from sums, and a new ladder may have another window
        try:
            for reviewed in _pass(programme.current(), now, pause):
                done += reviewed
        except programme.Changed:
            continue  # a ladder was published under way: who was reviewed already is looked at by it again
        return done


def _pass(current: Programme, now: datetime, pause: Pause) -> Iterator[Reassessment]:
    day = day_of(now, current.zone)
    statement, after = screen.statement(current, day), 0
    while ids := _found(statement, after, CHUNK_SQLITE if is_sqlite(reader()) else CHUNK_POSTGRESQL):
        with transaction() as conn:
            reviewed = _review_chunk(conn, current, ids, day, to_micros(now))
        yield reviewed
        after = ids[-1]
        give_way(pause)


def _found(statement: str, after: int, limit: int) -> list[int]:
    # On the reader: a look at a million wallets must not hold SQLite's write lock.
    with reader().connect() as connection:
        return list(bulk.execute(connection, statement, (after, limit)).scalars())


def _review_chunk(conn: Connection, current: Programme, ids: list[int], day: int, now: int) -> Reassessment:
    lock_in_order(ids)
    candidates = _load(conn, current, ids, day)
    before = {one.id: one.columns() for one in candidates.values()}
    for one in candidates.values():
        review.review(one, day, current, now, one.oldest)
    _warn(conn, current, candidates, day, now)
    changed = [one for one in candidates.values() if one.columns() != before[one.id]]
    bulk.update(conn, "wallet", {"id": "bigint"}, _TIER_COLUMNS, [(*one.columns(), one.id) for one in changed])
    _append(conn, candidates)
    told = Counter(kind for one in candidates.values() for kind, _, _ in one.messages)
    moved = sum(1 for one in changed if one.level_id != before[one.id][2])
    in_grace = sum(1 for one in changed if one.grace_until is not None and before[one.id][4] is None)
    return Reassessment(len(changed), moved - told[LOST], told[LOST], in_grace, told[WARNING])


def _load(conn: Connection, current: Programme, ids: list[int], day: int) -> dict[int, Candidate]:
    rows = bulk.tuples_by_ids(conn, _WALLETS, ids, current.ladder.window_start(day))
    if rows and rows[0][-1] != current.revision:
        raise programme.Changed(f"revision {rows[0][-1]}, not {current.revision}")
    candidates = {row[0]: Candidate(*row[:-1]) for row in rows}
    for member_id, effective_from, level_id in bulk.tuples_by_ids(conn, _HISTORIES, ids):
        candidates[member_id].history.append((effective_from, level_id))
    if current.ladder.is_rolling:
        start, until = current.ladder.window_start(day), screen.horizon(current.ladder, day)
        load.load_days_of_window(conn, candidates, ids, start, until)
    elif current.ladder.is_calendar:
        in_grace = [one for one in candidates.values() if one.grace_until is not None]
        load.load_period_before(conn, current, candidates, in_grace)
    return candidates


def _warn(conn: Connection, current: Programme, candidates: dict[int, Candidate], day: int, now: int) -> None:
    """Tell those who would fall within the days of warning, once for each fall that threatens."""
    ladder = current.ladder
    threatened = {}
    for one in candidates.values():
        outlook = project(one, ladder, day, one.old_days or {})
        if outlook is not None and outlook.needed and outlook.falls_on - day <= ladder.warn_days:
            threatened[one.id] = outlook
    if not threatened:
        return
    told: dict[int, int] = dict(bulk.tuples_by_ids(conn, screen.LAST_WARNING, threatened))
    for member_id, outlook in threatened.items():
        one = candidates[member_id]
        if told.get(member_id, -1) >= screen.warned_since(current, day, one.level_since, one.window_from):
            continue
        facts = {"level": one.level_id, "needed": outlook.needed, "by": outlook.by}
        one.messages.append((WARNING, facts, now))


def _append(conn: Connection, candidates: dict[int, Candidate]) -> None:
    rows = [row for one in candidates.values() for row in one.new_history]
    bulk.insert(conn, "tier_history", ("member_id", "number", "effective_from", "level_id", "activity_id"), rows)
    messages = [(one.id, kind, to_json(facts), at) for one in candidates.values() for kind, facts, at in one.messages]
    gone = set(erased({row[0] for row in messages})) if messages else set()
    kept = [row for row in messages if row[0] not in gone]
    bulk.insert(conn, "message", ("member_id", "kind", "facts", "created_at"), kept)
