"""Lessons as staff change them: what a proposal is checked for, what approving it does, and the order of reading."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select, update

from app.gamification import programme
from app.gamification.approvals import checklist
from app.gamification.approvals.registry import Change
from app.gamification.audit import log
from app.gamification.catalogue import LESSONS, readiness
from app.gamification.catalogue.publication import Publication
from app.gamification.errors import NotFound
from app.gamification.errors.catalogue import UnknownThingKind
from app.gamification.lessons import told
from app.gamification.lessons.definition import read_definition
from app.gamification.lessons.readiness import BODY, FACTS, QUESTIONS, advised, needed
from app.gamification.policy.reach import Said
from app.gamification.staff.rights import Right, hold
from app.lib.i18n import Sentence
from app.models.base import connection
from app.models.lessons import Lesson
from app.models.people import Programme as ProgrammeRow

Plain = Mapping[str, Any]
ALL, SOME = "all", "some"  # how many answers must be right

_ORDER = select(Lesson.id, Lesson.place).where(Lesson.retired_at.is_(None)).order_by(Lesson.place, Lesson.id)
_LOCK = select(ProgrammeRow.revision).with_for_update()
_PLACE = update(Lesson).where(Lesson.id == bindparam("lesson")).values(place=bindparam("at"))


def starting(name: str, kind: str) -> dict[str, Any]:
    """The definition that a new lesson starts from: an example to write over. Raises UnknownThingKind."""
    if kind not in (ALL, SOME):
        raise UnknownThingKind()
    answers = [{"en": "The right answer"}, {"en": "Another answer"}, {"en": "A third answer"}]
    questions = [{"text": {"en": text}, "answers": answers, "right": 0} for text in QUESTIONS]
    needed_ = 0 if kind == ALL else len(questions) - 1
    return {"title": {"en": name}, "body": {"en": BODY}, "questions": questions, "needed": needed_}


def kind_of(plain: Plain) -> str:
    """Whether every answer must be right."""
    return ALL if plain.get("needed", 0) in (0, len(plain["questions"])) else SOME


def require(plain: Plain, now: datetime) -> None:
    """Raise NotReady for the first thing that must be done before it can be offered."""
    checklist.require(needed(read_definition(plain)))


PUBLICATION = Publication(LESSONS, require)


def changes(before: Plain | None, after: Plain) -> tuple[Change, ...]:
    """What one revision says differently from another, in words."""
    return told.changes(before, after)


def law(plain: Plain) -> tuple[Said, ...]:
    """What every law pack says to it: the same to each lesson."""
    return readiness.law(programme.current(), FACTS)


def warnings(plain: Plain) -> tuple[Sentence, ...]:
    """What the second person should know beside the change."""
    return readiness.warnings(advised(read_definition(plain), programme.current()))


def move(by: int, lesson_id: int, way: Literal["up", "down"], *, now: datetime) -> None:
    """Let a lesson stand one place earlier or later in the list. Inside an open transaction.

    It changes neither what a lesson says nor what it brings, so that it needs no second person. Raises NotFound.
    """
    hold({by: Right.CONFIGURE})
    # Before the order is read: of two who move lessons at once the second finds what the first has made of it.
    connection().execute(_LOCK)
    rows = connection().execute(_ORDER).all()
    ids = [row.id for row in rows]
    if lesson_id not in ids:
        raise NotFound()
    here = ids.index(lesson_id)
    there = here - 1 if way == "up" else here + 1
    if not 0 <= there < len(ids):
        return
    ids[here], ids[there] = ids[there], ids[here]
    # Places are below zero, so that a lesson which is published next, with the place zero, stands last.
    places = [{"lesson": id_, "at": place - len(ids)} for place, id_ in enumerate(ids)]
    connection().execute(_PLACE, places)
    programme.touch(connection())
    log.record(by, "lesson.move", "lesson", lesson_id, now=now, before={"place": here + 1}, after={"place": there + 1})
