"""Loading and writing members in rounds: a fixed number of set-based statements, however many members."""

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import Connection

from app.gamification import played
from app.gamification.insight import tally
from app.gamification.ledger import store
from app.gamification.ledger.book import Book
from app.gamification.programme import Changed, Programme
from app.gamification.state import MemberState
from app.lib.periods import Calendar, day_at, period_end, period_start
from app.models import bulk
from app.models.base import to_json

_WALLET = {
    "available": "bigint",
    "pending": "bigint",
    "debt": "bigint",
    "lifetime": "bigint",
    "next_expiry_at": "bigint",
    "next_expiry_amount": "bigint",
    "last_accrual_at": "bigint",
    "seq": "bigint",
    "head": "bytea",
    "qualifying": "bigint",
    "window_from": "bigint",
    "level_id": "smallint",
    "level_since": "bigint",
    "grace_until": "bigint",
    "kept_until": "bigint",
    "decisions": "bigint",
}
_DECISION = ("member_id", "seq", "activity_id", "earned", "reason", "outcome")
_HISTORY = ("member_id", "number", "effective_from", "level_id", "activity_id")


def load(conn: Connection, programme: Programme, member_ids: Iterable[int]) -> dict[int, MemberState]:
    """The states of members whose wallets are locked already, in order of id, with their tier history.

    Raises Changed when another programme is in force by now: asked here, behind the lock, because whoever changes the
    window of its ladder makes the sums of these wallets again once the lock is free.
    """
    rows = bulk.tuples_by_ids(
        conn,
        "SELECT w.id, w.available, w.pending, w.debt, w.lifetime, w.next_expiry_at, w.next_expiry_amount,"
        " w.last_accrual_at, w.seq, w.head, w.qualifying, w.window_from, w.level_id, w.level_since, w.grace_until,"
        " w.kept_until, w.decisions, m.entity_id, m.country, m.client_class, m.language, m.earning_blocked,"
        " (SELECT p.revision FROM programme p), m.time_zone, m.erased_at"
        " FROM ids CROSS JOIN wallet w ON w.id = ids.id CROSS JOIN member m ON m.id = w.id ORDER BY w.id",
        member_ids,
    )
    states = {}
    for row in rows:
        id_, *balances = row[:10]
        entity_id, country, client_class, language, blocked, revision, time_zone, erased_at = row[17:]
        if revision != programme.revision:
            raise Changed(f"revision {revision}, not {programme.revision}")
        states[id_] = MemberState(
            id_,
            Book(id_, *balances),
            programme.standing(entity_id, country, client_class),
            entity_id,
            country,
            client_class,
            language,
            blocked,
            *row[10:17],
        )
        states[id_].time_zone, states[id_].erased = time_zone, erased_at is not None
    for member_id, effective_from, level_id in bulk.tuples_by_ids(
        conn,
        "SELECT h.member_id, h.effective_from, h.level_id FROM ids CROSS JOIN tier_history h ON h.member_id = ids.id"
        " ORDER BY h.member_id, h.number",
        states,
    ):
        states[member_id].history.append((effective_from, level_id))
    return states


def load_caps(conn: Connection, programme: Programme, states: dict[int, MemberState]) -> None:
    """The counters that the round's activities may be judged by; nothing is read where no rule has a cap."""
    if not programme.cap_periods:
        return
    calendars = [cast(Calendar, period) for period in programme.cap_periods if period != "day"]
    keys = []
    for state in states.values():
        days = {day_at(activity.occurred_at, programme.zone) for activity in state.happenings}
        days |= {day for effects in state.effects.values() for _, day, _ in effects.caps}
        if days:
            keys.append((state.id, *_reach(min(days), max(days), calendars)))
    if not keys:
        return
    # Each member's own days: somebody's imported history must not load the years of everybody else.
    rows = bulk.tuples_by_keys(
        conn,
        "SELECT c.member_id, c.rule_id, c.day, c.used FROM keys CROSS JOIN cap_use c"
        " ON c.member_id = keys.member_id AND c.day >= keys.first AND c.day < keys.until",
        {"member_id": "bigint", "first": "integer", "until": "integer"},
        keys,
    )
    for member_id, rule_id, day, used in rows:
        states[member_id].cap_used[rule_id, day] = used


def _reach(first: int, last: int, calendars: Iterable[Calendar]) -> tuple[int, int]:
    """First day and first day after, of all periods that these days lie in; a week reaches over the ends of months."""
    starts, ends = [first], [last + 1]
    for calendar in calendars:
        starts.append(period_start(first, calendar))
        ends.append(period_end(last, calendar))
    return min(starts), max(ends)


def write(conn: Connection, programme: Programme, states: Sequence[MemberState]) -> None:
    """Everything a round has found, in bulk; the wallets first, whose checks refuse what must not be."""
    rows = [
        (
            *(book.available, book.pending, book.debt, book.lifetime, book.next_expiry_at, book.next_expiry_amount),
            *(book.last_accrual_at, book.seq, book.head),
            *(state.qualifying, state.window_from, state.level_id, state.level_since, state.grace_until),
            *(state.kept_until, state.decisions, state.id),
        )
        for state in states
        for book in (state.book,)
    ]
    bulk.update(conn, "wallet", {"id": "bigint"}, _WALLET, rows)
    store.write(conn, [state.book for state in states])
    bulk.insert(conn, "decision", _DECISION, [row for state in states for row in state.new_decisions])
    bulk.insert(conn, "tier_history", _HISTORY, [row for state in states for row in state.new_history])
    bulk.upsert(
        conn,
        "qualifying_day",
        {"member_id": "bigint", "day": "integer", "sum": "bigint"},
        ("member_id", "day"),
        "sum = t.sum + excluded.sum",
        [(state.id, day, points) for state in states for day, points in sorted(state.qualifying_deltas.items())],
    )
    bulk.upsert(
        conn,
        "cap_use",
        {"member_id": "bigint", "rule_id": "bigint", "day": "integer", "used": "bigint"},
        ("member_id", "rule_id", "day"),
        "used = excluded.used",
        [(state.id, *key, state.cap_used[key]) for state in states for key in sorted(state.cap_drawn)],
    )
    bulk.insert(
        conn,
        "message",
        ("member_id", "kind", "facts", "created_at"),
        [
            (state.id, kind, to_json(facts), at)
            for state in states
            if not state.erased
            for kind, facts, at in state.messages
        ],
    )
    played.write(conn, states)
    tally.write(conn, states, programme.zone)
