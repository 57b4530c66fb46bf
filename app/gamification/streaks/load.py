"""Days of practice of a round's members, loaded and written with it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from app.gamification.activities import BY_KEY
from app.gamification.state import MemberState
from app.gamification.streaks.days import Habits
from app.gamification.streaks.step import PRACTICE, TIMED
from app.lib.periods import day_at
from app.models import bulk

_PRACTISED = "SELECT h.member_id, h.activity_id, h.day FROM ids CROSS JOIN habit_day h ON h.member_id = ids.id"
_AROUND = (
    "SELECT h.member_id, h.activity_id, a.occurred_at, h.day FROM keys"
    " CROSS JOIN habit_day h ON h.member_id = keys.member_id AND h.day BETWEEN keys.first AND keys.last"
    " CROSS JOIN activity a ON a.id = h.activity_id"
)
_STRETCH = {"member_id": "bigint", "first": "integer", "last": "integer"}
_NEAR = 3  # days: clocks of two zones are up to a day and two hours apart
_TIMED = BY_KEY[TIMED].code
_PRACTICE = frozenset(BY_KEY[key].code for key in PRACTICE)

States = Mapping[int, MemberState]


def begin(states: States) -> None:
    """Be ready for what the members of a round may practise or take back."""
    for state in states.values():
        if state.effects or any(activity.kind in _PRACTICE for activity in state.happenings):
            state.habits = Habits(state.time_zone)


def load_near(conn: Connection, states: States) -> None:
    """The days of practice around the round's lessons: which day one is of follows from them, where somebody moved."""
    keys = []
    for id_, state in states.items():
        if state.habits is not None:
            days = [day_at(one.occurred_at, state.habits.zone) for one in state.happenings if one.kind == _TIMED]
            if days:
                keys.append((id_, min(days) - _NEAR, max(days) + _NEAR))
    for member_id, activity_id, at, day in bulk.tuples_by_keys(conn, _AROUND, _STRETCH, keys) if keys else ():
        habits = states[member_id].habits
        assert habits is not None
        habits.near[activity_id] = at, day


def load_every_day(conn: Connection, states: States) -> None:
    """Every day of practice of those of whom the round may find more."""
    habits = {id_: state.habits for id_, state in states.items() if state.habits is not None}
    for mine in habits.values():
        mine.before = {}
    for member_id, activity_id, day in bulk.tuples_by_ids(conn, _PRACTISED, habits) if habits else ():
        before = habits[member_id].before
        assert before is not None
        before[activity_id] = day


def write(conn: Connection, states: Sequence[MemberState]) -> None:
    """The days that were found, without those that are gone."""
    days = [
        (state.id, activity_id, day)
        for state in states
        if state.habits is not None
        for activity_id, day in sorted(state.habits.new.items())
    ]
    bulk.insert(conn, "habit_day", ("member_id", "activity_id", "day"), days)
    gone = [(state.id, id_) for state in states if state.habits is not None for id_ in sorted(state.habits.gone)]
    bulk.delete(conn, "habit_day", {"member_id": "bigint", "activity_id": "bigint"}, gone)
