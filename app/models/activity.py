"""What members did, who told us, and what the programme decided about it."""

from datetime import datetime
from enum import IntEnum, IntFlag
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model

# On PostgreSQL a delivery takes a whole block of ids with one call: block start … block start + ID_BLOCK - 1.
ID_BLOCK = 1000
activity_ids = Sequence("activity_id_seq", start=1, increment=ID_BLOCK, metadata=Model.metadata)


class ActivityFlag(IntFlag):
    LATE = 1  # occurred more than 30 days before it was recorded
    CORRECTS = 2
    BUSTS = 4
    UNLINKED = 8  # sent in by a member to whom its account was not linked then


class Reason(IntEnum):
    """Why an activity earned what it did. The numbers are stored: never renumber, only add."""

    EARNED = 0
    NO_RULE = 1  # the programme has no rule for this kind
    BEFORE_PROGRAMME = 2  # no revision of any rule was in force
    LAW = 3  # the member's law pack forbids benefits for this
    RECOGNITION = 4  # the pack allows recognition without value
    CONDITION = 5  # a condition of the rule failed
    CAP = 6
    ROUNDS_TO_ZERO = 7
    AUDIENCE = 8
    EXCLUSIVE = 9  # another rule of the same group paid
    NEVER_EARNS = 10  # balance, credit, interest … rows
    BUST = 11  # this activity is itself a bust
    BUSTED = 12  # a bust of it had arrived before it
    SUPERSEDED = 13  # a correction or a verified row had arrived before it
    OTHER_ACCOUNT = 14  # corrects or busts an activity of another account
    BLOCKED = 15  # staff blocked earning for the member
    FAILED = 16  # the programme failed on it; staff are told
    WITHDRAWN = 17  # takes back what a member had sent in: the import was undone
    REPEATED = 18  # the lesson had been paid for before


class Source(Model):
    """Who reports: a broker's system, an import, a partner, the app itself. Activity ids are unique within one."""

    __tablename__ = "source"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    verified: Mapped[bool] = mapped_column(default=True)


class ApiKey(Model):
    """A key of the API: a public name and a secret, sealed at rest, that signs requests."""

    __tablename__ = "api_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    scopes: Mapped[str] = mapped_column(default="send read", server_default="send read")  # by spaces
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class BrokerTerm(Model):
    """What one of the broker's own keys means: a lesson, a survey, a partner, a deposit method, a custom activity."""

    __tablename__ = "broker_term"
    __table_args__ = (Index("uq_broker_term_key", "kind", "key", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # lesson | survey | partner | method | custom
    key: Mapped[str]
    name: Mapped[dict[str, Any]]  # by language
    pays_for: Mapped[int | None] = mapped_column(SmallInteger)  # of a custom activity, once an approver classed it
    retired_at: Mapped[datetime | None]


class Activity(Model):
    """One thing a member did, as it was reported. Append-only: triggers refuse UPDATE and DELETE."""

    __tablename__ = "activity"
    __table_args__ = (
        Index("uq_activity_source_id_external_id", "source_id", "external_id", unique=True),
        # A deal counts once, however many sources report it; a correction names its original's deal again. What a
        # member uploaded is held against that member's own uploads alone: it blocks nobody.
        Index(
            "uq_activity_deal",
            "trading_account_id",
            "deal",
            "verified",
            text("coalesce(member_id, 0)"),
            unique=True,
            postgresql_where=text("deal IS NOT NULL AND amends IS NULL"),
            sqlite_where=text("deal IS NOT NULL AND amends IS NULL"),
        ),
        Index(
            "ix_activity_amending_deal",
            "trading_account_id",
            "deal",
            postgresql_where=text("deal IS NOT NULL AND amends IS NOT NULL"),
            sqlite_where=text("deal IS NOT NULL AND amends IS NOT NULL"),
        ),
        Index(
            "ix_activity_amends",
            "source_id",
            "amends",
            postgresql_where=text("amends IS NOT NULL"),
            sqlite_where=text("amends IS NOT NULL"),
        ),
        Index(
            "ix_activity_trading_account_id",
            "trading_account_id",
            postgresql_where=text("trading_account_id IS NOT NULL"),
            sqlite_where=text("trading_account_id IS NOT NULL"),
        ),
        CheckConstraint("member_id IS NOT NULL OR trading_account_id IS NOT NULL", name="somebody"),
    )
    # INTEGER makes it the row's own key on SQLite, where BIGINT would cost one more index.
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    external_id: Mapped[str]  # the sender's id
    kind: Mapped[int] = mapped_column(SmallInteger)  # code in gamification/activities.py
    # Whose it is: of an account's activities that is whoever it is linked to, and here nobody, unless a member sent
    # them in: these stay the sender's, whoever the account turns out to belong to.
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    trading_account_id: Mapped[int | None] = mapped_column(ForeignKey("trading_account.id"))
    deal: Mapped[str | None]  # MT5/cTrader closing deal, MT4 order ticket
    verified: Mapped[bool]
    flags: Mapped[int] = mapped_column(SmallInteger)
    amends: Mapped[str | None]  # external id of what it corrects or busts
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]  # one instant for a delivery
    digest: Mapped[bytes] = mapped_column(LargeBinary)  # SHA-256 of the decoded, re-encoded activity
    data: Mapped[str]  # a compact JSON array, by kind


class QueuedActivity(Model):
    """Work to do: inserted with the activity or when its account is linked, deleted with its decision.

    The key is the order of folding: one recorded_at a delivery, and ids within a delivery follow occurred_at.
    """

    __tablename__ = "activity_queue"
    __table_args__ = ({"sqlite_with_rowid": False},)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class Decision(Model):
    """The one result of an activity. `outcome` is a compact array that, with the revisions, explains every point."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("uq_decision_activity_id", "activity_id", unique=True),
        Index(
            "ix_decision_missed",
            "member_id",
            "reason",
            "seq",
            postgresql_where=text("earned = 0"),
            sqlite_where=text("earned = 0"),
        ),
        Index(
            "ix_decision_failed",
            "reason",
            postgresql_where=text("reason = 16"),
            sqlite_where=text("reason = 16"),
        ),
        {"sqlite_with_rowid": False},
    )
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(BigInteger)
    earned: Mapped[int] = mapped_column(BigInteger)  # points given, pending or available
    reason: Mapped[int] = mapped_column(SmallInteger)
    outcome: Mapped[str]


class Quarantine(Model):
    """An activity that came again under the same id with another body: kept for staff, the first one stands."""

    __tablename__ = "quarantine"
    __table_args__ = (Index("uq_quarantine_content", "source_id", "external_id", "digest", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    external_id: Mapped[str]
    recorded_at: Mapped[datetime]
    body: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
