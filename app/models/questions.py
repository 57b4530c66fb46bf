"""What members ask the broker, about a line of their ledger or anything else, and what staff answer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Question(Model):
    """A thread between a member and the broker, with the decision that it is about."""

    __tablename__ = "question"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'answered', 'closed')", name="state"),
        CheckConstraint("transfer_seq IS NULL OR decision_seq IS NULL", name="about_one"),
        Index("ix_question_member_id", "member_id", "id"),
        Index("ix_question_state", "state", "since", "id"),
        # About one line or decision there is one thread that goes on.
        Index(
            "uq_question_transfer",
            "member_id",
            "transfer_seq",
            unique=True,
            postgresql_where=text("transfer_seq IS NOT NULL AND state <> 'closed'"),
            sqlite_where=text("transfer_seq IS NOT NULL AND state <> 'closed'"),
        ),
        Index(
            "uq_question_decision",
            "member_id",
            "decision_seq",
            unique=True,
            postgresql_where=text("decision_seq IS NOT NULL AND state <> 'closed'"),
            sqlite_where=text("decision_seq IS NOT NULL AND state <> 'closed'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    transfer_seq: Mapped[int | None]  # a line of the member's ledger
    decision_seq: Mapped[int | None]  # an activity that earned nothing
    topic: Mapped[str]  # key: points | account | statement | tier | other
    state: Mapped[str] = mapped_column(default="open")  # open: staff are to answer
    since: Mapped[datetime]  # in this state
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]  # of the newest entry
    replies: Mapped[int] = mapped_column(default=0)  # entries in all


class QuestionEntry(Model):
    """One thing that was written in a thread, by the member or by somebody of the staff."""

    __tablename__ = "question_entry"
    __table_args__ = (
        Index("ix_question_entry_question_id", "question_id", "id"),
        # A form that is sent twice writes once.
        Index("uq_question_entry_token", "token", unique=True),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # empty: the member
    body: Mapped[str] = mapped_column(Text)  # blanked when the member is erased
    token: Mapped[str]  # whose form it was, and which: “m17.9f3c…”
    written_at: Mapped[datetime]
