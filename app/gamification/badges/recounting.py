"""After badges were published: everybody's counts and levels, chunk by chunk, each in its transaction.

How far it came stands in the badges' rows, and what is counted in each member's own (`Badges.counted_to`), so that a
pass that was killed is resumed by the next one and a member who is looked at twice is counted once. What a member did
is read and counted without a lock; under it only their number of decisions is compared, and whoever had another one in
between is counted again there. Whose history cannot be counted is told to staff and left out.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, bindparam, select, text, update

from app.gamification import played, programme
from app.gamification.activities import facts_of, full_key
from app.gamification.badges.compiled import CompiledBadge, counts_the_same
from app.gamification.badges.counts import Badges
from app.gamification.badges.definition import GIVEN, read_definition
from app.gamification.badges.load import load_held
from app.gamification.badges.recount import Recount, apply
from app.gamification.badges.step import award, fall, finish, is_counted, standing
from app.gamification.challenges.entry import REWARDED
from app.gamification.counted import COUNTS, placed, stands
from app.gamification.habits.load import own_rules
from app.gamification.habits.own import NOTHING_SET, OwnRules
from app.gamification.ledger import store, wallets
from app.gamification.measures.measure import Seen, heard
from app.gamification.programme import Programme
from app.gamification.state import MemberState
from app.lib import clock
from app.models import bulk
from app.models.base import (
    Pause,
    connection,
    give_way,
    is_sqlite,
    is_the_databases,
    read_all,
    reader,
    transaction,
)
from app.models.people import Programme as ProgrammeRow
from app.models.play import Badge
from app.tasks.queue import ring

log = structlog.get_logger()

LOOKED_AT = 400  # members whose counts are read at once
FOLDED = 20_000  # activities after which a chunk is written
WRITTEN_SQLITE, WRITTEN_POSTGRESQL = 40, 500  # members of a chunk: SQLite's write lock is held for some 30 ms
PAGE = 5000  # activities that are read at once

_PENDING = text("SELECT id, recounted_to FROM badge WHERE recounted_to IS NOT NULL ORDER BY id")
_LOCK_PENDING = (
    select(Badge.id, Badge.recounted_to)
    .where(Badge.recounted_to.is_not(None))
    .order_by(Badge.id)
    .with_for_update(key_share=True)
)
_REVISION = select(ProgrammeRow.revision)
_REQUEST = update(Badge).where(Badge.id == bindparam("badge")).values(recounted_to=0)
_ANEW = _REQUEST.values(counting=select(ProgrammeRow.revision).scalar_subquery())
_MOVE = update(Badge).where(Badge.id == bindparam("badge")).values(recounted_to=bindparam("to"))
_MEMBERS = (
    "SELECT w.id, w.decisions, c.counts FROM wallet w JOIN member m ON m.id = w.id"
    " LEFT JOIN badge_count c ON c.member_id = w.id"
    " WHERE w.id > ? AND m.erased_at IS NULL ORDER BY w.id LIMIT ?"
)
_PAST = (
    "SELECT d.seq, a.id, a.kind, a.data, a.occurred_at, d.earned, a.recorded_at%s"
    " FROM decision d JOIN activity a ON a.id = d.activity_id"
    f" WHERE d.member_id = ? AND d.seq > ? AND {COUNTS} ORDER BY d.seq LIMIT ?"
)
_COMPLETED = (
    "SELECT e.member_id, count(*) FROM ids CROSS JOIN challenge_entry e ON e.member_id = ids.id"
    f" WHERE e.state IN ({', '.join(str(int(state)) for state in REWARDED)}) GROUP BY e.member_id"
)


def request(badge_id: int, *, anew: bool = True) -> None:
    """Look through every member for a badge, and with `anew` count it from their history.

    Inside the transaction that publishes, behind `programme.touch`, whose revision tells counts of before from those of
    after.
    """
    connection().execute(_ANEW if anew else _REQUEST, {"badge": badge_id})
    ring("badges.recount")


def published(badge_id: int, new: Mapping[str, Any], before: Mapping[str, Any] | None, *, was_retired: bool) -> None:
    """Request what a new revision of a badge needs; `before` is the one before it, as it is stored."""
    definition = read_definition(new)
    if definition.criterion.kind == GIVEN:
        return
    same = before is not None and not was_retired and counts_the_same(read_definition(before), definition)
    request(badge_id, anew=not same)


def run(pause: Pause = time.sleep) -> int:
    """Look through everyone for the badges that wait for it; how many members were counted anew or given something."""
    done = 0
    while True:
        try:
            for counted in _pass(programme.current(), pause):
                done += counted
        except programme.Changed:
            continue  # something was published under way: who was counted already is not counted again
        return done


class Looked(NamedTuple):
    """A member to be counted, or whose counts reach what they have not got; `found` is counted without a lock."""

    id: int
    decisions: int
    found: Recount | None


def _pass(current: Programme, pause: Pause) -> Iterator[int]:
    most = WRITTEN_SQLITE if is_sqlite(reader()) else WRITTEN_POSTGRESQL
    while pending := [row.recounted_to for row in read_all(_PENDING)]:
        after = min(pending)
        members, last = _look(current, after, most)
        try:
            with transaction() as conn:
                _write(conn, current, members)
                _move(conn, current, after, last)
        except Exception as failure:
            if is_the_databases(failure) or isinstance(failure, programme.Changed):
                raise
            log.error("recount.failed", error=repr(failure))
            _one_by_one(current, members)
            with transaction() as conn:
                _move(conn, current, after, last)
        yield len(members)
        give_way(pause)


def _one_by_one(current: Programme, members: Sequence[Looked]) -> None:
    """The members of a failed chunk, each alone, so that one cannot hold up the others."""
    for one in members:
        try:
            with transaction() as conn:
                _write(conn, current, [one])
        except Exception as failure:
            if is_the_databases(failure) or isinstance(failure, programme.Changed):
                raise
            log.critical("badges.stuck", member=one.id, error=repr(failure))


def _look(current: Programme, after: int, most: int) -> tuple[list[Looked], int | None]:
    """The next members for whom there is something to do, and up to whom all were looked at; None: to the last one."""
    found: list[Looked] = []
    folded = 0
    with reader().connect() as conn:
        rows = bulk.tuples(conn, _MEMBERS, (after, LOOKED_AT))
        for id_, decisions, counts in rows:
            mine = Badges(counts)
            stale = _stale(current, mine) if decisions else ()
            if stale:
                found.append(Looked(id_, decisions, _counted_or_nothing(conn, current, id_, stale)))
                folded += decisions
            elif counts is not None and _is_due(current, mine):
                found.append(Looked(id_, decisions, None))
            if folded >= FOLDED or len(found) >= most:
                return found, id_
    return found, rows[-1][0] if len(rows) == LOOKED_AT else None


def _stale(current: Programme, mine: Badges) -> Sequence[CompiledBadge]:
    """What the member is not counted for; of what was retired meanwhile too, or nothing of it could be taken back."""
    return [badge for badge in current.play.badges.values() if not is_counted(mine, badge)]


def _is_due(current: Programme, mine: Badges) -> bool:
    """Whether counts reach a level that is not held: one that a new revision asks less for."""
    tallies = ((badge, mine.tally(badge.badge_id)) for badge in current.play.live_badges)
    return any(badge.level_of(tally.value) > tally.level for badge, tally in tallies)


def _counted_or_nothing(
    conn: Connection, current: Programme, member_id: int, badges: Sequence[CompiledBadge]
) -> Recount | None:
    """The same; what cannot be counted says so when it is written, where its member is alone."""
    try:
        return _counted(conn, current, member_id, badges)
    except Exception as failure:
        if is_the_databases(failure):
            raise
        return None


def _counted(conn: Connection, current: Programme, member_id: int, badges: Sequence[CompiledBadge]) -> Recount:
    """A member's history, counted page by page."""
    found, seq, own = Recount(badges), 0, _own(conn, current, member_id)
    past = _PAST % (f", {placed()}" if found.has_retired else "")
    rows = bulk.tuples(conn, past, (member_id, 0, PAGE)) if found.by_kind else []
    while rows:
        found.take(_seen(rows, current, own, found.by_kind))
        seq = rows[-1][0]
        rows = bulk.tuples(conn, past, (member_id, seq, PAGE)) if len(rows) == PAGE else []
    return found


def _seen(
    rows: Sequence[tuple[Any, ...]], current: Programme, own: OwnRules, kinds: Mapping[str, Any]
) -> Iterator[tuple[Seen, int]]:
    for seq, id_, kind, data, occurred_at, earned, recorded_at, *place in rows:
        facts = facts_of(kind, data)
        key = full_key(kind, facts)
        if heard(kinds, key):
            _, placed_at = stands(seq, recorded_at, *place) if place else (seq, recorded_at)
            yield Seen(id_, key, facts, occurred_at, earned, current.zone, own), placed_at


def _own(conn: Connection, current: Programme, member_id: int) -> OwnRules:
    return own_rules(conn, [member_id]).get(member_id, NOTHING_SET) if current.play.needs_own else NOTHING_SET


def _write(conn: Connection, current: Programme, members: Sequence[Looked]) -> None:
    """Under their locks: what was found takes the place of what was counted, and what follows is given."""
    if not members:
        return
    now = clock.to_micros(clock.now())
    with wallets.opened([one.id for one in members], current, only={}) as states:
        played.load_standing(conn, current, states)
        load_held(conn, {id_: state for id_, state in states.items() if _may_lose(current, state)})
        completed: dict[int, int] = dict(bulk.tuples_by_ids(conn, _COMPLETED, states))
        for one in members:
            if (state := states.get(one.id)) is not None:
                _settle(conn, current, state, one, completed.get(one.id, 0), now)


def _settle(conn: Connection, current: Programme, state: MemberState, one: Looked, completed: int, now: int) -> None:
    assert state.badges is not None
    takes_back = _may_lose(current, state)
    if takes_back and state.badges.has_points:
        # Before anything is paid: what is loaded behind it would not know the batch that was just paid.
        state.book.batches = None
        store.load_batches(conn, [state.book])
    if stale := _stale(current, state.badges):
        found = one.found
        if found is None or state.decisions != one.decisions or found.badges != tuple(stale):
            found = _counted(conn, current, state.id, stale)
        apply(state, found, completed, now, current)
        if takes_back:
            _let_fall(state, stale, now)
    for badge in current.play.live_badges:
        if not badge.is_given:
            award(state, badge, now, now, current)
    finish(state, now, now, current, takes_back=takes_back)


def _may_lose(current: Programme, state: MemberState) -> bool:
    """Whether the member holds a level of what is to be counted: a take-back that came meanwhile found no count."""
    assert state.badges is not None
    return any(state.badges.tally(badge.badge_id).level for badge in _stale(current, state.badges))


def _let_fall(state: MemberState, badges: Iterable[CompiledBadge], now: int) -> None:
    """Take the levels that what still stands does not reach, with their points, which may be spent."""
    mine = state.badges
    assert mine is not None
    for badge in badges:
        if not badge.is_gauge and not badge.is_given:
            fall(state, badge, standing(mine, badge), now)


def _move(conn: Connection, current: Programme, after: int, last: int | None) -> None:
    """Note how far it came; raises Changed, and nothing is noted, where something was published meanwhile."""
    rows = conn.execute(_LOCK_PENDING).all()
    if conn.execute(_REVISION).scalar_one() != current.revision:
        raise programme.Changed("badges were published while members were looked through")
    for row in rows:
        if row.recounted_to is not None and after <= row.recounted_to and (last is None or row.recounted_to < last):
            conn.execute(_MOVE, {"badge": row.id, "to": last})
