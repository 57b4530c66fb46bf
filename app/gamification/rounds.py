"""Loading and writing members in rounds: a fixed number of set-based statements, however many members."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Connection

from app.gamification.accrual.rule import AWARDED, GIVEN
from app.gamification.ledger import store
from app.gamification.ledger.book import Book, Posted
from app.gamification.programme import Programme
from app.gamification.state import Effects, MemberState
from app.lib.periods import Calendar, day_at, period_end, period_start
from app.models import bulk
from app.models.activity import Reason
from app.models.base import to_json
from app.models.ledger import Cause, Code

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
    "decisions": "bigint",
}
_DECISION = ("member_id", "seq", "activity_id", "earned", "reason", "outcome")
_HISTORY = ("member_id", "number", "effective_from", "level_id", "activity_id")


def load(conn: Connection, programme: Programme, member_ids: Iterable[int]) -> dict[int, MemberState]:
    """The states of members whose wallets are locked already, in order of id, with their tier history."""
    rows = bulk.tuples_by_ids(
        conn,
        "SELECT w.id, w.available, w.pending, w.debt, w.lifetime, w.next_expiry_at, w.next_expiry_amount,"
        " w.last_accrual_at, w.seq, w.head, w.qualifying, w.window_from, w.level_id, w.level_since, w.grace_until,"
        " w.decisions, m.entity_id, m.country, m.client_class, m.language, m.earning_blocked"
        " FROM ids CROSS JOIN wallet w ON w.id = ids.id CROSS JOIN member m ON m.id = w.id ORDER BY w.id",
        member_ids,
    )
    packs, standing = programme.entity_packs, programme.policy.standing
    states = {}
    for row in rows:
        id_, *balances = row[:10]
        entity_id, country, client_class, language, blocked = row[16:]
        pack = packs.get(entity_id, "")
        states[id_] = MemberState(
            id_,
            Book(id_, *balances),
            standing(pack, country, client_class),
            entity_id,
            country,
            client_class,
            language,
            blocked,
            *row[10:16],
        )
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
    periods = programme.cap_periods
    days = [day_at(activity.occurred_at, programme.zone) for state in states.values() for activity in state.happenings]
    days += [day for state in states.values() for effects in state.effects.values() for _, day, _ in effects.caps]
    if not periods or not days:
        return
    # Each period for itself: a week reaches over the ends of months and years.
    calendars = [cast(Calendar, period) for period in periods if period != "day"]
    first = min([min(days), *(period_start(min(days), calendar) for calendar in calendars)])
    end = max([max(days) + 1, *(period_end(max(days), calendar) for calendar in calendars)])
    rows = bulk.tuples_by_ids(
        conn,
        "SELECT c.member_id, c.rule_id, c.day, c.used FROM ids CROSS JOIN cap_use c ON c.member_id = ids.id"
        " WHERE c.day >= ? AND c.day < ?",
        states,
        first,
        end,
    )
    for member_id, rule_id, day, used in rows:
        states[member_id].cap_used[rule_id, day] = used


_LINKED = """
SELECT a.id AS origin, a.recorded_at AS since, o.recorded_at, o.id, o.source_id, o.external_id, o.trading_account_id,
       o.member_id AS direct, t.member_id AS linked, o.flags, o.amends, o.occurred_at, o.verified, o.deal,
       d.seq, d.reason, d.outcome
FROM ids CROSS JOIN activity a ON a.id = ids.id
CROSS JOIN activity o ON {condition}
LEFT JOIN trading_account t ON t.id = o.trading_account_id
LEFT JOIN decision d ON d.activity_id = o.id
"""
_ITSELF = _LINKED.format(condition="o.id = a.id")
_AMENDING = _LINKED.format(condition="o.source_id = a.source_id AND o.amends = a.external_id")
_AMENDED = _LINKED.format(condition="a.amends IS NOT NULL AND o.source_id = a.source_id AND o.external_id = a.amends")
_TWINS = _LINKED.format(
    condition="a.deal IS NOT NULL AND o.trading_account_id = a.trading_account_id AND o.deal = a.deal"
    " AND o.verified <> a.verified AND o.amends IS NULL"
)


def load_chains(
    conn: Connection, programme: Programme, states: dict[int, MemberState], queued: Sequence[tuple[Any, ...]]
) -> None:
    """Corrections, busts and verified twins that touch the round's activities, with what must be undone.

    Nearly every round finds nothing in its first look and stops there.
    """
    owner = {activity_id: member_id for member_id, _, activity_id in queued}
    amending = [a.id for state in states.values() for a in state.happenings if a.amends is not None]
    with_deal = [a.id for state in states.values() for a in state.happenings if a.deal is not None]
    front = set(owner)
    links: list[tuple[int, Any, bool]] = []  # (from, row of what it is linked to, as a twin)
    while front:
        found = list(bulk.select_by_ids(conn, _AMENDING, sorted(front)))
        if amending:
            found += bulk.select_by_ids(conn, _AMENDED, sorted(amending))
        twins = list(bulk.select_by_ids(conn, _TWINS, sorted(with_deal))) if with_deal else []
        links += [(row.origin, row, False) for row in found] + [(row.origin, row, True) for row in twins]
        front = {row.id for row in (*found, *twins)} - set(owner)
        for row in (*found, *twins):
            owner.setdefault(row.id, owner[row.origin])
        amending = [row.id for row in (*found, *twins) if row.id in front and row.amends is not None]
        with_deal = []
    if not links:
        return
    _place(conn, programme, states, owner, links)


def _place(
    conn: Connection,
    programme: Programme,
    states: dict[int, MemberState],
    owner: dict[int, int],
    links: list[tuple[int, Any, bool]],
) -> None:
    origins = {origin for origin, _, _ in links}
    rows = {row.id: row for _, row, _ in links}
    rows |= {row.id: row for row in bulk.select_by_ids(conn, _ITSELF, sorted(origins - rows.keys()))}
    for id_, row in rows.items():
        state = states[owner[id_]]
        if (row.direct if row.linked is None else row.linked) != state.id:
            continue  # somebody else's: whoever amends it is barred below
        state.effects[id_] = Effects(
            id_, row.source_id, row.external_id, row.trading_account_id, row.flags, row.amends, row.seq is not None
        )
    for origin, row, is_twin in links:
        state = states[owner[origin]]
        mine, other = state.effects.get(origin), state.effects.get(row.id)
        if mine is None or other is None:
            # What was reported later was not there to be refused, whenever it is looked at.
            if mine is not None and mine.amends == row.external_id and row.recorded_at <= row.since:
                state.foreign.add(origin)
            continue
        if is_twin:
            mine.twins.append(other)
        elif mine.account_id != other.account_id and mine.amends == other.external_id:
            if row.recorded_at <= row.since:
                state.foreign.add(origin)
        elif mine.account_id != other.account_id and row.since <= row.recorded_at:
            state.foreign.add(row.id)
    touched = [state for state in states.values() if state.effects]
    _load_postings(conn, programme, states, owner, rows)
    store.load_batches(conn, [state.book for state in touched])


def _load_postings(
    conn: Connection,
    programme: Programme,
    states: dict[int, MemberState],
    owner: dict[int, int],
    rows: dict[int, Any],
) -> None:
    decided = [id_ for id_, row in rows.items() if row.seq is not None and row.reason != Reason.FAILED]
    standing: set[int] = set()
    for row in bulk.select_by_ids(
        conn,
        "SELECT t.cause_id, t.wallet_id, t.seq, t.unit_id, t.credit, t.amount, t.part, t.occurred_at"
        f" FROM ids CROSS JOIN transfer t ON t.cause = {int(Cause.ACTIVITY)} AND t.cause_id = ids.id"
        f" WHERE t.code = {int(Code.ACCRUAL)} AND NOT EXISTS (SELECT 1 FROM transfer r"
        f" WHERE r.cause = {int(Cause.REVERSAL)} AND r.cause_id = t.wallet_id"
        " AND r.part IN (4 * t.seq, 4 * t.seq + 1)) ORDER BY t.wallet_id, t.seq",
        decided,
    ):
        effects = states[owner[row.cause_id]].effects.get(row.cause_id)
        if effects is not None and row.wallet_id == owner[row.cause_id]:
            effects.posted.append(Posted(row.seq, row.unit_id, row.credit, row.amount, row.part, row.occurred_at))
            standing.add(row.cause_id)
    for id_ in standing:
        day = day_at(rows[id_].occurred_at, programme.zone)
        for entry in json.loads(rows[id_].outcome)[1:]:
            rule = programme.rules_by_revision.get(entry[0])
            if entry[1] == AWARDED and rule is not None and rule.has_caps:
                states[owner[id_]].effects[id_].caps.append((rule.rule_id, day, entry[GIVEN]))


def write(conn: Connection, states: Sequence[MemberState]) -> None:
    """Everything a round has found, in bulk; the wallets first, whose checks refuse what must not be."""
    rows = [
        (
            *(book.available, book.pending, book.debt, book.lifetime, book.next_expiry_at, book.next_expiry_amount),
            *(book.last_accrual_at, book.seq, book.head),
            *(state.qualifying, state.window_from, state.level_id, state.level_since, state.grace_until),
            *(state.decisions, state.id),
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
        [(state.id, kind, to_json(facts), at) for state in states for kind, facts, at in state.messages],
    )
