"""What the tier step needs to have at hand: days that may leave the window, or that come late to a closed one."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from app.gamification.accrual.expiry import midnight
from app.gamification.challenges.entry import Entry
from app.gamification.programme import Programme
from app.gamification.state import MemberState
from app.gamification.tiers.climber import Climber
from app.lib.periods import day_at
from app.models import bulk

_OLD_DAYS = (
    "SELECT q.member_id, q.day, q.sum FROM ids CROSS JOIN wallet w ON w.id = ids.id"
    " CROSS JOIN qualifying_day q ON q.member_id = w.id AND q.day >= w.window_from AND q.day < ?"
)
_LEAVING = (
    "SELECT q.member_id, CASE WHEN q.day >= ? THEN q.day ELSE ? END AS leaves, cast(sum(q.sum) AS bigint)"
    " FROM ids CROSS JOIN wallet w ON w.id = ids.id"
    " CROSS JOIN qualifying_day q ON q.member_id = w.id AND q.day >= w.window_from AND q.day < ?"
    " GROUP BY q.member_id, leaves"
)
_BETWEEN = (
    "SELECT q.member_id, q.day, q.sum FROM ids CROSS JOIN qualifying_day q ON q.member_id = ids.id"
    " AND q.day >= ? AND q.day < ?"
)


def load(conn: Connection, programme: Programme, states: Mapping[int, MemberState], now: int) -> None:
    """Before a fold: of nearly every member nothing. `now`: the latest moment that will be counted (microseconds)."""
    ladder = programme.ladder
    for state in states.values():
        state.old_days = {}
    if ladder.is_rolling:
        start = ladder.window_start(day_at(now, programme.zone))
        behind = [state.id for state in states.values() if state.qualifying and state.window_from < start]
        if behind:
            _keep(states, bulk.tuples_by_ids(conn, _OLD_DAYS, behind, start))
    elif ladder.is_calendar:
        load_period_before(conn, programme, states, [state for state in states.values() if _is_late(state, programme)])


def load_days_of_window(
    conn: Connection, climbers: Mapping[int, Climber], ids: Iterable[int], start: int, until: int
) -> None:
    """The days of rolling windows before `until`; those that leave a window starting at `start` as one sum."""
    _keep(climbers, bulk.tuples_by_ids(conn, _LEAVING, ids, start, start - 1, until))


def load_period_before(
    conn: Connection, programme: Programme, climbers: Mapping[int, Climber], late: Iterable[Climber]
) -> None:
    """The days of the calendar period before each member's own."""
    by_window: dict[int, list[int]] = {}
    for climber in late:
        by_window.setdefault(climber.window_from, []).append(climber.id)
    for window_from, ids in by_window.items():
        before = programme.ladder.window_start(window_from - 1)
        _keep(climbers, bulk.tuples_by_ids(conn, _BETWEEN, ids, before, window_from))


def _keep(climbers: Mapping[int, Climber], rows: list[bulk.Row]) -> None:
    for member_id, day, points in rows:
        old_days = climbers[member_id].old_days
        assert old_days is not None
        old_days[day] = points


def _is_late(state: MemberState, programme: Programme) -> bool:
    if not state.window_from:
        return False
    # Without activities it is held points that are released: they may be from any day.
    if not state.happenings or state.effects:
        return True
    start = midnight(state.window_from, programme.zone)
    if min(activity.occurred_at for activity in state.happenings) < start:
        return True
    # What time alone completes counts from when it was due, and not from when it is looked at.
    waiting = state.entries.every if state.entries is not None else ()
    return any(entry.due_at is not None and _completes_at(entry) < start for entry in waiting)


def _completes_at(entry: Entry) -> int:
    """The first moment for which time alone may complete an entry that it will change."""
    assert entry.due_at is not None
    due = entry.challenge.due(entry.progress) if entry.challenge.keeps_time else None
    return min(at for at in (entry.due_at, entry.ends_at, due) if at is not None)
