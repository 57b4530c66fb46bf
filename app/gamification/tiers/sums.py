"""The sums of windows, made again from the days they consist of: after a repair, and for a ladder of another window."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from app.gamification.programme import Programme
from app.gamification.tiers.ladder import Ladder
from app.lib.periods import day_at, day_of
from app.models import bulk

_WALLETS = (
    "SELECT w.id, w.qualifying, w.window_from, w.level_id, w.level_since, w.grace_until"
    " FROM ids CROSS JOIN wallet w ON w.id = ids.id ORDER BY w.id"
)
_DAYS = (
    "SELECT q.member_id, q.day, q.sum FROM ids CROSS JOIN qualifying_day q ON q.member_id = ids.id"
    " WHERE q.sum <> 0 AND q.day >= ? ORDER BY q.member_id, q.day"
)
_LAST_LEVELS = (
    "SELECT h.member_id, h.level_id, h.effective_from FROM ids CROSS JOIN tier_history h ON h.member_id = ids.id"
    " WHERE h.number = (SELECT max(l.number) FROM tier_history l WHERE l.member_id = h.member_id)"
)
_TIER_COLUMNS = {
    "qualifying": "bigint",
    "window_from": "bigint",
    "level_id": "smallint",
    "level_since": "bigint",
    "grace_until": "bigint",
}


def figures(ladder: Ladder, days: Mapping[int, int], window_from: int, start: int) -> tuple[int, int]:
    """Sum and first day of a window that starts at `start`, out of a member's days."""
    inside = {day: points for day, points in days.items() if day >= start}
    if ladder.is_rolling:
        # Not later than the oldest that counts, and not before what has left already: it would leave twice.
        return sum(inside.values()), min(inside, default=start)
    return sum(inside.values()), start if ladder.is_calendar else window_from


def days_of(connection: Connection, ids: Iterable[int], first: int) -> dict[int, dict[int, int]]:
    """The days of these members from one on, with what qualified: member → day → points."""
    days: dict[int, dict[int, int]] = {id_: {} for id_ in ids}
    for member_id, day, points in bulk.tuples_by_ids(connection, _DAYS, days, first):
        days[member_id][day] = points
    return days


def settle(connection: Connection, programme: Programme, ids: Iterable[int]) -> int:
    """Give members whose wallets are locked the window of a ladder that was published lately; how many changed.

    Settling twice changes nothing, so a round may do it for its own members before everybody's turn has come.
    """
    ladder, published = programme.ladder, programme.settling_since
    assert published is not None
    start = ladder.window_start(day_of(published, programme.zone))
    wallets = bulk.tuples_by_ids(connection, _WALLETS, ids)
    days = days_of(connection, [wallet[0] for wallet in wallets], start)
    last = {row[0]: row[1:] for row in bulk.tuples_by_ids(connection, _LAST_LEVELS, days)}
    changed = []
    for id_, *before in wallets:
        qualifying, window_from, *standing = before
        # A period that has begun since belongs to this ladder already, and so does its sum.
        later = ladder.is_calendar and window_from > start and ladder.window_start(window_from) == window_from
        sum_, first = figures(ladder, days[id_], window_from, window_from if later else start)
        if not (qualifying or sum_) and not (ladder.is_calendar and id_ in last):
            first = window_from  # nothing is nothing in every window; only a level waits for its period's end
        if id_ in last and last[id_][0] != standing[0] and not _awaits_review(programme, last[id_][1]):
            # A level that was to count from the next period on is not lost with that period.
            standing = [*last[id_], None]
        if [sum_, first, *standing] != before:
            changed.append((sum_, first, *standing, id_))
    bulk.update(connection, "wallet", {"id": "bigint"}, _TIER_COLUMNS, changed)
    return len(changed)


def _awaits_review(programme: Programme, effective_from: int) -> bool:
    """Whether a level counts from the beginning of a period of the ladder in force, whose review will see to it."""
    if programme.ladder.promotion != "next_period":
        return False
    day = day_at(effective_from, programme.zone)
    return programme.ladder.window_start(day) == day
