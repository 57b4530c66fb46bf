"""The questions of all members as staff find them: who waits longest first, narrowed by topic and by words."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.gamification.members import search
from app.gamification.members.search import Filters
from app.gamification.questions import words
from app.gamification.questions.reads import FIRST_WORDS
from app.lib.clock import from_micros, to_micros
from app.models.base import read_all
from app.models.people import Member
from app.models.questions import Question, QuestionEntry

PAGE = 25
SEARCHED = 5_000  # questions whose texts are compared with what was typed, the newest
EVERY = "all"


class Waiting(NamedTuple):
    """A thread in the list of staff."""

    id: int
    member_id: int
    topic: str
    state: str
    since: datetime
    line: int | None
    miss: int | None
    replies: int
    name: str
    language: str
    erased_at: datetime | None
    excerpt: str

    @property
    def subject(self) -> str:
        """What it is about, marked for translation."""
        return words.subject(self.topic, self.line, self.miss)

    @property
    def place(self) -> str:
        """Where the next page starts, as an address says it."""
        return f"{to_micros(self.since)}-{self.id}"


_ROWS = select(
    Question.id,
    Question.member_id,
    Question.topic,
    Question.state,
    Question.since,
    Question.transfer_seq,
    Question.decision_seq,
    Question.replies,
    Member.name,
    Member.language,
    Member.erased_at,
    FIRST_WORDS,
).join(Member, Member.id == Question.member_id)


def page(state: str, topic: str = "", typed: str = "", after: str = "") -> tuple[tuple[Waiting, ...], str]:
    """A page of the list, and where the next one starts: "" for nowhere. At most three statements.

    `state` is one of STATES or `all`. What is open comes by how long it waits, everything else the latest first.
    """
    statement = _ROWS
    if state != EVERY:
        statement = statement.where(Question.state == state)
    if topic:
        statement = statement.where(Question.topic == topic)
    if typed:
        statement = statement.where(_meant(typed))
    place = _place(after)
    if place is not None:
        statement = statement.where(_beyond(state, *place))
    rows = read_all(statement.order_by(*_order(state)).limit(PAGE + 1))
    found = tuple(Waiting(*row) for row in rows[:PAGE])
    return found, found[-1].place if len(rows) > PAGE else ""


def _order(state: str) -> tuple[ColumnElement[Any], ...]:
    if state == "open":
        return (Question.since.asc(), Question.id.asc())
    return (Question.id.desc(),) if state == EVERY else (Question.since.desc(), Question.id.desc())


def _beyond(state: str, since: datetime, question_id: int) -> ColumnElement[bool]:
    if state == EVERY:
        return Question.id < question_id
    if state == "open":
        return or_(Question.since > since, and_(Question.since == since, Question.id > question_id))
    return or_(Question.since < since, and_(Question.since == since, Question.id < question_id))


def _place(after: str) -> tuple[datetime, int] | None:
    """Out of an address; what makes no sense counts as the beginning."""
    since, _, question_id = after.partition("-")
    if not all(part.isascii() and part.isdigit() for part in (since, question_id)):
        return None
    if len(since) > 17 or len(question_id) > 10 or int(question_id) > search.HIGHEST_ID:
        return None
    try:
        return from_micros(int(since)), int(question_id)
    except (OverflowError, ValueError):
        return None


def _meant(typed: str) -> ColumnElement[bool]:
    """Questions of the members that these words find, of this number, or in which the words stand."""
    number = typed.removeprefix("#")
    clauses: list[ColumnElement[bool]] = [
        Question.member_id.in_([row.id for row in search.search(typed, Filters()).rows]),
        _says(typed),
    ]
    if number.isascii() and number.isdigit() and len(number) <= 10 and int(number) <= search.HIGHEST_ID:
        clauses.append(Question.id == int(number))
    return or_(*clauses)


def _says(typed: str) -> ColumnElement[bool]:
    # SQLite knows the small letters of English only: other words are compared as they were typed, too.
    body = QuestionEntry.body
    said = or_(
        func.lower(body).contains(typed.lower(), autoescape=True),
        body.contains(typed, autoescape=True),
    )
    newest = select(func.max(Question.id)).correlate(None).scalar_subquery()
    inside = select(QuestionEntry.id).where(QuestionEntry.question_id == Question.id, said).exists()
    return and_(Question.id > newest - SEARCHED, inside)
