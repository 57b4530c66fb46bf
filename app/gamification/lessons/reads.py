"""Lessons as a member reads them: the list with what is passed, one in full, and what a try came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from app.gamification.activities import LESSON, facts_of
from app.gamification.errors.lessons import LessonNotFound
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.statement import statement
from app.gamification.lessons import worth
from app.gamification.lessons.definition import CompiledLesson, Question
from app.gamification.lessons.paid import JOINED
from app.gamification.lessons.passing import MOST_TRIES, order, reported_as
from app.gamification.lessons.worth import Worth
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import instant_of, to_micros
from app.lib.i18n import DEFAULT_LANGUAGE, direction
from app.lib.markdown import Rendered, rendered
from app.lib.periods import day_of, start_of
from app.models.base import read_all, read_one
from app.models.lessons import LessonAttempt


class Words(NamedTuple):
    """A text in the language that it is told in: the reader's, else the one it was written in."""

    text: str
    language: str

    @property
    def direction(self) -> str:
        return direction(self.language)


@dataclass(frozen=True, slots=True)
class Card:
    """A lesson in a list. `earned` is None as long as what was passed is not decided yet."""

    key: str
    title: Words
    about: Words
    icon: str
    minutes: int
    questions: int
    passed_at: datetime | None
    earned: int | None
    worth: Worth


@dataclass(frozen=True, slots=True)
class Shelf:
    """All lessons that are offered, in the order of reading."""

    cards: tuple[Card, ...]

    @property
    def passed(self) -> int:
        """How many the member has passed."""
        return sum(card.passed_at is not None for card in self.cards)

    @property
    def next(self) -> Card | None:
        """The first that is not passed yet."""
        return next((card for card in self.cards if card.passed_at is None), None)


class Option(NamedTuple):
    """An answer; `value` is its place in the definition."""

    value: int
    words: Words


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as this try asks it."""

    words: Words
    options: tuple[Option, ...]


class Judged(NamedTuple):
    """What somebody answered to a question, and why that is right or not."""

    words: Words
    chosen: Words
    is_right: bool
    why: Words


@dataclass(frozen=True, slots=True)
class Result:
    """What a try came to."""

    right: int
    passed: bool
    judged: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class LessonPage:
    """One lesson in full; `number` is how many tries there were, `place` where it stands among those on offer."""

    card: Card
    revision_id: int
    body: Words
    rendered: Rendered
    questions: tuple[Asked, ...]
    needed: int
    number: int
    tries_left: int
    place: int
    shelf: Shelf
    after: Card | None
    result: Result | None

    @property
    def is_offered(self) -> bool:
        return self.place > 0


class _Tries(NamedTuple):
    """A member's tries at one lesson. `paid`: rules have paid for it, whoever reported that it was passed."""

    tries: int = 0
    today: int = 0
    passed_at: datetime | None = None
    earned: int | None = None
    paid: bool = False


# What the member has tried here, then what was reported and paid for: a lesson of the same key brings nothing more.
_MINE = statement(
    f"""
    SELECT t.lesson_id, t.tries, t.today, t.passed_at, d.earned, NULL AS data FROM (
        SELECT lesson_id, count(*) AS tries, sum(CASE WHEN made_at >= :today THEN 1 ELSE 0 END) AS today,
            min(CASE WHEN passed THEN made_at END) AS passed_at
        FROM lesson_attempt WHERE member_id = :member GROUP BY lesson_id
    ) AS t
    LEFT JOIN source s ON s.key = 'app' AND t.passed_at IS NOT NULL
    LEFT JOIN activity a ON a.source_id = s.id AND a.external_id = :reported || cast(t.lesson_id AS text)
    LEFT JOIN decision d ON d.activity_id = a.id
    UNION ALL
    SELECT 0, 0, 0, NULL, d.earned, a.data FROM habit_day h
    {JOINED}
    WHERE h.member_id = :member
    """,
    "lesson_id tries today passed_at earned data",
)
_ATTEMPT = select(LessonAttempt.revision_id, LessonAttempt.answers, LessonAttempt.correct, LessonAttempt.passed).where(
    LessonAttempt.id == bindparam("attempt"),
    LessonAttempt.member_id == bindparam("of_member"),
    LessonAttempt.lesson_id == bindparam("of_lesson"),
)


def shelf(me: SignedIn, now: datetime) -> Shelf:
    """Every lesson on offer. Two statements."""
    return _shelf(me, _tries(me, now), now)


def lesson_page(me: SignedIn, key: str, now: datetime, attempt: int | None = None) -> LessonPage:
    """One lesson, with what a try came to where one is named; at most three statements.

    What is not offered any more can be read by who has passed it. Raises LessonNotFound.
    """
    play = compiled().play
    lesson = play.lessons_by_key.get(key)
    if lesson is None:
        raise LessonNotFound()
    tries = _tries(me, now)
    mine, all_ = tries.get(lesson.lesson_id, _Tries()), _shelf(me, tries, now)
    place = next((n for n, card in enumerate(all_.cards, start=1) if card.key == key), 0)
    if not place and mine.passed_at is None:
        raise LessonNotFound()
    card = all_.cards[place - 1] if place else _card(lesson, mine, worth.NOTHING, me)
    body, asked = words(lesson.definition.body, me.language), lesson.definition.questions
    return LessonPage(
        card=card,
        revision_id=lesson.revision_id,
        body=body,
        rendered=rendered(body.text),
        questions=tuple(_asked(me, lesson, mine.tries, n, question) for n, question in enumerate(asked)),
        needed=lesson.definition.passes,
        number=mine.tries,
        tries_left=max(0, MOST_TRIES - mine.today),
        place=place,
        shelf=all_,
        after=_after(all_, key, place),
        result=_result(me, lesson, attempt) if attempt is not None else None,
    )


def words(texts: Mapping[str, str], language: str) -> Words:
    """A text as a reader of a language is told it."""
    for code in (language, DEFAULT_LANGUAGE):
        if texts.get(code):
            return Words(texts[code], code)
    return Words("", language)


def _shelf(me: SignedIn, tries: Mapping[int, _Tries], now: datetime) -> Shelf:
    lessons = compiled().play.live_lessons
    paid = frozenset(one.key for one in lessons if tries.get(one.lesson_id, _Tries()).paid)
    brings = worth.of_lessons(me, now, paid)
    return Shelf(tuple(_card(one, tries.get(one.lesson_id, _Tries()), brings(one.key), me) for one in lessons))


def _card(lesson: CompiledLesson, mine: _Tries, brings: Worth, me: SignedIn) -> Card:
    said = lesson.definition
    return Card(
        lesson.key,
        words(said.title, me.language),
        words(said.about, me.language),
        said.icon,
        said.minutes,
        len(said.questions),
        mine.passed_at,
        mine.earned,
        brings,
    )


def _after(all_: Shelf, key: str, place: int) -> Card | None:
    """What to read next: the next one that is not passed, from here on and round again."""
    turned = (*all_.cards[place:], *all_.cards[:place])
    return next((card for card in turned if card.passed_at is None and card.key != key), None)


def _asked(me: SignedIn, lesson: CompiledLesson, number: int, place: int, question: Question) -> Asked:
    in_order = order(me.id, lesson.revision_id, number, place, len(question.answers))
    options = (Option(value, words(question.answers[value], me.language)) for value in in_order)
    return Asked(words(question.text, me.language), tuple(options))


def _result(me: SignedIn, lesson: CompiledLesson, attempt: int) -> Result | None:
    own = {"attempt": attempt, "of_member": me.id, "of_lesson": lesson.lesson_id}
    row = read_one(_ATTEMPT, own)
    # The revision that was answered, which is not always the newest.
    answered = None if row is None else compiled().play.lessons.get(row.revision_id)
    if row is None or answered is None:
        return None
    return Result(row.correct, row.passed, _judged(answered.definition.questions, row.answers, me.language))


def _judged(questions: Sequence[Question], answers: Sequence[int], language: str) -> tuple[Judged, ...]:
    return tuple(
        Judged(
            words(question.text, language),
            words(question.answers[chosen], language),
            chosen == question.right,
            words(question.why, language),
        )
        for question, chosen in zip(questions, answers, strict=True)
    )


def _tries(me: SignedIn, now: datetime) -> dict[int, _Tries]:
    today = start_of(day_of(now, me.zone), me.zone)
    values: dict[str, Any] = {"member": me.id, "today": to_micros(today), "reported": reported_as(me.id)}
    found: dict[int, _Tries] = {}
    for row in read_all(_MINE, values):
        if row.data is None:
            passed_at = instant_of(row.passed_at)
            paid = found.get(row.lesson_id, _Tries()).paid
            found[row.lesson_id] = _Tries(row.tries, row.today, passed_at, row.earned, paid)
        elif lesson := compiled().play.lessons_by_key.get(facts_of(LESSON, row.data).lesson):
            found[lesson.lesson_id] = found.get(lesson.lesson_id, _Tries())._replace(paid=True)
    return found
