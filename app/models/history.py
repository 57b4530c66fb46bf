"""Members' own history on its way in: statements they sent, accounts they ask to be linked."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class StatementImport(Model):
    """A statement that a member sent in, from the file to its approval.

    Its activities are those of its account that its source recorded for the member at `recorded_at`.

    reading ─> read ─> storing ─> stored ─> approving ─> approved
                                     └────> taking_back ─> taken_back
    """

    __tablename__ = "statement_import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('reading', 'read', 'unreadable', 'storing', 'stored', 'approving', 'approved', 'taking_back',"
            " 'taken_back')",
            name="state",
        ),
        CheckConstraint("(recorded_at IS NULL) = (state IN ('reading', 'read', 'unreadable'))", name="recorded"),
        Index("ix_statement_import_member_id", "member_id", "id"),
        # No two of a member's imports share the instant by which their activities are told apart.
        Index(
            "uq_statement_import_recorded_at",
            "member_id",
            "recorded_at",
            unique=True,
            postgresql_where=text("recorded_at IS NOT NULL"),
            sqlite_where=text("recorded_at IS NOT NULL"),
        ),
        # What the worker has to do, and what staff have to decide: few of many.
        Index(
            "ix_statement_import_work",
            "id",
            postgresql_where=text("state IN ('reading', 'storing', 'approving', 'taking_back')"),
            sqlite_where=text("state IN ('reading', 'storing', 'approving', 'taking_back')"),
        ),
        Index(
            "ix_statement_import_stored",
            "id",
            postgresql_where=text("state = 'stored'"),
            sqlite_where=text("state = 'stored'"),
        ),
        Index("ix_statement_import_trading_account_id", "trading_account_id"),
        # Files that nobody confirmed are forgotten after a while.
        Index(
            "ix_statement_import_made_at",
            "made_at",
            postgresql_where=text("recorded_at IS NULL"),
            sqlite_where=text("recorded_at IS NULL"),
        ),
        # What one person has approved today.
        Index(
            "ix_statement_import_decided_by",
            "decided_by",
            "decided_at",
            postgresql_where=text("decided_by IS NOT NULL"),
            sqlite_where=text("decided_by IS NOT NULL"),
        ),
        # No id is given twice: ids of activities that were taken back hold it.
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    trading_account_id: Mapped[int | None] = mapped_column(ForeignKey("trading_account.id"))
    state: Mapped[str] = mapped_column(default="reading")
    file_name: Mapped[str]  # as the browser called it; blanked when its member is erased
    digest: Mapped[bytes] = mapped_column(LargeBinary)  # SHA-256 of the file
    told: Mapped[dict[str, Any]]  # what the member said where the file says nothing: login, server, currency, clock …
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what was read, and what it would earn
    rows: Mapped[int] = mapped_column(default=0)  # activities to store
    done: Mapped[int] = mapped_column(default=0)  # of what the worker is at: storing, approving, taking back
    reached: Mapped[int] = mapped_column(BigInteger, default=0)  # where it goes on: id of an activity, seq of a batch
    leased_until: Mapped[datetime | None]  # a worker is at it and has its file read; after that anybody may go on
    points: Mapped[int] = mapped_column(BigInteger, default=0)  # that wait for review, counted when all was decided
    trust: Mapped[str | None]  # statement_trust when it was confirmed
    made_at: Mapped[datetime]
    recorded_at: Mapped[datetime | None]  # when it was confirmed
    decided_at: Mapped[datetime | None]  # when it was approved, rejected, or taken back by the member
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who approved or rejected it; empty: member
    proposal_id: Mapped[int | None]  # the approval by a second person, where it needed one
    ended_at: Mapped[datetime | None]  # when all of that was done
    reason: Mapped[str | None]  # why staff rejected it, or why it could not be read: a key


class StatementFile(Model):
    """The file of an import until its rows are stored: beside the import, whose row changes with each delivery, because
    SQLite would write the whole file anew each time."""

    __tablename__ = "statement_file"
    import_id: Mapped[int] = mapped_column(ForeignKey("statement_import.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class AccountRequest(Model):
    """A member says that a trading account is theirs; the broker confirms or declines it."""

    __tablename__ = "account_request"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'confirmed', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        Index("ix_account_request_member_id", "member_id", "id"),
        Index("ix_account_request_trading_account_id", "trading_account_id"),
        Index(
            "uq_account_request_open",
            "member_id",
            "trading_account_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index(
            "ix_account_request_open",
            "id",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    trading_account_id: Mapped[int] = mapped_column(ForeignKey("trading_account.id"))
    state: Mapped[str] = mapped_column(default="open")
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    via: Mapped[str | None]  # staff | api | handoff | member
    reason: Mapped[str | None]  # why it was declined: a key
