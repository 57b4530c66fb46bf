"""Threads as they are read, by their member and by staff: a list of one's own, and one in full."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.sql import Executable

from app.gamification.errors.questions import QuestionNotFound
from app.gamification.questions import words
from app.models.base import read_all, read_one
from app.models.ledger import Wallet
from app.models.people import Staff
from app.models.questions import Question, QuestionEntry

PAGE = 20
SHOWN = 100  # entries of a thread on one page
EXCERPT = 180


class Entry(NamedTuple):
    """Something that was written; `staff` names who of them, None for the member."""

    id: int
    staff: str | None
    body: str
    at: datetime


class Thread(NamedTuple):
    """A thread, with its newest entries in the order in which they were written."""

    id: int
    member_id: int
    topic: str
    state: str
    since: datetime
    line: int | None
    miss: int | None
    opened_at: datetime
    replies: int
    lines: int  # how long the member's chain is, and how many decisions there are
    decisions: int
    entries: tuple[Entry, ...]
    older: int | None  # the entry below which there are others

    @property
    def subject(self) -> str:
        """What it is about, marked for translation."""
        return words.subject(self.topic, self.line, self.miss)


class Listed(NamedTuple):
    """A thread in the list of its member; `excerpt` is how its question begins."""

    id: int
    topic: str
    state: str
    line: int | None
    miss: int | None
    last_at: datetime
    replies: int
    excerpt: str

    @property
    def subject(self) -> str:
        """What it is about, marked for translation."""
        return words.subject(self.topic, self.line, self.miss)


FIRST_WORDS = (
    select(func.substr(QuestionEntry.body, 1, EXCERPT))
    .where(QuestionEntry.question_id == Question.id)
    .order_by(QuestionEntry.id)
    .limit(1)
    .scalar_subquery()
    .label("excerpt")
)
_LISTED = (
    select(
        Question.id,
        Question.topic,
        Question.state,
        Question.transfer_seq,
        Question.decision_seq,
        Question.last_at,
        Question.replies,
        FIRST_WORDS,
    )
    .where(Question.member_id == bindparam("of_member"), Question.id < bindparam("before"))
    .order_by(Question.id.desc())
    .limit(PAGE + 1)
)
_ENTRIES = (
    select(
        Question.id,
        Question.member_id,
        Question.topic,
        Question.state,
        Question.since,
        Question.transfer_seq,
        Question.decision_seq,
        Question.opened_at,
        Question.replies,
        Wallet.seq,
        Wallet.decisions,
        QuestionEntry.id.label("entry"),
        Staff.name,
        QuestionEntry.body,
        QuestionEntry.written_at,
    )
    .join(QuestionEntry, QuestionEntry.question_id == Question.id)
    .join(Wallet, Wallet.id == Question.member_id)
    .join(Staff, Staff.id == QuestionEntry.staff_id, isouter=True)
    .where(Question.id == bindparam("question"), QuestionEntry.id < bindparam("before"))
    .order_by(QuestionEntry.id.desc())
    .limit(SHOWN + 1)
)
_OWN_ENTRIES = _ENTRIES.where(Question.member_id == bindparam("of_member"))
_ABOUT = (
    select(Question.id)
    .where(
        Question.member_id == bindparam("of_member"),
        or_(Question.transfer_seq == bindparam("line"), Question.decision_seq == bindparam("miss")),
    )
    .order_by(Question.id.desc())
    .limit(1)
)
_NEWEST = 2**31 - 1


def of_member(member_id: int, before: int | None = None) -> tuple[tuple[Listed, ...], int | None]:
    """A page of a member's threads, newest first, and below which there are others. One statement."""
    rows = read_all(_LISTED, {"of_member": member_id, "before": before or _NEWEST})
    listed = tuple(Listed(*row) for row in rows[:PAGE])
    return listed, listed[-1].id if len(rows) > PAGE else None


def own(member_id: int, question_id: int, before: int | None = None) -> Thread:
    """A member's own thread. One statement; raises QuestionNotFound for what is another's."""
    return _thread(_OWN_ENTRIES, {"of_member": member_id, "question": question_id, "before": before or _NEWEST})


def anyones(question_id: int, before: int | None = None) -> Thread:
    """A thread, for staff. One statement; raises QuestionNotFound."""
    return _thread(_ENTRIES, {"question": question_id, "before": before or _NEWEST})


def about(member_id: int, line: int | None, miss: int | None) -> int | None:
    """The thread about a line or a decision, which goes on; None where there is none yet. One statement."""
    row = read_one(_ABOUT, {"of_member": member_id, "line": line, "miss": miss})
    return None if row is None else row.id


def _thread(statement: Executable, asked: Mapping[str, int]) -> Thread:
    rows = read_all(statement, asked)
    if not rows:
        raise QuestionNotFound()
    entries = tuple(Entry(row.entry, row.name, row.body, row.written_at) for row in reversed(rows[:SHOWN]))
    return Thread._make((*rows[0][:11], entries, entries[0].id if len(rows) > SHOWN else None))
