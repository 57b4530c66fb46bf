"""The tier step: qualifying points move the window's sum, and the sum moves the member up, never down."""

from app.gamification.accrual.expiry import midnight
from app.gamification.programme import Programme
from app.gamification.state import Happening, MemberState
from app.gamification.tiers import review, window
from app.gamification.tiers.messages import REACHED
from app.lib.periods import day_at


def step(state: MemberState, activity: Happening, programme: Programme) -> None:
    """Count what the activity qualified for, and promote when it crosses a threshold."""
    for points, day, at in (*activity.qualified, *state.qualified):
        qualify(state, points, day, at, activity.recorded_at, programme, activity.id)
    state.qualified = []


def qualify(
    state: MemberState, points: int, day: int, at: int, recorded_at: int, programme: Programme, activity_id: int | None
) -> None:
    """Add qualifying points of a day, booked at `recorded_at`; `at` is when they count for a promotion."""
    ladder = programme.ladder
    count(state, points, day, recorded_at, programme)
    # What comes late still counts for its own period, whose level lasts through the one that is open.
    late = ladder.is_calendar and day < state.window_from
    reached = ladder.reached(window.earlier(state) if late else state.qualifying)
    if ladder.promotion == "next_period":
        at = midnight(state.window_from if late else ladder.window_end(state.window_from), programme.zone)
        if state.history and state.history[-1][0] > at:
            return  # late for a period whose successor has given more already
        last = ladder.level(state.history[-1][1]) if state.history else ladder.levels[0]
    else:
        last = ladder.level(state.level_id)
    if reached.position <= last.position:
        return
    from_when = review.enter(state, reached, at, activity_id)
    state.messages.append((REACHED, {"level": reached.id, "from": from_when}, recorded_at))
    if late or ladder.promotion == "at_once":  # else the row lies ahead, and the review moves the wallet in its time
        state.level_id, state.level_since, state.grace_until = reached.id, from_when, None


def count(state: MemberState, points: int, day: int, recorded_at: int, programme: Programme) -> None:
    """Add to the day's sum and, where the day lies in the window, to the window's; negative when undone."""
    ladder, today = programme.ladder, day_at(recorded_at, programme.zone)
    if ladder.is_calendar:
        # A sender's clock may be minutes ahead, into the next period.
        review.close_periods(state, max(today, day), programme, recorded_at)
    elif ladder.is_rolling:
        window.roll(state, today, ladder)
    state.qualifying_deltas[day] = state.qualifying_deltas.get(day, 0) + points
    window.add(state, points, day, today, ladder)
