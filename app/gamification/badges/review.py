"""The nightly look at badges that say where a member stands: levels change while no activity comes in.

Who is looked at follows from the rows: whoever stands on a level of the ladder and lacks its badge, and whoever holds a
badge that may fall away. Each chunk is a transaction of its own, its wallets locked in order of id.
"""

import time
from collections.abc import Iterator
from typing import Any

from app.gamification import played, programme, rounds
from app.gamification.badges.compiled import CompiledBadge
from app.gamification.badges.kinds.level_reached import LevelReached
from app.gamification.badges.step import finish
from app.gamification.ledger.wallets import lock_in_order
from app.gamification.programme import Programme
from app.lib import clock
from app.models import bulk
from app.models.base import Pause, connection, give_way, is_sqlite, reader, transaction

CHUNK_SQLITE, CHUNK_POSTGRESQL = 200, 1000  # members: SQLite's write lock is held for some 30 ms

_HOLDERS = (
    "SELECT a.member_id FROM badge_award a JOIN member m ON m.id = a.member_id"
    " WHERE a.badge_id = ? AND a.level = 1 AND a.fell_at IS NULL AND m.erased_at IS NULL"
    " AND a.member_id > ? ORDER BY a.member_id LIMIT ?"
)
_LACKING = (
    "SELECT w.id FROM wallet w JOIN member m ON m.id = w.id"
    " WHERE w.level_id IN ({levels}) AND w.id > ? AND NOT m.earning_blocked AND m.erased_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM badge_award a WHERE a.member_id = w.id AND a.badge_id = {badge}"
    " AND a.level = {level} AND a.fell_at IS NULL) ORDER BY w.id LIMIT ?"
)


def review(pause: Pause = time.sleep) -> int:
    """Bring every gauge to where its members stand now; how many members something was given to or taken from."""
    changed = 0
    while True:
        try:
            for moved in _pass(programme.current(), pause):
                changed += moved
        except programme.Changed:
            continue  # who was looked at already is brought to where they stand by the next pass too
        return changed


def _pass(current: Programme, pause: Pause) -> Iterator[int]:
    limit = CHUNK_SQLITE if is_sqlite(reader()) else CHUNK_POSTGRESQL
    for statement, values in _looks(current):
        after = 0
        while ids := _found(statement, (*values, after, limit)):
            with transaction():
                yield _review(current, ids)
            after = ids[-1]
            give_way(pause)


def _looks(current: Programme) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The statements that find members behind `?`, at most `?`, with the values before these two."""
    for badge in current.play.gauges:
        if badge.measured is not None and badge.measured.measure is LevelReached:
            yield from ((statement, ()) for statement in _lacking(current, badge))
        if badge.definition.temporary:
            yield _HOLDERS, (badge.badge_id,)


def _lacking(current: Programme, badge: CompiledBadge) -> Iterator[str]:
    """Who stands high enough for a level of the badge, and does not hold it."""
    for level, threshold in enumerate(badge.thresholds, 1):
        stood_on = [str(id_) for id_, one in current.ladder.stood_on().items() if one.position >= threshold]
        if stood_on:
            yield _LACKING.format(levels=", ".join(stood_on), badge=badge.badge_id, level=level)


def _found(statement: str, values: tuple[Any, ...]) -> list[int]:
    # On the reader: a look at a million wallets must not hold SQLite's write lock.
    with reader().connect() as connection:
        return list(bulk.execute(connection, statement, values).scalars())


def _review(current: Programme, ids: list[int]) -> int:
    conn, now = connection(), clock.to_micros(clock.now())
    lock_in_order(ids)
    states = rounds.load(conn, current, ids)
    played.load_standing(conn, current, states)
    for state in states.values():
        finish(state, now, now, current)
    moved = [state for state in states.values() if state.badges is not None and state.badges.awards]
    rounds.write(conn, current, moved)
    return len(moved)
