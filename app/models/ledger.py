"""The ledger's tables: wallets, transfers, batches with their allocations, and the nightly roots.

An account is a triple (owner, unit, state) and has no row of its own: its owner is the transfer's wallet (or the
programme, for the states below 10), its unit and state are two small numbers. A table of accounts would put two more
foreign keys, and on PostgreSQL two row locks on the same few hot rows, on every transfer.
"""

from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class UnitId(IntEnum):
    """The two units every programme has; others (stamps, cents) are rows of `unit`."""

    POINTS = 1
    QUALIFYING = 2


class State(IntEnum):
    """The account's state. Below 10 the programme owns it, from 10 on the member."""

    ISSUED = 1
    REDEEMED = 2
    EXPIRED = 3
    SETTLED = 4
    AVAILABLE = 10
    PENDING = 11
    DEBT = 12


class Code(IntEnum):
    """What a transfer does. Stored and hashed: never renumber, only add."""

    ACCRUAL = 1
    RELEASE = 2
    REDEMPTION = 3
    REFUND = 4
    REPAYMENT = 5
    EXPIRY = 6
    ADJUSTMENT = 7
    REVERSAL = 8
    SETTLEMENT = 9


class Cause(IntEnum):
    """What a transfer's reference names: (cause, cause id, part) is unique, so a step that runs twice writes once."""

    ACTIVITY = 1  # cause_id: activity; part: entry of the outcome, see posting.part_of
    BATCH_RELEASE = 2  # cause_id: wallet, part: seq of the batch
    BATCH_EXPIRY = 3  # cause_id: wallet, part: seq of the batch
    REVERSAL = 4  # cause_id: wallet, part: 4 × seq of the transfer undone, + 1 for the share booked as debt
    REPAYMENT = 5  # cause_id: wallet, part: seq of the credit that pays
    REDEMPTION = 6  # cause_id: redemption
    REFUND = 7  # cause_id: redemption, part: seq of the batch given back
    ADJUSTMENT = 8  # cause_id: adjustment
    CHALLENGE = 9  # cause_id: wallet, part: see gamification/challenges/rewards.py
    BADGE = 10  # cause_id: wallet, part: see gamification/badges/step.py
    REFERRAL = 11
    CONTEST = 12
    CAMPAIGN = 13
    SETTLEMENT = 14


class Unit(Model):
    """What an account counts: points, qualifying, stamps of a punch card, cents of cashback."""

    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(unique=True)
    scale: Mapped[int] = mapped_column(SmallInteger, default=0)  # digits after the point when shown


class Wallet(Model):
    """A member's running balances and standing: the row that is locked for everything that changes them."""

    __tablename__ = "wallet"
    __table_args__ = (
        CheckConstraint("available >= 0 AND pending >= 0 AND debt >= 0", name="balances"),
        CheckConstraint("available = 0 OR debt = 0", name="debt_first"),
        # Lapsing finds its wallets by it: one entry a wallet, where one a batch would cost every accrual.
        Index(
            "ix_wallet_next_expiry_at",
            "next_expiry_at",
            postgresql_where=text("next_expiry_at IS NOT NULL"),
            sqlite_where=text("next_expiry_at IS NOT NULL"),
        ),
        {"postgresql_with": {"fillfactor": 85}},
    )
    id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True, autoincrement=False)
    available: Mapped[int] = mapped_column(BigInteger, default=0)
    pending: Mapped[int] = mapped_column(BigInteger, default=0)
    debt: Mapped[int] = mapped_column(BigInteger, default=0)  # owed, as a positive number
    lifetime: Mapped[int] = mapped_column(BigInteger, default=0)
    qualifying: Mapped[int] = mapped_column(BigInteger, default=0)  # sum inside the ladder's window
    window_from: Mapped[int] = mapped_column(default=0)  # first day of that window
    level_id: Mapped[int] = mapped_column(SmallInteger, default=0)
    level_since: Mapped[datetime]
    grace_until: Mapped[int | None]  # day on which a fall that is due takes place
    kept_until: Mapped[int | None]  # first day on which the level may fall again: what a challenge has given
    next_expiry_at: Mapped[datetime | None]
    next_expiry_amount: Mapped[int] = mapped_column(BigInteger, default=0)
    last_accrual_at: Mapped[datetime | None]  # renews batches that lapse by inactivity
    seq: Mapped[int] = mapped_column(default=0)  # of the last transfer
    head: Mapped[bytes] = mapped_column(LargeBinary, default=b"")  # hash of the last transfer
    decisions: Mapped[int] = mapped_column(default=0)  # seq of the last decision


class UnitBalance(Model):
    """Running balance of a member in a unit other than points and qualifying."""

    __tablename__ = "unit_balance"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount"), {"sqlite_with_rowid": False})
    wallet_id: Mapped[int] = mapped_column(ForeignKey("wallet.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    state: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger, default=0)


class Transfer(Model):
    """One immutable move between two accounts of which at most one member's. Append-only by trigger."""

    __tablename__ = "transfer"
    __table_args__ = (
        Index("uq_transfer_reference", "cause", "cause_id", "part", unique=True),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        {"sqlite_with_rowid": False},
    )
    wallet_id: Mapped[int] = mapped_column(ForeignKey("wallet.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)  # 1, 2, 3 … within the wallet: the line of its chain
    unit_id: Mapped[int] = mapped_column(SmallInteger)
    code: Mapped[int] = mapped_column(SmallInteger)
    debit: Mapped[int] = mapped_column(SmallInteger)
    credit: Mapped[int] = mapped_column(SmallInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger)  # available points after it
    cause: Mapped[int] = mapped_column(SmallInteger)
    cause_id: Mapped[int] = mapped_column(BigInteger)
    part: Mapped[int] = mapped_column(BigInteger)
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Batch(Model):
    """Points that lapse together: made by one accrual, refund or adjustment, whose seq is its name."""

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("remaining >= 0 AND remaining <= amount", name="remaining"),
        Index(
            "ix_batch_held",
            "available_at",
            postgresql_where=text("held AND remaining > 0"),
            sqlite_where=text("held AND remaining > 0"),
        ),
        Index(
            "ix_batch_idle_days",
            "idle_days",
            postgresql_where=text("remaining > 0 AND idle_days IS NOT NULL"),
            sqlite_where=text("remaining > 0 AND idle_days IS NOT NULL"),
        ),
        {"sqlite_with_rowid": False},
    )
    wallet_id: Mapped[int] = mapped_column(ForeignKey("wallet.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    remaining: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[bool]  # pending: until available_at, or until staff release it when that is empty
    available_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    idle_days: Mapped[int | None] = mapped_column(SmallInteger)  # lapses after that many days without an accrual
    service_only: Mapped[bool]  # buys only rewards of value recognition or service, for ever
    qualifying: Mapped[int] = mapped_column(BigInteger, default=0)  # booked when a held batch is released
    parent: Mapped[int | None]  # the batch a refund gives back


class Allocation(Model):
    """Which batch gave how much to a transfer that took points."""

    __tablename__ = "allocation"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"), {"sqlite_with_rowid": False})
    wallet_id: Mapped[int] = mapped_column(ForeignKey("wallet.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class Adjustment(Model):
    """A change by staff: who, why, how much. Its transfer refers to it; one that `reverses` took a line back."""

    __tablename__ = "adjustment"
    __table_args__ = (
        Index("uq_adjustment_token", "token", unique=True),
        Index("uq_adjustment_reverses", "wallet_id", "reverses", unique=True),
        Index("ix_adjustment_staff_id", "staff_id", "made_at"),
        Index("ix_adjustment_proposal_id", "proposal_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    wallet_id: Mapped[int] = mapped_column(ForeignKey("wallet.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str]
    made_at: Mapped[datetime]
    proposal_id: Mapped[int | None]  # the approval it came from, where it needed one
    token: Mapped[str | None]  # of the form: sent twice, it is made once
    reverses: Mapped[int | None]  # seq of the transfer that was taken back


class QualifyingDay(Model):
    """Qualifying points of one member on one day, so that windows roll without reading history."""

    __tablename__ = "qualifying_day"
    __table_args__ = ({"sqlite_with_rowid": False},)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    sum: Mapped[int] = mapped_column(BigInteger)


class CapUse(Model):
    """What a rule gave a member on one day of the programme's zone: the counter its caps are judged by.

    Keyed by day before rule: a round reads a member's few days, whatever the rules and however long the history.
    """

    __tablename__ = "cap_use"
    __table_args__ = (CheckConstraint("used >= 0", name="used"), {"sqlite_with_rowid": False})
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id"), primary_key=True)
    used: Mapped[int] = mapped_column(BigInteger)


class LedgerRoot(Model):
    """The nightly root: SHA-256 over all wallet heads in order of id; also appended to `roots.log`."""

    __tablename__ = "ledger_root"
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    wallets: Mapped[int] = mapped_column(BigInteger)
    transfers: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    totals: Mapped[dict[str, Any]]
