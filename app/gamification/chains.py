"""What a round's activities correct, bust or replace, and what does that to them, in a few set-based statements."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from app.gamification.accrual.rule import AWARDED, GIVEN
from app.gamification.counted import UNCOUNTED, placed, stands, undone
from app.gamification.ledger import store
from app.gamification.ledger.book import POINTS, Posted
from app.gamification.programme import Programme
from app.gamification.state import Counted, Effects, MemberState, forbids
from app.lib.periods import day_at
from app.models import bulk
from app.models.activity import Reason
from app.models.ledger import Cause, Code

# What was decided belongs to whom it was decided for, and what a member sent in to that member, whoever the account is
# linked to now.
_LINKED = f"""
SELECT a.id AS origin, a.recorded_at AS since, o.recorded_at, o.id, o.external_id, o.trading_account_id,
       coalesce(d.member_id, o.member_id, t.member_id) AS owner, o.flags, o.amends, o.occurred_at, o.deal, d.seq,
       d.reason, d.outcome, d.earned, o.kind, o.data, o.verified,
       d.seq IS NOT NULL AND {undone("o")} AS taken_back, {placed("o")},
       o.verified <> a.verified AS is_twin,
       o.amends IS NOT NULL
       AND (a.amends IS NULL OR o.source_id = a.source_id AND o.amends = a.external_id) AS amends_it
FROM ids CROSS JOIN activity a ON a.id = ids.id
CROSS JOIN activity o ON {{condition}}
LEFT JOIN trading_account t ON t.id = o.trading_account_id
LEFT JOIN decision d ON d.activity_id = o.id
"""
_ITSELF = _LINKED.format(condition="o.id = a.id")
_AMENDING = _LINKED.format(condition="o.source_id = a.source_id AND o.amends = a.external_id")
_AMENDED = _LINKED.format(condition="a.amends IS NOT NULL AND o.source_id = a.source_id AND o.external_id = a.amends")
# Two that amend the same are linked before the original arrives.
_BESIDE = _LINKED.format(
    condition="a.amends IS NOT NULL AND o.source_id = a.source_id AND o.amends = a.amends AND o.id <> a.id"
)
# A correction names its original's deal again, whoever sends it. In two halves, each with its own small index.
_SAME_DEAL = " UNION ALL ".join(
    _LINKED.format(
        condition="a.deal IS NOT NULL AND o.trading_account_id = a.trading_account_id AND o.deal = a.deal"
        f" AND o.id <> a.id AND o.amends {amends}"
    )
    for amends in ("IS NULL", "IS NOT NULL")
)


def load(
    conn: Connection, programme: Programme, states: dict[int, MemberState], queued: Sequence[tuple[Any, ...]]
) -> None:
    """Corrections, busts and verified twins that touch the round's activities, with what must be undone.

    Nearly every round finds nothing in its first look and stops there.
    """
    owner: dict[int, int] = {activity_id: member_id for member_id, _, activity_id in queued}
    amending = [a.id for state in states.values() for a in state.happenings if a.amends is not None]
    with_deal = [a.id for state in states.values() for a in state.happenings if a.deal is not None]
    links: dict[tuple[int, int], Any] = {}  # by origin and what it is linked to, which several statements may find
    front: Iterable[int] = owner
    while front:
        found = list(bulk.select_by_ids(conn, _AMENDING, sorted(front)))
        if amending:
            found += bulk.select_by_ids(conn, _AMENDED, sorted(amending))
            found += bulk.select_by_ids(conn, _BESIDE, sorted(amending))
        if with_deal:
            found += bulk.select_by_ids(conn, _SAME_DEAL, sorted(with_deal))
        links |= {(row.origin, row.id): row for row in found}
        # What belongs to somebody else ends the search: it is no part of this member's chain.
        new = {row.id: row for row in found if row.id not in owner and row.owner == owner[row.origin]}
        owner |= {id_: row.owner for id_, row in new.items()}
        front = new
        amending = [id_ for id_, row in new.items() if row.amends is not None]
        with_deal = [id_ for id_, row in new.items() if row.deal is not None]
    if links:
        _place(conn, programme, states, owner, list(links.values()))


def _place(
    conn: Connection,
    programme: Programme,
    states: dict[int, MemberState],
    owner: dict[int, int],
    links: list[Any],
) -> None:
    rows = {row.id: row for row in links if row.id in owner}
    origins = {row.origin for row in links}
    rows |= {row.id: row for row in bulk.select_by_ids(conn, _ITSELF, sorted(origins - rows.keys()))}
    for id_, row in rows.items():
        effects = states[owner[id_]].effects[id_] = Effects(
            id_, row.external_id, row.trading_account_id, row.flags, row.amends, row.seq is not None
        )
        if row.seq is not None and row.verified and not row.taken_back and row.reason not in UNCOUNTED:
            effects.counted = Counted(row.kind, row.data, row.occurred_at, row.earned, forbids(row.outcome))
            effects.place, effects.placed_at = stands(row.seq, row.recorded_at, row.place, row.placed_at)
    for row in links:
        _tie(states[owner[row.origin]], row)
    _load_postings(conn, programme, states, owner, rows)
    _load_batches(conn, [state for state in states.values() if state.effects])


def _load_batches(conn: Connection, states: Sequence[MemberState]) -> None:
    """The batches that reversals draw on: all that are open, or, where nothing but what is held goes back, only those.

    A member who takes a long history back would have all of it read in every round.
    """
    withdrawing = [state for state in states if all(one.is_bust for one in state.effects.values() if not one.decided)]
    seqs = {
        state.id: {posted.seq for one in state.effects.values() for posted in one.posted if posted.unit == POINTS}
        for state in withdrawing
    }
    store.load_named(conn, [state.book for state in withdrawing], seqs)
    for state in withdrawing:
        batches = state.book.batches or {}
        if not all(seq in batches and batches[seq].held for seq in seqs[state.id]):
            state.book.batches = None
    store.load_batches(conn, [state.book for state in states])


def _tie(state: MemberState, row: Any) -> None:
    mine, other = state.effects[row.origin], state.effects.get(row.id)
    if other is not None and mine.account_id == other.account_id:
        if row.is_twin:
            mine.twins.append(other)
        elif row.amends_it:
            mine.amended_by.append(other)
        else:  # it is amended by mine, or both amend the same
            mine.beside.append(other)
    # An amendment of what another account did: of what was reported later nobody could know when it was accepted.
    elif mine.amends == row.external_id and row.recorded_at <= row.since:
        state.foreign.add(row.origin)
    elif other is not None and row.amends_it and row.since <= row.recorded_at:
        state.foreign.add(row.id)


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
        posted = Posted(row.seq, row.unit_id, row.credit, row.amount, row.part, row.occurred_at)
        states[owner[row.cause_id]].effects[row.cause_id].posted.append(posted)
        standing.add(row.cause_id)
    for id_ in standing:
        day = day_at(rows[id_].occurred_at, programme.zone)
        for entry in json.loads(rows[id_].outcome)[1:]:
            rule = programme.rules_by_revision.get(entry[0])
            if entry[1] == AWARDED and rule is not None and rule.has_caps:
                states[owner[id_]].effects[id_].caps.append((rule.rule_id, day, entry[GIVEN]))
