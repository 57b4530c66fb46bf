"""The streak step: a day on which the member practised. What a streak is follows from the days, see weeks.py. Pure."""

from app.gamification.programme import Programme
from app.gamification.state import Happening, MemberState
from app.gamification.streaks.days import lived
from app.lib.periods import day_at

# Never a trade, never a deposit: a streak of these is forbidden in every law.
PRACTICE = frozenset({"journal.written", "lesson.passed", "rest.kept"})
# What is reported once for each day of the member's says so itself; a lesson may be passed at any time.
TIMED = "lesson.passed"


def step(state: MemberState, activity: Happening, programme: Programme) -> None:
    """Note the day, in the zone the member has now."""
    mine, key = state.habits, activity.kind_key
    if mine is None or not activity.counts or key not in PRACTICE:
        return
    day = day_at(activity.occurred_at, mine.zone)
    if key == TIMED:
        day = lived(day, activity.occurred_at, mine.near.values())
    mine.new[activity.id] = day
    mine.near[activity.id] = activity.occurred_at, day


def undo(state: MemberState, activity_id: int) -> None:
    """The activity does not count any more."""
    if state.habits is None:
        return
    state.habits.near.pop(activity_id, None)
    if state.habits.new.pop(activity_id, None) is None:
        state.habits.gone.append(activity_id)
