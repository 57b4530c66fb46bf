"""What members are told, and the outbox of everything that leaves the house."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Message(Model):
    """A message to a member: its kind and the figures it needs; the sentence is written when it is read."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_member_id", "member_id", "id"),
        # Every page counts these; a member of years has many that were read.
        Index(
            "ix_message_unread",
            "member_id",
            postgresql_where=text("read_at IS NULL"),
            sqlite_where=text("read_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class MessageChoice(Model):
    """That a member does not want messages of one topic by one channel; without a row they do."""

    __tablename__ = "message_choice"
    __table_args__ = ({"sqlite_with_rowid": False},)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)  # gamification/messages/topics.py
    channel: Mapped[str] = mapped_column(primary_key=True)  # app | mail


class Outbox(Model):
    """An email or webhook written in the transaction that caused it, delivered later, at least once."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_due_at",
            "due_at",
            postgresql_where=text("done_at IS NULL"),
            sqlite_where=text("done_at IS NULL"),
        ),
        # The few that could not be delivered, which the overview counts.
        Index(
            "ix_outbox_given_up",
            "id",
            postgresql_where=text("done_at IS NOT NULL AND error IS NOT NULL"),
            sqlite_where=text("done_at IS NOT NULL AND error IS NOT NULL"),
        ),
        Index(
            "ix_outbox_member_id",
            "member_id",
            "id",
            postgresql_where=text("member_id IS NOT NULL"),
            sqlite_where=text("member_id IS NOT NULL"),
        ),
        # Mail to an address that was nobody's: found, and blanked, when its owner asks to be erased.
        Index(
            "ix_outbox_recipient",
            "recipient",
            postgresql_where=text("member_id IS NULL"),
            sqlite_where=text("member_id IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]  # mail | webhook
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    html: Mapped[str | None]
    headers: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True)
    )  # beside the usual ones: how to unsubscribe
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    leased_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]
