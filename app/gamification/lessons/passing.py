"""Answering the questions of a lesson: each try is kept, and the first that passes is reported, once for ever."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, insert, select

from app.gamification import ingest, programme
from app.gamification.activities import LessonPassed
from app.gamification.errors.lessons import LessonChanged, LessonNotFound, LessonRetired, NotAnswered, TooManyTries
from app.gamification.ledger import wallets
from app.gamification.lessons.definition import CompiledLesson, Definition
from app.gamification.lessons.worth import KIND
from app.lib.periods import day_of, start_of
from app.models.base import connection
from app.models.lessons import LessonAttempt

MOST_TRIES = 10  # at one lesson, on one day of the member's


class Made(NamedTuple):
    """A try as it was stored; `is_first` for the one that passed the lesson."""

    id: int
    right: int
    passed: bool
    is_first: bool = False


_OF_LESSON = (LessonAttempt.member_id == bindparam("of_member"), LessonAttempt.lesson_id == bindparam("of_lesson"))
_COUNT = select(
    func.count(),
    func.count().filter(LessonAttempt.made_at >= bindparam("today")),
    func.count().filter(LessonAttempt.passed),
).where(*_OF_LESSON)
_NUMBERED = (
    select(
        LessonAttempt.id,
        LessonAttempt.correct,
        LessonAttempt.passed,
        LessonAttempt.revision_id,
        LessonAttempt.answers,
    )
    .where(*_OF_LESSON)
    .order_by(LessonAttempt.id)
    .offset(bindparam("number"))
    .limit(1)
)
_MAKE = insert(LessonAttempt).returning(LessonAttempt.id)


def answer(
    member_id: int,
    zone: ZoneInfo,
    key: str,
    revision_id: int,
    number: int,
    answers: Sequence[int | None],
    *,
    now: datetime,
) -> Made:
    """Store one set of answers, as places in the definition; `number` is how many tries there were before its form.

    Inside an open transaction. A form that is sent twice counts once. Raises LessonNotFound, LessonRetired,
    LessonChanged, NotAnswered, TooManyTries, MemberNotFound.
    """
    lesson = _offered(key, revision_id)
    chosen = _chosen(lesson.definition, answers)
    wallets.lock_present([member_id])  # of two forms of one member the second finds what the first has stored
    conn, own = connection(), {"of_member": member_id, "of_lesson": lesson.lesson_id}
    today = start_of(day_of(now, zone), zone)
    tries, tries_today, passes = conn.execute(_COUNT, own | {"today": today}).one()
    if number < tries:
        before = conn.execute(_NUMBERED, own | {"number": number}).one()
        if before.revision_id == revision_id and before.answers == chosen:
            return Made(before.id, before.correct, before.passed)
    if tries_today >= MOST_TRIES:
        raise TooManyTries(most=MOST_TRIES)
    right = count_right(lesson.definition, chosen)
    passed = right >= lesson.definition.passes
    said = {"member_id": member_id, "lesson_id": lesson.lesson_id, "revision_id": revision_id, "answers": chosen}
    said |= {"correct": right, "passed": passed, "made_at": now}
    made: int = conn.execute(_MAKE, said).scalar_one()
    is_first = passed and not passes
    if is_first:
        data = LessonPassed(lesson.key, score(lesson.definition, right))
        ingest.record(
            member_id, KIND, data, external_id=reported_as(member_id) + str(lesson.lesson_id), occurred_at=now, now=now
        )
    return Made(made, right, passed, is_first)


def reported_as(member_id: int) -> str:
    """What the id of a passed lesson begins with; the lesson's follows."""
    return f"lesson:{member_id}:"


def count_right(definition: Definition, answers: Sequence[int]) -> int:
    """How many of the answers are right."""
    return sum(question.right == chosen for question, chosen in zip(definition.questions, answers, strict=True))


def score(definition: Definition, right: int) -> int:
    """Right answers in whole percent."""
    return 100 * right // len(definition.questions)


def order(member_id: int, revision_id: int, number: int, question: int, answers: int) -> list[int]:
    """In which order a question's answers stand: the same as long as a try lasts, another in the next."""
    places = list(range(answers))
    random.Random(f"{member_id}:{revision_id}:{number}:{question}").shuffle(places)
    return places


def _offered(key: str, revision_id: int) -> CompiledLesson:
    play = programme.current().play
    lesson = play.lessons_by_key.get(key)
    if lesson is None:
        raise LessonNotFound()
    if all(one.lesson_id != lesson.lesson_id for one in play.live_lessons):
        raise LessonRetired()
    if lesson.revision_id != revision_id:
        raise LessonChanged()
    return lesson


def _chosen(definition: Definition, answers: Sequence[int | None]) -> list[int]:
    """The answers of a form, one to each question."""
    found = [
        chosen
        for question, chosen in zip(definition.questions, answers, strict=False)
        if chosen is not None and 0 <= chosen < len(question.answers)
    ]
    if len(found) < len(definition.questions):
        raise NotAnswered()
    return found
