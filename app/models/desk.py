"""The staff's desk: who was invited, what is being drafted and proposed, and the log of who did what."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class StaffInvitation(Model):
    """A link that lets somebody join the staff with a role, once; only its hash is kept."""

    __tablename__ = "staff_invitation"
    __table_args__ = (
        CheckConstraint("role IN ('viewer', 'manager', 'approver', 'owner')", name="role"),
        # Of two that open at once, one is refused: an address has at most one invitation that can be used.
        Index(
            "uq_staff_invitation_open",
            "email",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)  # empty until it may be used
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # accepted, revoked or replaced
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who joined by it


class RecoveryCode(Model):
    """A code for the day the phone is lost; good once, only its hash is kept."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None]


class Draft(Model):
    """What is being written: the next revision of a rule, the ladder or a pack. One a thing; `version` guards it."""

    __tablename__ = "draft"
    __table_args__ = (
        Index(
            "uq_draft_subject",
            "kind",
            "subject_id",
            unique=True,
            postgresql_where=text("subject_id IS NOT NULL"),
            sqlite_where=text("subject_id IS NOT NULL"),
        ),
        Index("uq_draft_key", "kind", "key", unique=True),
        # No id is given twice: a page left open, or a proposal, never comes to mean another thing's draft.
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # rule | ladder | pack
    subject_id: Mapped[int | None]  # the rule or pack it revises; empty for a new one
    key: Mapped[str]  # of the rule or pack, for ever
    definition: Mapped[dict[str, Any]]
    based_on: Mapped[int] = mapped_column(default=0)  # number of the revision it started from; 0: none
    version: Mapped[int] = mapped_column(default=1)  # raised by every save
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime]


class Proposal(Model):
    """Something that needs a second person. What is proposed never changes: triggers refuse it."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'approved', 'rejected', 'withdrawn', 'void')", name="state"),
        # An empty `decided_by` would make the comparison neither true nor false, which a check lets pass.
        CheckConstraint(
            "state <> 'approved' OR decided_by IS NOT NULL AND decided_by <> proposed_by", name="four_eyes"
        ),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        Index(
            "ix_proposal_open",
            "kind",
            "subject_id",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index("ix_proposal_digest", "digest"),  # a form that is sent twice finds what it proposed
        # A draft is proposed once at a time.
        Index(
            "uq_proposal_open_draft",
            "draft_id",
            unique=True,
            postgresql_where=text("state = 'open' AND draft_id IS NOT NULL"),
            sqlite_where=text("state = 'open' AND draft_id IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # key of gamification/approvals/kinds
    subject_id: Mapped[int | None] = mapped_column(BigInteger)  # what it is about, by its kind
    draft_id: Mapped[int | None]  # the draft it was made from, as of its version then
    payload: Mapped[dict[str, Any]]  # everything that will happen, in full
    digest: Mapped[bytes] = mapped_column(LargeBinary)  # SHA-256 of kind, subject and payload
    note: Mapped[str]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="open")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(default="")


class SentForm(Model):
    """A form of the desk that was sent, by the token it carried: sent twice, it makes one."""

    __tablename__ = "sent_form"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    token: Mapped[str] = mapped_column(primary_key=True)
    page: Mapped[str]  # path of the page that shows what came of it
    sent_at: Mapped[datetime]


class StagedFile(Model):
    """A file that somebody of the staff looked through and has not brought in yet; dropped after a day."""

    __tablename__ = "staged_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    purpose: Mapped[str]  # key of the resource it is for
    content: Mapped[bytes] = mapped_column(LargeBinary)
    staged_at: Mapped[datetime]


class AuditEntry(Model):
    """Who did what to what, with before and after. Append-only by trigger, hash-chained, ids instead of names."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject_id", "seq"),
        Index("ix_audit_entry_staff_id", "staff_id", "seq"),
        Index("ix_audit_entry_action", "action", "seq"),
        Index("ix_audit_entry_made_at", "made_at"),
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … without a gap
    made_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # empty: the console or the programme itself
    action: Mapped[str]  # "rule.publish", "member.block"
    subject_kind: Mapped[str]
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    before: Mapped[str]  # compact JSON with sorted keys, "" where there was nothing
    after: Mapped[str]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditHead(Model):
    """The end of the audit log: the row that is locked, last of all, to add an entry."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditCheck(Model):
    """What the last looks at the audit log found; one row a night, and one for each that somebody asked for."""

    __tablename__ = "audit_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    entries: Mapped[int]  # that are as they were written
    hash: Mapped[bytes] = mapped_column(LargeBinary)  # of the last of them
    bad_seq: Mapped[int | None]  # the first entry that is not; empty: all is well
    what: Mapped[str] = mapped_column(default="")


class BrandAsset(Model):
    """A picture of the broker's, checked and drawn anew; served under its own digest, so that it never goes stale."""

    __tablename__ = "brand_asset"
    digest: Mapped[str] = mapped_column(primary_key=True)  # hexadecimal SHA-256 of the bytes
    kind: Mapped[str]  # logo
    content_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
