"""What staff do in a thread: answer, close. Each tells the member, in the app and by mail, and is in the audit log."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from app.gamification import postbox
from app.gamification.audit import log
from app.gamification.brand import brand
from app.gamification.errors.questions import QuestionNotFound, StaleQuestion, WrittenMeanwhile
from app.gamification.members import credentials
from app.gamification.members.letters import Letter
from app.gamification.messages import choices
from app.gamification.messages.telling import tell
from app.gamification.messages.topics import ANSWERS
from app.gamification.messages.unsubscribing import Links
from app.gamification.questions import letters, messages, threads
from app.gamification.questions.words import clean_text
from app.gamification.staff.rights import Right, hold
from app.lib.clock import to_micros
from app.models.base import connection, settings
from app.models.questions import Question

Writing = Callable[[str, str, int, str], Letter]  # of name, programme, question and the way out of these mails

_OF = select(Question.member_id).where(Question.id == bindparam("question"))
_LOCK = (
    select(Question.state, Question.opened_at, Question.replies)
    .where(Question.id == bindparam("question"))
    .with_for_update()
)


def answer(
    by: int, question_id: int, written: str, token: str, seen: int, *, close: bool = False, now: datetime
) -> None:
    """Answer a member, and close the thread with that if asked to. Inside an open transaction.

    `seen` is how many entries the page showed: who has not read what was written since does not answer it. A form that
    is sent twice writes once. Raises NotEntitled, QuestionNotFound, MemberErased,
    NothingWritten, TextTooLong, WrittenMeanwhile.
    """
    hold({by: Right.CARE})
    member_id, thread = _locked(question_id)
    kept = threads.token_of(f"s{by}", token)
    if threads.sent_before(kept) is not None:
        return
    body = clean_text(written)
    if thread.replies != seen:
        raise WrittenMeanwhile()
    threads.add(question_id, by, body, kept, "closed" if close else "answered", now=now)
    _tell(member_id, messages.ANSWERED, letters.answered, question_id, thread, now)
    log.record(by, "question.answer", "question", question_id, now=now, after={"member": member_id, "closed": close})


def close(by: int, question_id: int, seen: int, *, now: datetime) -> None:
    """Close a thread without a word; the member is told where nobody had answered. Like `answer`.

    Raises StaleQuestion for one that is closed already.
    """
    hold({by: Right.CARE})
    member_id, thread = _locked(question_id)
    if thread.replies != seen:
        raise WrittenMeanwhile()
    if thread.state == "closed":
        raise StaleQuestion()
    threads.move(question_id, "closed", now=now)
    if thread.state == "open":
        _tell(member_id, messages.CLOSED, letters.closed, question_id, thread, now)
    log.record(by, "question.close", "question", question_id, now=now, after={"member": member_id})


def _locked(question_id: int) -> tuple[int, Any]:
    """The member's id and the thread, both locked, in this order; raises QuestionNotFound, MemberErased."""
    conn = connection()
    member_id: int | None = conn.execute(_OF, {"question": question_id}).scalar()
    if member_id is None:
        raise QuestionNotFound()
    threads.lock_member(member_id)
    return member_id, conn.execute(_LOCK, {"question": question_id}).one()


def _tell(member_id: int, kind: str, write: Writing, question_id: int, thread: Any, now: datetime) -> None:
    tell(member_id, kind, {"question": question_id, "opened": to_micros(thread.opened_at)}, now=now)
    if not choices.wants_mail(member_id, ANSWERS):
        return
    if (someone := credentials.at_confirmed_address(member_id)) is not None:
        way_out = Links(settings().installation_secret).address(member_id, someone.email, ANSWERS.key)
        letter = write(someone.name, brand().name, question_id, way_out)
        postbox.send(letter, someone.email, language=someone.language, now=now, member_id=member_id)
