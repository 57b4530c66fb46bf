"""Lessons that rules have paid for: a round asks so that none is paid twice, a page so that it promises no more."""

from collections.abc import Mapping

from sqlalchemy import Connection

from app.gamification.accrual.step import PAID
from app.gamification.activities import LESSON, facts_of
from app.gamification.state import MemberState
from app.models import bulk

# Of a member's days of practice `h`, as each report that counts has one, the activity `a` and its decision `d`.
JOINED = (
    f"JOIN activity a ON a.id = h.activity_id AND a.kind = {LESSON} JOIN decision d ON d.activity_id = a.id"
    f" AND d.reason IN ({', '.join(str(int(reason)) for reason in PAID)})"
)
_PAID = (
    f"SELECT h.member_id, a.id, a.data, a.occurred_at FROM ids CROSS JOIN habit_day h ON h.member_id = ids.id {JOINED}"
)


def load(conn: Connection, states: Mapping[int, MemberState]) -> None:
    """The lessons that members were paid for who report one in this round."""
    learning = [id_ for id_, state in states.items() if any(one.kind == LESSON for one in state.happenings)]
    for member_id, activity_id, data, passed_at in bulk.tuples_by_ids(conn, _PAID, learning) if learning else ():
        states[member_id].lessons[activity_id] = facts_of(LESSON, data).lesson, passed_at
