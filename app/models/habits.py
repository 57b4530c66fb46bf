"""What members set themselves and write down: days of practice, planned rest, limits, trading plans, the journal."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class HabitDay(Model):
    """A day on which a member practised, by the activity that says so. Never a trade."""

    __tablename__ = "habit_day"
    __table_args__ = (
        Index("ix_habit_day_day", "member_id", "day"),
        # On Mondays whoever practised of late is looked for.
        Index("ix_habit_day_recent", "day", "member_id"),
        {"sqlite_with_rowid": False},
    )
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    activity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[int]  # in the member's own zone as it was then


class RestDay(Model):
    """A day that a member planned, before it began, not to trade on; kept is decided once it is over."""

    __tablename__ = "rest_day"
    __table_args__ = (
        Index(
            "ix_rest_day_open",
            "ends_at",
            postgresql_where=text("kept IS NULL"),
            sqlite_where=text("kept IS NULL"),
        ),
        {"sqlite_with_rowid": False},
    )
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]  # in the zone the member had when it was planned
    ends_at: Mapped[datetime]
    planned_at: Mapped[datetime]
    kept: Mapped[bool | None]


class RiskLimit(Model):
    """The most a member wants to risk in one trade, from a moment on. A new limit is a new row."""

    __tablename__ = "risk_limit"
    __table_args__ = ({"sqlite_with_rowid": False},)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    amount: Mapped[str]  # decimal text; "" ends the limit
    currency: Mapped[str]


class TradingPlan(Model):
    """The rules a member means to trade by, from a moment on. A new plan is a new row."""

    __tablename__ = "trading_plan"
    __table_args__ = ({"sqlite_with_rowid": False},)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    rules: Mapped[dict[str, Any]]  # gamification/habits/own.py; empty ends the plan


class JournalEntry(Model):
    """A note of a member's on a closed trade or on a day; nobody else reads it."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        CheckConstraint("mood BETWEEN 0 AND 5", name="mood"),
        Index("ix_journal_entry_member_id", "member_id", "day", "id"),
        Index(
            "uq_journal_entry_activity",
            "member_id",
            "activity_id",
            unique=True,
            postgresql_where=text("activity_id IS NOT NULL"),
            sqlite_where=text("activity_id IS NOT NULL"),
        ),
        Index("uq_journal_entry_token", "token", unique=True),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    day: Mapped[int]  # the day it is about, in the member's zone
    activity_id: Mapped[int | None] = mapped_column(BigInteger)  # the trade it is about
    body: Mapped[str]
    mood: Mapped[int] = mapped_column(default=0)  # 1 … 5, 0: not said
    lesson: Mapped[str] = mapped_column(default="")  # what to keep or to change
    token: Mapped[str]  # of the form: sent twice, it is written once
    written_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
