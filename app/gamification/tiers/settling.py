"""After a ladder of another window was published: everybody's sums, chunk by chunk, each in its transaction.

How far it came stands beside the programme's revision, so that a pass that was killed is resumed by the next one.
Whoever has activities in the meantime is settled by the round that folds them.
"""

import time
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from app.gamification import programme
from app.gamification.ledger.wallets import lock_in_order
from app.gamification.tiers import sums
from app.models import bulk
from app.models.base import Pause, give_way, is_sqlite, read_one, transaction
from app.models.people import Programme as Row

CHUNK_SQLITE, CHUNK_POSTGRESQL = 500, 2000  # members: SQLite's write lock is held for some 15 ms

_IDS = "SELECT id FROM wallet WHERE id > ? ORDER BY id LIMIT ?"
_PLACE = select(Row.settling_since, Row.settled_to, Row.revision)
_SETTLED = update(Row).where(Row.settling_since == bindparam("published")).values(settled_to=bindparam("last"))
_DONE = update(Row).where(Row.settling_since == bindparam("published")).values(settling_since=None, settled_to=0)


class Settling(NamedTuple):
    """A publish whose sums are being made again, and of whom they are."""

    published: datetime
    settled_to: int


def begin(connection: Connection, published: datetime) -> None:
    """Let everybody's sums be made again, from the first wallet on. Inside the transaction that publishes."""
    connection.execute(update(Row).values(settling_since=published, settled_to=0))


def under_way() -> Settling | None:
    """The settling that is not done yet."""
    since, settled_to, _ = read_one(_PLACE)
    return None if since is None else Settling(since, settled_to)


def settle(pause: Pause = time.sleep) -> int:
    """Make all sums again that wait for it; of how many wallets they changed."""
    changed = 0
    while under_way() is not None:
        with transaction() as conn:
            changed += _chunk(conn)
        give_way(pause)
    return changed


def _chunk(conn: Connection) -> int:
    current = programme.current()
    published, settled_to, revision = conn.execute(_PLACE).one()
    if published is None or revision != current.revision:
        return 0  # somebody else has finished it, or has published again: begin anew
    limit = CHUNK_SQLITE if is_sqlite(conn) else CHUNK_POSTGRESQL
    ids = list(bulk.execute(conn, _IDS, (settled_to, limit)).scalars())
    if not ids:
        conn.execute(_DONE, {"published": published})
        programme.touch(conn)
        return 0
    lock_in_order(ids)
    changed = sums.settle(conn, current, ids)
    conn.execute(_SETTLED, {"published": published, "last": ids[-1]})
    return changed
