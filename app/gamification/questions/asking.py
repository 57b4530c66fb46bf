"""What a member writes: a question about a line, about what did not earn, or anything else; and more in its thread."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, text

from app.gamification import postbox
from app.gamification.brand import brand
from app.gamification.errors import NotFound
from app.gamification.errors.questions import QuestionNotFound, TooManyQuestions, TooMuchWritten, UnknownTopic
from app.gamification.questions import letters, threads
from app.gamification.questions.words import TOPICS, clean_text
from app.lib.i18n import best_language
from app.models.base import connection
from app.models.ledger import UnitId
from app.models.questions import Question, QuestionEntry

MOST_WAITING = 10  # threads of a member that wait for an answer
MOST_A_DAY = 40  # entries of a member
DAY = timedelta(days=1)


_LINE = text("SELECT 1 FROM transfer WHERE wallet_id = :member AND seq = :seq AND unit_id = :unit")
_MISS = text("SELECT 1 FROM decision WHERE member_id = :member AND seq = :seq AND earned = 0")
_OWN = (Question.member_id == bindparam("of_member"),)
_COLUMNS = (Question.id, Question.topic, Question.state)
_ABOUT_LINE = select(*_COLUMNS).where(*_OWN, Question.transfer_seq == bindparam("seq")).order_by(Question.id.desc())
_ABOUT_MISS = select(*_COLUMNS).where(*_OWN, Question.decision_seq == bindparam("seq")).order_by(Question.id.desc())
_ONE = select(*_COLUMNS).where(*_OWN, Question.id == bindparam("question"))
_WAITING = select(func.count()).select_from(Question).where(*_OWN, Question.state == "open")
_WRITTEN = (
    select(func.count())
    .select_from(QuestionEntry)
    .join(Question, Question.id == QuestionEntry.question_id)
    .where(*_OWN, QuestionEntry.staff_id.is_(None), QuestionEntry.written_at > bindparam("after"))
)


def ask(
    member_id: int,
    written: str,
    token: str,
    *,
    topic: str = "points",
    line: int | None = None,
    miss: int | None = None,
    now: datetime,
) -> int:
    """Open a thread, or go on in the one about the same line or decision; its id. Inside an open transaction.

    `line` is a line of the member's ledger, `miss` a decision of theirs without points; `topic` is for neither. A form
    that is sent twice writes once. Raises NotFound for what is not the member's, NothingWritten, TextTooLong,
    UnknownTopic, TooManyQuestions, TooMuchWritten, MemberErased.
    """
    threads.lock_member(member_id)
    kept = threads.token_of(f"m{member_id}", token)
    if (before := threads.sent_before(kept)) is not None:
        return before
    found = _about(member_id, line, miss)
    body = clean_text(written)
    if found is not None:
        return _add(member_id, found, body, kept, now)
    if topic not in TOPICS:
        raise UnknownTopic()
    _check_day(member_id, now)
    _check_waiting(member_id)
    topic = topic if line is None and miss is None else "points"
    question_id = threads.begin(member_id, topic, line=line, miss=miss, now=now)
    threads.add(question_id, None, body, kept, "open", now=now)
    _wake_staff(member_id, question_id, topic, now)
    return question_id


def write(member_id: int, question_id: int, written: str, token: str, *, now: datetime) -> int:
    """Write more in one's own thread, its id; one that was answered or closed waits again. Inside an open transaction.

    Raises QuestionNotFound, NothingWritten, TextTooLong, TooManyQuestions, TooMuchWritten, MemberErased.
    """
    threads.lock_member(member_id)
    found = connection().execute(_ONE, {"of_member": member_id, "question": question_id}).first()
    if found is None:
        raise QuestionNotFound()
    kept = threads.token_of(f"m{member_id}", token)
    if (before := threads.sent_before(kept)) is not None:
        return before
    return _add(member_id, found, clean_text(written), kept, now)


def _about(member_id: int, line: int | None, miss: int | None) -> Any:
    """The thread about a line or a decision, the newest; None where there is none yet. Raises NotFound."""
    if line is None and miss is None:
        return None
    conn, own = connection(), {"member": member_id, "seq": line if miss is None else miss}
    exists = conn.execute(_LINE, own | {"unit": int(UnitId.POINTS)}) if miss is None else conn.execute(_MISS, own)
    if exists.first() is None:
        raise NotFound()
    statement = _ABOUT_LINE if miss is None else _ABOUT_MISS
    return conn.execute(statement, {"of_member": member_id, "seq": own["seq"]}).first()


def _add(member_id: int, thread: Any, body: str, token: str, now: datetime) -> int:
    _check_day(member_id, now)
    wakes = thread.state != "open"
    if wakes:
        _check_waiting(member_id)
    threads.add(thread.id, None, body, token, "open", now=now)
    if wakes:
        _wake_staff(member_id, thread.id, thread.topic, now)
    return int(thread.id)


def _wake_staff(member_id: int, question_id: int, topic: str, now: datetime) -> None:
    """Write to the broker's support: somebody waits, where nobody did."""
    house = brand()
    if house.support_email:
        letter = letters.asked(member_id, question_id, topic)
        language = best_language(None, offered=house.languages)
        postbox.send(letter, house.support_email, language=language, now=now)


def _check_waiting(member_id: int) -> None:
    if connection().execute(_WAITING, {"of_member": member_id}).scalar_one() >= MOST_WAITING:
        raise TooManyQuestions(most=MOST_WAITING)


def _check_day(member_id: int, now: datetime) -> None:
    if connection().execute(_WRITTEN, {"of_member": member_id, "after": now - DAY}).scalar_one() >= MOST_A_DAY:
        raise TooMuchWritten(most=MOST_A_DAY)
