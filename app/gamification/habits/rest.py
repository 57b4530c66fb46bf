"""Rest days: planned before they begin, kept when the member neither opened nor closed a trade on them.

What was kept is decided once, some hours after the day, so that what the broker reports late still counts; what is
reported later yet changes nothing.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text

from app.gamification import ingest
from app.gamification.activities import BY_KEY, TRADE, Incoming, Trade, facts_of, incoming
from app.gamification.counted import HOLDS
from app.gamification.errors.habits import EnoughRest, RestHasBegun, RestOverlaps, RestTooFar, RestTooLate
from app.gamification.ledger.wallets import lock_in_order, lock_present
from app.lib.clock import from_day, from_micros, to_micros
from app.lib.periods import day_of, period_start, start_of
from app.models import bulk
from app.models.base import Pause, connection, give_way, reader, transaction
from app.models.habits import RestDay

DAYS_AHEAD, MOST_A_WEEK = 14, 3
DECIDED_AFTER = timedelta(hours=6)
CHUNK = 200  # days that are decided in one transaction
LOOKED_THROUGH = 5000  # decisions of a member, the latest ones

_OF_DAY = (RestDay.member_id == bindparam("of_member"), RestDay.day == bindparam("of_day"))
_ONE = select(RestDay.starts_at).where(*_OF_DAY)
_OF_WEEK = (
    select(func.count())
    .select_from(RestDay)
    .where(
        RestDay.member_id == bindparam("of_member"),
        RestDay.day >= bindparam("monday"),
        RestDay.day < bindparam("next_monday"),
    )
)
_OVERLAPPING = select(RestDay.day).where(
    RestDay.member_id == bindparam("of_member"),
    RestDay.starts_at < bindparam("ends"),
    RestDay.ends_at > bindparam("starts"),
)
_PLAN = insert(RestDay)
_CANCEL = delete(RestDay).where(*_OF_DAY, RestDay.starts_at > bindparam("now"), RestDay.kept.is_(None))
_DUE = text(
    "SELECT r.member_id, r.day FROM rest_day r WHERE r.kept IS NULL AND r.ends_at <= :until"
    # What waits in the queue may be a trade of that day.
    " AND NOT EXISTS (SELECT 1 FROM activity_queue q WHERE q.member_id = r.member_id)"
    " ORDER BY r.ends_at, r.member_id, r.day LIMIT :most"
)
_KEYS = {"member_id": "bigint", "day": "bigint"}
_OPEN = (
    "SELECT r.member_id, r.day, r.starts_at, r.ends_at, m.time_zone, m.erased_at FROM keys"
    " CROSS JOIN rest_day r ON r.member_id = keys.member_id AND r.day = keys.day"
    " CROSS JOIN member m ON m.id = r.member_id WHERE r.kept IS NULL ORDER BY r.member_id, r.day"
)
_TRADES = (
    "SELECT keys.member_id, keys.day, a.data FROM keys"
    " CROSS JOIN wallet w ON w.id = keys.member_id"
    f" CROSS JOIN decision d ON d.member_id = w.id AND d.seq > w.decisions - {LOOKED_THROUGH}"
    " CROSS JOIN activity a ON a.id = d.activity_id"
    f" WHERE a.kind = {TRADE} AND a.occurred_at >= keys.starts_at AND {HOLDS}"
)


class Planned(NamedTuple):
    """A rest day that is over and not decided yet; instants are microseconds."""

    member_id: int
    day: int
    starts_at: int
    ends_at: int
    zone: str
    erased_at: int | None

    def broken_by(self, trade: Trade) -> bool:
        """Whether a trade was opened or closed on it."""
        return any(self.starts_at <= at * 1000 < self.ends_at for at in (trade.opened_at, trade.closed_at))


def plan(member_id: int, day: int, *, zone: ZoneInfo, now: datetime) -> None:
    """Plan a day of rest; one that is planned already stays so. Inside an open transaction.

    Raises MemberNotFound, RestTooLate, RestTooFar, RestOverlaps, EnoughRest.
    """
    lock_present([member_id])
    conn, of_member = connection(), {"of_member": member_id}
    today = day_of(now, zone)
    if day > today + DAYS_AHEAD:
        raise RestTooFar(days=DAYS_AHEAD)
    if day <= today:
        raise RestTooLate()
    if conn.execute(_ONE, of_member | {"of_day": day}).first() is not None:
        return
    starts, ends = start_of(day, zone), start_of(day + 1, zone)
    if conn.execute(_OVERLAPPING, {**of_member, "starts": starts, "ends": ends}).first() is not None:
        raise RestOverlaps()
    monday = period_start(day, "week")
    week = {"monday": monday, "next_monday": monday + 7}
    if conn.execute(_OF_WEEK, of_member | week).scalar_one() >= MOST_A_WEEK:
        raise EnoughRest(most=MOST_A_WEEK)
    times = {"starts_at": starts, "ends_at": ends, "planned_at": now}
    conn.execute(_PLAN, {"member_id": member_id, "day": day, "kept": None, **times})


def cancel(member_id: int, day: int, *, now: datetime) -> None:
    """Let a rest day go that has not begun; one that is gone stays gone. Inside an open transaction.

    Raises MemberNotFound, RestHasBegun.
    """
    lock_present([member_id])
    conn, of_day = connection(), {"of_member": member_id, "of_day": day}
    if not conn.execute(_CANCEL, {**of_day, "now": now}).rowcount and conn.execute(_ONE, of_day).first() is not None:
        raise RestHasBegun()


def decide(now: datetime, pause: Pause = time.sleep) -> tuple[int, int]:
    """Look through every rest day that is over; how many were kept, and how many were not."""
    kept = broken = 0
    while due := _due(now):
        with transaction() as conn:
            for was_kept in _decide(conn, due, now):
                kept, broken = kept + was_kept, broken + (not was_kept)
        if len(due) < CHUNK:
            break
        give_way(pause)
    return kept, broken


def _due(now: datetime) -> list[tuple[int, int]]:
    with reader().connect() as looking:
        rows = looking.execute(_DUE, {"until": to_micros(now - DECIDED_AFTER), "most": CHUNK})
        return [(row.member_id, row.day) for row in rows]


def _decide(conn: Connection, due: Iterable[tuple[int, int]], now: datetime) -> Iterator[bool]:
    keys = sorted(due)
    lock_in_order(sorted({member_id for member_id, _ in keys}))
    # Under the lock: what another worker has decided meanwhile is not there any more.
    planned = [Planned(*row) for row in bulk.tuples_by_keys(conn, _OPEN, _KEYS, keys)]
    trades = _trades(conn, planned)
    verdicts = [
        (one, one.erased_at is None and not any(one.broken_by(trade) for trade in trades[one.member_id, one.day]))
        for one in planned
    ]
    rows = [(kept, one.member_id, one.day) for one, kept in verdicts]
    bulk.update(conn, "rest_day", _KEYS, {"kept": "boolean"}, rows)
    if reports := [_report(one) for one, kept in verdicts if kept]:
        ingest.accept(ingest.source(ingest.APP), reports, now)
    yield from (kept for _, kept in verdicts)


def _trades(conn: Connection, planned: Iterable[Planned]) -> dict[tuple[int, int], list[Trade]]:
    """The trades that were closed since each day began."""
    keys = [(one.member_id, one.day, one.starts_at) for one in planned]
    found: dict[tuple[int, int], list[Trade]] = defaultdict(list)
    for member_id, day, data in bulk.tuples_by_keys(conn, _TRADES, _KEYS | {"starts_at": "bigint"}, keys):
        found[member_id, day].append(facts_of(TRADE, data))
    return found


def _report(one: Planned) -> Incoming:
    external_id = f"rest:{one.member_id}:{from_day(one.day).isoformat()}"
    return incoming(external_id, BY_KEY["rest.kept"], None, _last_moment(one), member_id=one.member_id)


def _last_moment(one: Planned) -> datetime:
    """Just before the day ended; in the zone where the member lives by now it should be the same day, if it can."""
    zone, planned_end = ZoneInfo(one.zone), from_micros(one.ends_at)
    begins, ends = start_of(one.day, zone), min(planned_end, start_of(one.day + 1, zone))
    within = ends if ends > max(begins, from_micros(one.starts_at)) else planned_end
    return within - timedelta(microseconds=1)
