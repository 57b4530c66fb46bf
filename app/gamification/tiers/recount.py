"""Making the window's sums again from the days: for a new ladder with another window, and after a repair."""

from datetime import datetime

from sqlalchemy import Connection

from app.gamification import programme
from app.gamification.ledger.wallets import lock_in_order
from app.gamification.tiers.ladder import Ladder
from app.lib.periods import day_of
from app.models import bulk
from app.models.base import reader, transaction

CHUNK = 1000

_IDS = "SELECT id FROM wallet WHERE id > ? ORDER BY id LIMIT ?"
_WALLETS = "SELECT w.id, w.qualifying, w.window_from FROM ids CROSS JOIN wallet w ON w.id = ids.id"
_DAYS = (
    "SELECT q.member_id, q.day, q.sum FROM ids CROSS JOIN qualifying_day q ON q.member_id = ids.id"
    " WHERE q.sum <> 0 ORDER BY q.member_id, q.day"
)


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
                rows = [(*figures, id_) for id_, figures in sorted(_wrong(conn, current.ladder, ids, today).items())]
                bulk.update(conn, "wallet", {"id": "bigint"}, {"qualifying": "bigint", "window_from": "bigint"}, rows)
                mended += len(rows)


def _wrong(connection: Connection, ladder: Ladder, ids: list[int], today: int) -> dict[int, tuple[int, int]]:
    """Of these wallets those that differ from their days: member → (sum, first day)."""
    days: dict[int, dict[int, int]] = {id_: {} for id_ in ids}
    for member_id, day, points in bulk.tuples_by_ids(connection, _DAYS, ids):
        days[member_id][day] = points
    found = {}
    for member_id, qualifying, window_from in bulk.tuples_by_ids(connection, _WALLETS, ids):
        right = _figures(ladder, days[member_id], window_from, today)
        if right != (qualifying, window_from) and (qualifying or right[0]):
            found[member_id] = right
    return found


def _figures(ladder: Ladder, days: dict[int, int], window_from: int, today: int) -> tuple[int, int]:
    start = ladder.window_start(today)
    if ladder.is_calendar:
        # A period that has ended and was not reviewed yet stays open for its review.
        start = window_from if ladder.window_start(window_from) == window_from else start
        return sum(points for day, points in days.items() if day >= start), start
    inside = {day: points for day, points in days.items() if day >= start}
    return sum(inside.values()), min(inside, default=window_from) if ladder.is_rolling else window_from
