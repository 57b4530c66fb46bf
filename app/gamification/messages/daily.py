"""What members are told once a day: what the day before has earned, and which points lapse within a week.

Both look at wallets in chunks, in order of id, and look again behind the wallets' locks whether it was told already: a
job that runs twice, or two at once, tells once.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter

from sqlalchemy import Connection

from app.gamification import programme
from app.gamification.ledger import wallets
from app.gamification.ledger.messages import EARNED, EXPIRING
from app.lib.clock import to_micros
from app.lib.periods import day_at, day_of, start_of
from app.models import bulk
from app.models.base import Pause, give_way, is_sqlite, plain_json, reader, to_json, transaction
from app.models.ledger import Code, State, UnitId

CHUNK_SQLITE, CHUNK_POSTGRESQL = 200, 2000
AHEAD = timedelta(days=7)
_MESSAGE = ("member_id", "kind", "facts", "created_at")

# Whoever earned last before the day began has earned nothing on it.
_ACTIVE = (
    "SELECT w.id FROM wallet w JOIN member m ON m.id = w.id"
    " WHERE w.id > ? AND w.last_accrual_at >= ? AND m.erased_at IS NULL ORDER BY w.id LIMIT ?"
)
# Lines follow each other in time, so the first of the day is found by halving, however long a chain is.
_MIDDLE = "SELECT t.recorded_at FROM transfer t WHERE t.wallet_id = half.id AND t.seq = (half.low + half.high + 1) / 2"
_SUMS = f"""
    SELECT s.id, s.points FROM (WITH RECURSIVE half(id, low, high) AS (
        SELECT w.id, 0, w.seq FROM ids CROSS JOIN wallet w ON w.id = ids.id CROSS JOIN member m ON m.id = w.id
        WHERE m.erased_at IS NULL
        UNION ALL
        SELECT id, CASE WHEN ({_MIDDLE}) < ? THEN (low + high + 1) / 2 ELSE low END,
            CASE WHEN ({_MIDDLE}) < ? THEN high ELSE (low + high + 1) / 2 - 1 END
        FROM half WHERE low < high
    )
    SELECT t.wallet_id AS id, cast(sum(CASE WHEN t.debit = {int(State.ISSUED)} THEN t.amount
        WHEN t.code = {int(Code.REVERSAL)} THEN -t.amount ELSE 0 END) AS bigint) AS points
    FROM half CROSS JOIN transfer t ON t.wallet_id = half.id AND t.seq > half.low
    WHERE half.low = half.high AND t.unit_id = {int(UnitId.POINTS)} AND t.recorded_at >= ? AND t.recorded_at < ?
    GROUP BY t.wallet_id) AS s WHERE s.points > 0
"""
_TOLD = (
    "SELECT n.member_id, n.facts FROM ids CROSS JOIN message n ON n.member_id = ids.id"
    " WHERE n.kind = ? AND n.created_at >= ?"
)
_LAPSING = (
    "SELECT w.id, w.next_expiry_at, w.next_expiry_amount FROM wallet w JOIN member m ON m.id = w.id"
    " WHERE w.id > ? AND w.next_expiry_at > ? AND w.next_expiry_at <= ? AND m.erased_at IS NULL"
    " ORDER BY w.id LIMIT ?"
)
_NEXT = (
    "SELECT w.id, w.next_expiry_at, w.next_expiry_amount FROM ids CROSS JOIN wallet w ON w.id = ids.id"
    " CROSS JOIN member m ON m.id = w.id"
    " WHERE w.next_expiry_at > ? AND w.next_expiry_at <= ? AND w.next_expiry_amount > 0 AND m.erased_at IS NULL"
)


def tell_earned(now: datetime, pause: Pause = time.sleep) -> int:
    """Tell everyone what they earned on the programme's day before that of `now`; how many."""
    zone = programme.current().zone
    day = day_of(now, zone) - 1
    begins, ends = (to_micros(start_of(one, zone)) for one in (day, day + 1))

    def rows(conn: Connection, ids: list[int]) -> list[tuple[int, dict[str, int]]]:
        told = {row[0] for row in bulk.tuples_by_ids(conn, _TOLD, ids, EARNED, ends)}
        sums = bulk.tuples_by_ids(conn, _SUMS, ids, begins, begins, begins, ends)
        return [(id_, {"day": day, "points": points}) for id_, points in sums if id_ not in told]

    return _each_chunk(lambda after, most: (_ACTIVE, (after, begins, most)), rows, now, EARNED, pause)


def tell_expiring(now: datetime, pause: Pause = time.sleep) -> int:
    """Tell everyone whose next points lapse within a week, once for each date; how many."""
    zone = programme.current().zone
    at, until = to_micros(now), to_micros(now + AHEAD)
    since = to_micros(now - AHEAD - timedelta(days=1))

    def rows(conn: Connection, ids: list[int]) -> list[tuple[int, dict[str, int]]]:
        told = {
            (member_id, plain_json(facts)["at"])
            for member_id, facts in bulk.tuples_by_ids(conn, _TOLD, ids, EXPIRING, since)
        }
        found = bulk.tuples_by_ids(conn, _NEXT, ids, at, until)
        return [
            (id_, {"points": amount, "last": day_at(lapses, zone) - 1, "at": lapses})
            for id_, lapses, amount in found
            if (id_, lapses) not in told
        ]

    return _each_chunk(lambda after, most: (_LAPSING, (after, at, until, most)), rows, now, EXPIRING, pause)


def _each_chunk(
    found: Callable[[int, int], tuple[str, tuple[int, ...]]],
    rows: Callable[[Connection, list[int]], Sequence[tuple[int, dict[str, int]]]],
    now: datetime,
    kind: str,
    pause: Pause,
) -> int:
    after, done, most = 0, 0, CHUNK_SQLITE if is_sqlite(reader()) else CHUNK_POSTGRESQL
    # On the reader: a look at a million wallets must not hold SQLite's write lock.
    while ids := _ids(*found(after, most)):
        with transaction() as conn:
            wallets.lock_in_order(ids)
            told = rows(conn, ids)
            _insert(conn, kind, told, to_micros(now))
        done += len(told)
        after = ids[-1]
        give_way(pause)
    return done


def _ids(statement: str, values: tuple[int, ...]) -> list[int]:
    with reader().connect() as connection:
        return [row[0] for row in bulk.execute(connection, statement, values)]


def _insert(conn: Connection, kind: str, told: Iterable[tuple[int, dict[str, int]]], at: int) -> None:
    in_order = sorted(told, key=itemgetter(0))  # a join answers in whatever order it likes
    bulk.insert(conn, "message", _MESSAGE, [(id_, kind, to_json(facts), at) for id_, facts in in_order])
