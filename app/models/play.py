"""What members play: challenges and badges as immutable revisions, who takes part, and how far each has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Challenge(Model):
    """A challenge; what it asks and gives is in its revisions."""

    __tablename__ = "challenge"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    retired_at: Mapped[datetime | None]


class ChallengeRevision(Model):
    """An immutable version of a challenge: who has joined stays on the one they joined."""

    __tablename__ = "challenge_revision"
    __table_args__ = (Index("uq_challenge_revision_number", "challenge_id", "number", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    number: Mapped[int]
    definition: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]


class ChallengeRun(Model):
    """One run of a challenge, and how many places of it are taken: the row that is locked to take one."""

    __tablename__ = "challenge_run"
    __table_args__ = (CheckConstraint("taken >= 0", name="taken"), {"sqlite_with_rowid": False})
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True)
    taken: Mapped[int] = mapped_column(default=0)


class ChallengeEntry(Model):
    """A member in one run of a challenge: since when, how far, and what came of it."""

    __tablename__ = "challenge_entry"
    __table_args__ = (
        CheckConstraint("state BETWEEN 1 AND 6", name="state"),
        # What a round reads of its members: those still running.
        Index(
            "ix_challenge_entry_joined",
            "member_id",
            postgresql_where=text("state = 1"),
            sqlite_where=text("state = 1"),
        ),
        # What time alone changes: the end of a window, a deposit that was kept long enough.
        Index(
            "ix_challenge_entry_due_at",
            "due_at",
            "member_id",
            postgresql_where=text("due_at IS NOT NULL"),
            sqlite_where=text("due_at IS NOT NULL"),
        ),
        Index("ix_challenge_entry_challenge_id", "challenge_id", "run", "state"),
        {"sqlite_with_rowid": False},
    )
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True)  # 0, 1, 2 …; see gamification/challenges/window.py
    revision_id: Mapped[int] = mapped_column(ForeignKey("challenge_revision.id"))
    state: Mapped[int] = mapped_column(SmallInteger)  # gamification/challenges/entry.py
    joined_at: Mapped[datetime]  # what occurred before is the baseline and counts for nothing
    ends_at: Mapped[datetime | None]
    zone: Mapped[str]  # of the member when they joined: a day stays the same day, wherever they move
    since_seq: Mapped[int]  # the member's decisions when they joined: counting again begins behind it
    progress: Mapped[str]  # compact JSON, a step each: [value, {key: times}]
    due_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # expired, left or withdrawn
    awards: Mapped[int] = mapped_column(SmallInteger, default=0)  # how often its reward was given: part of references
    points: Mapped[int] = mapped_column(BigInteger, default=0)  # of the reward that stands
    points_seq: Mapped[int | None]  # the transfer that gave them
    qualifying_seq: Mapped[int | None]
    kept_until: Mapped[int | None]  # day up to which the reward keeps the member's level


class Badge(Model):
    """A badge; its criterion and levels are in its revisions."""

    __tablename__ = "badge"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    retired_at: Mapped[datetime | None]
    counting: Mapped[int] = mapped_column(default=0)  # the programme's revision as of which its counts begin
    recounted_to: Mapped[int | None]  # the last member who was looked through since it was published; None: all


class BadgeRevision(Model):
    """An immutable version of a badge."""

    __tablename__ = "badge_revision"
    __table_args__ = (Index("uq_badge_revision_number", "badge_id", "number", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    badge_id: Mapped[int] = mapped_column(ForeignKey("badge.id"))
    number: Mapped[int]
    definition: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]


class BadgeCount(Model):
    """How far a member has come towards every badge: one row, so that twenty badges cost an activity no more."""

    __tablename__ = "badge_count"
    __table_args__ = ({"sqlite_with_rowid": False},)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    counts: Mapped[str]  # compact JSON: badge → [value, level held, …]; see gamification/badges/counts.py


class BadgeKey(Model):
    """How often a member did one of the different things that a badge counts: an instrument, a day, a lesson."""

    __tablename__ = "badge_key"
    __table_args__ = ({"sqlite_with_rowid": False},)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    badge_id: Mapped[int] = mapped_column(ForeignKey("badge.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]


class BadgeAward(Model):
    """A level of a badge that a member was given; it may fall away again, and be given again."""

    __tablename__ = "badge_award"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        Index(
            "ix_badge_award_held",
            "badge_id",
            "level",
            postgresql_where=text("fell_at IS NULL"),
            sqlite_where=text("fell_at IS NULL"),
        ),
        {"sqlite_with_rowid": False},
    )
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    badge_id: Mapped[int] = mapped_column(ForeignKey("badge.id"), primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("badge_revision.id"))
    awarded_at: Mapped[datetime]
    fell_at: Mapped[datetime | None]  # a temporary badge whose reason is gone, or one that was taken back
    points: Mapped[int] = mapped_column(BigInteger, default=0)  # that stand
    points_seq: Mapped[int | None]


class TakenBack(Model):
    """A verified activity that a correction, a bust or a better report has undone: it counts for nothing any more.

    What stands in its place by then stands where it stood: `place` is the number of that decision.
    """

    __tablename__ = "taken_back"
    __table_args__ = (Index("ix_taken_back_by_id", "by_id"), {"sqlite_with_rowid": False})
    activity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    by_id: Mapped[int] = mapped_column(BigInteger)  # the activity that has undone it
    place: Mapped[int]
    placed_at: Mapped[datetime]  # when what stands there was recorded
