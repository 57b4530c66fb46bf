"""Bringing every window's sum into step with its days again, after a repair."""

from datetime import datetime

from sqlalchemy import Connection

from app.gamification import programme
from app.gamification.ledger.wallets import lock_in_order
from app.gamification.tiers.ladder import Ladder
from app.gamification.tiers.sums import days_of, figures
from app.lib.periods import day_of
from app.models import bulk
from app.models.base import reader, transaction

CHUNK = 1000

_IDS = "SELECT id FROM wallet WHERE id > ? ORDER BY id LIMIT ?"
_WALLETS = "SELECT w.id, w.qualifying, w.window_from FROM ids CROSS JOIN wallet w ON w.id = ids.id"


def recount(now: datetime) -> int:
    """Bring the sum of every window into step with its days and the ladder in force; how many wallets were wrong.

    Levels follow with the next nightly review.
    """
    current = programme.current()
    today, after, mended = day_of(now, current.zone), 0, 0
    while True:
        with reader().connect() as connection:
            ids = list(bulk.execute(connection, _IDS, (after, CHUNK)).scalars())
            wrong = _wrong(connection, current.ladder, ids, today)
        if not ids:
            return mended
        after = ids[-1]
        if wrong:
            with transaction() as conn:
                lock_in_order(sorted(wrong))
                rows = [(*right, id_) for id_, right in sorted(_wrong(conn, current.ladder, ids, today).items())]
                bulk.update(conn, "wallet", {"id": "bigint"}, {"qualifying": "bigint", "window_from": "bigint"}, rows)
                mended += len(rows)


def _wrong(connection: Connection, ladder: Ladder, ids: list[int], today: int) -> dict[int, tuple[int, int]]:
    """Of these wallets those that differ from their days: member → (sum, first day)."""
    wallets = bulk.tuples_by_ids(connection, _WALLETS, ids)
    starts = {id_: _start(ladder, window_from, today) for id_, _, window_from in wallets}
    days, found = days_of(connection, ids, min(starts.values(), default=0)), {}
    for id_, qualifying, window_from in wallets:
        right = figures(ladder, days[id_], window_from, starts[id_])
        if right != (qualifying, window_from) and (qualifying or right[0]):
            found[id_] = right
    return found


def _start(ladder: Ladder, window_from: int, today: int) -> int:
    # A period that has ended and was not reviewed yet stays open for its review.
    waits = ladder.is_calendar and ladder.window_start(window_from) == window_from
    return window_from if waits else ladder.window_start(today)
