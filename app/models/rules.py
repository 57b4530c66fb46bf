"""What is configured: rules, the tier ladder and law packs, each as immutable revisions."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Rule(Model):
    """An accrual rule; what it says is in its revisions."""

    __tablename__ = "rule"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    retired_at: Mapped[datetime | None]


class RuleRevision(Model):
    """An immutable version of a rule, in force for what occurred in [effective_from, effective_to)."""

    __tablename__ = "rule_revision"
    __table_args__ = (Index("uq_rule_revision_number", "rule_id", "number", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id"))
    number: Mapped[int]
    definition: Mapped[dict[str, Any]]
    effective_from: Mapped[datetime]
    effective_to: Mapped[datetime | None]
    published_at: Mapped[datetime]


class CampaignBudget(Model):
    """Points a campaign may give in all; the row is locked, after the wallets, by what wants to draw on it."""

    __tablename__ = "campaign_budget"
    __table_args__ = (CheckConstraint("used >= 0 AND used <= total", name="within"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    total: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(BigInteger, default=0)


class TierLevel(Model):
    """A level of the ladder by its lasting key; thresholds and perks are in the ladder's revisions."""

    __tablename__ = "tier_level"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(unique=True)


class LadderRevision(Model):
    """An immutable version of the tier ladder."""

    __tablename__ = "ladder_revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    definition: Mapped[dict[str, Any]]
    effective_from: Mapped[datetime]
    published_at: Mapped[datetime]


class TierHistory(Model):
    """From when a member stood on which level: the factor of an activity is the row that contains it."""

    __tablename__ = "tier_history"
    __table_args__ = ({"sqlite_with_rowid": False},)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # 1, 2, 3 … in the order they were written
    effective_from: Mapped[datetime]
    level_id: Mapped[int] = mapped_column(SmallInteger)
    activity_id: Mapped[int | None] = mapped_column(BigInteger)  # what crossed the threshold; empty: reassessment


class Pack(Model):
    """A law pack: what a jurisdiction and a client class allow."""

    __tablename__ = "pack"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)


class PackRevision(Model):
    """An immutable version of a pack: verdicts by fact, each with the rule it cites."""

    __tablename__ = "pack_revision"
    __table_args__ = (Index("uq_pack_revision_number", "pack_id", "number", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("pack.id"))
    number: Mapped[int]
    definition: Mapped[dict[str, Any]]
    effective_from: Mapped[datetime]
    published_at: Mapped[datetime]
