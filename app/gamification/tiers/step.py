"""The tier step: qualifying points move the window's sum, and the sum moves the member up, never down."""

from app.gamification.accrual.expiry import midnight
from app.gamification.programme import Programme
from app.gamification.state import Happening, MemberState
from app.gamification.tiers.ladder import Level
from app.lib.periods import day_at


def step(state: MemberState, activity: Happening, programme: Programme) -> None:
    """Count what the activity qualified for, and promote when it crosses a threshold."""
    if activity.qualified:
        today = day_at(activity.recorded_at, programme.zone)
        for points, day, at in activity.qualified:
            qualify(state, points, day, at, today, programme, activity.id)


def qualify(
    state: MemberState, points: int, day: int, at: int, today: int, programme: Programme, activity_id: int | None
) -> None:
    """Add qualifying points of a day; `at` is when they count for a promotion, `today` the day they were booked."""
    ladder = programme.ladder
    count(state, points, day, today, programme)
    reached = ladder.reached(state.qualifying)
    if ladder.promotion == "next_period" and ladder.is_calendar:
        # The row lies ahead; the nightly review moves the wallet when its day has come.
        standing = ladder.level(state.history[-1][1]) if state.history else ladder.levels[0]
        if reached.position > standing.position:
            _enter(state, reached, midnight(ladder.window_end(today), programme.zone), activity_id)
        return
    if reached.position > ladder.level(state.level_id).position:
        state.level_since = _enter(state, reached, at, activity_id)
        state.level_id = reached.id
        state.grace_until = None


def count(state: MemberState, points: int, day: int, today: int, programme: Programme) -> None:
    """Add to the day's sum and, where the day lies in the open window, to the window's; negative when undone."""
    ladder = programme.ladder
    start = ladder.window_start(today)
    if ladder.is_calendar and start > state.window_from:
        # The first activity of a new period, before the nightly review has rolled the window.
        state.qualifying, state.window_from = 0, start
    state.qualifying_deltas[day] = state.qualifying_deltas.get(day, 0) + points
    if day >= start:
        state.qualifying = max(0, state.qualifying + points)


def _enter(state: MemberState, level: Level, at: int, activity_id: int | None) -> int:
    effective_from = max(at, state.history[-1][0]) if state.history else at
    state.history.append((effective_from, level.id))
    state.new_history.append((state.id, len(state.history), effective_from, level.id, activity_id))
    return effective_from
