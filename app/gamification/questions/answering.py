"""What staff do in a thread: answer, close. Each tells the member, and leaves its entry in the audit log."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from app.gamification.audit import log
from app.gamification.errors.questions import QuestionNotFound, StaleQuestion, WrittenMeanwhile
from app.gamification.messages.telling import tell
from app.gamification.questions import messages, threads
from app.gamification.questions.words import clean_text
from app.gamification.staff.rights import Right, hold
from app.lib.clock import to_micros
from app.models.base import connection
from app.models.questions import Question


class Told(NamedTuple):
    """The member who is to be told by mail as well."""

    member_id: int
    name: str
    email: str | None
    language: str


_OF = select(Question.member_id).where(Question.id == bindparam("question"))
_LOCK = (
    select(Question.state, Question.opened_at, Question.replies)
    .where(Question.id == bindparam("question"))
    .with_for_update()
)


def answer(
    by: int, question_id: int, written: str, token: str, seen: int, *, close: bool = False, now: datetime
) -> Told | None:
    """Answer a member, and close the thread with that if asked to; whom to write to. Inside an open transaction.

    `seen` is how many entries the page showed: who has not read what was written since does not answer it. A form that
    is sent twice writes once, and None is to be told. Raises NotEntitled, QuestionNotFound, MemberErased,
    NothingWritten, TextTooLong, WrittenMeanwhile.
    """
    hold({by: Right.CARE})
    member, thread = _locked(question_id)
    kept = threads.token_of(f"s{by}", token)
    if threads.sent_before(kept) is not None:
        return None
    body = clean_text(written)
    if thread.replies != seen:
        raise WrittenMeanwhile()
    threads.add(question_id, by, body, kept, "closed" if close else "answered", now=now)
    _tell(member.id, messages.ANSWERED, question_id, thread, now)
    log.record(by, "question.answer", "question", question_id, now=now, after={"member": member.id, "closed": close})
    return _told(member)


def close(by: int, question_id: int, seen: int, *, now: datetime) -> Told | None:
    """Close a thread without a word; whom to write to, None where an answer was given before. Like `answer`.

    Raises StaleQuestion for one that is closed already.
    """
    hold({by: Right.CARE})
    member, thread = _locked(question_id)
    if thread.replies != seen:
        raise WrittenMeanwhile()
    if thread.state == "closed":
        raise StaleQuestion()
    threads.move(question_id, "closed", now=now)
    unanswered = thread.state == "open"
    if unanswered:
        _tell(member.id, messages.CLOSED, question_id, thread, now)
    log.record(by, "question.close", "question", question_id, now=now, after={"member": member.id})
    return _told(member) if unanswered else None


def _locked(question_id: int) -> tuple[Any, Any]:
    """The member and the thread, locked in this order; raises QuestionNotFound, MemberErased."""
    conn = connection()
    member_id = conn.execute(_OF, {"question": question_id}).scalar()
    if member_id is None:
        raise QuestionNotFound()
    member = threads.lock_member(member_id)
    return member, conn.execute(_LOCK, {"question": question_id}).one()


def _tell(member_id: int, kind: str, question_id: int, thread: Any, now: datetime) -> None:
    tell(member_id, kind, {"question": question_id, "opened": to_micros(thread.opened_at)}, now=now)


def _told(member: Any) -> Told:
    return Told(member.id, member.name, member.email, member.language)
