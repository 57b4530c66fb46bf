"""Lessons with their questions, as immutable revisions, and who answered them how."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Lesson(Model):
    """A lesson; its text and questions are in its revisions. Passing it is reported under its key."""

    __tablename__ = "lesson"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    place: Mapped[int] = mapped_column(default=0)  # in the list: smaller first
    retired_at: Mapped[datetime | None]


class LessonRevision(Model):
    """An immutable version of a lesson."""

    __tablename__ = "lesson_revision"
    __table_args__ = (Index("uq_lesson_revision_number", "lesson_id", "number", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"))
    number: Mapped[int]
    definition: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]


class LessonAttempt(Model):
    """One set of answers of a member's."""

    __tablename__ = "lesson_attempt"
    __table_args__ = (Index("ix_lesson_attempt_member_id", "member_id", "lesson_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("lesson_revision.id"))
    answers: Mapped[list[Any]]  # the place of the chosen answer, a question each
    correct: Mapped[int]
    passed: Mapped[bool]
    made_at: Mapped[datetime]
