"""Threads and what is written in them, as rows; whoever comes here has locked the member."""

from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, case, insert, select, update

from app.gamification.errors.members import MemberErased, MemberNotFound
from app.gamification.staff.sent import TOKEN, new_token
from app.models.base import connection
from app.models.people import Member
from app.models.questions import Question, QuestionEntry

State = Literal["open", "answered", "closed"]

_LOCK_MEMBER = select(Member.erased_at).where(Member.id == bindparam("of_member")).with_for_update(key_share=True)
_OPEN = insert(Question)
_ADD = insert(QuestionEntry)
_SENT = select(QuestionEntry.question_id).where(QuestionEntry.token == bindparam("sent"))
_MOVE = (
    update(Question)
    .where(Question.id == bindparam("question"))
    .values(
        state=bindparam("becomes"),
        since=case(
            (Question.state == bindparam("becomes"), Question.since),
            else_=bindparam("now", type_=Question.since.type),
        ),
        last_at=bindparam("now"),
        replies=Question.replies + bindparam("more"),
    )
)


def lock_member(member_id: int) -> None:
    """Lock the member whose threads are about to change.

    Held until the commit, so that nothing is written of somebody who is being erased, and two forms of one member
    come one after the other. Raises MemberNotFound, MemberErased.
    """
    row = connection().execute(_LOCK_MEMBER, {"of_member": member_id}).first()
    if row is None:
        raise MemberNotFound(member=member_id)
    if row.erased_at is not None:
        raise MemberErased()


def token_of(writer: str, token: str) -> str:
    """A form's token as an entry keeps it: with its writer, so that nobody's form stands for another's."""
    return f"{writer}.{token if TOKEN.fullmatch(token) else new_token()}"


def sent_before(token: str) -> int | None:
    """The thread in which this form wrote already; None for one that is new."""
    found: int | None = connection().execute(_SENT, {"sent": token}).scalar()
    return found


def begin(member_id: int, topic: str, *, line: int | None, miss: int | None, now: datetime) -> int:
    """A new thread, still empty; its id."""
    values = {"member_id": member_id, "topic": topic, "transfer_seq": line, "decision_seq": miss, "state": "open"}
    times = {"since": now, "opened_at": now, "last_at": now, "replies": 0}
    made = connection().execute(_OPEN, values | times).inserted_primary_key
    assert made is not None
    question_id: int = made[0]
    return question_id


def add(question_id: int, staff_id: int | None, body: str, token: str, becomes: State, *, now: datetime) -> None:
    """Write something in a thread; `body` is clean, `becomes` the state of the thread after it."""
    values = {"question_id": question_id, "staff_id": staff_id, "body": body, "token": token, "written_at": now}
    connection().execute(_ADD, values)
    move(question_id, becomes, more=1, now=now)


def move(question_id: int, becomes: State, *, more: int = 0, now: datetime) -> None:
    """Let a thread be in a state; since when it is counts from the moment in which it changes."""
    connection().execute(_MOVE, {"question": question_id, "becomes": becomes, "more": more, "now": now})
