"""Who takes part: the broker's legal entities, members, staff, and their sign-ins."""

from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class ClientClass(IntEnum):
    """How the broker classed the client; unknown is treated as the strictest."""

    UNKNOWN = 0
    RETAIL = 1
    PROFESSIONAL = 2
    ELIGIBLE = 3


class LegalEntity(Model):
    """A regulated company of the broker; its pack is one half of a member's law (the country's is the other)."""

    __tablename__ = "legal_entity"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    country: Mapped[str]
    pack_key: Mapped[str]
    loss_percentage: Mapped[str | None]  # the broker's own published figure, as text: "74.2"
    retired_at: Mapped[datetime | None]  # takes no new members


class Member(Model):
    """A client of the broker who takes part. Erasure blanks this row; the ledger holds only its id."""

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("length(country) IN (0, 2)", name="country"),
        CheckConstraint("client_class BETWEEN 0 AND 3", name="client_class"),
        # "Trader_Jane" must not pass for "trader_jane".
        Index("uq_member_alias", text("lower(alias)"), unique=True),
        # Few of many: staff list them.
        Index(
            "ix_member_blocked",
            "id",
            postgresql_where=text("earning_blocked"),
            sqlite_where=text("earning_blocked"),
        ),
        Index(
            "ix_member_leaving_at",
            "leaving_at",
            postgresql_where=text("leaving_at IS NOT NULL"),
            sqlite_where=text("leaving_at IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(unique=True)  # the broker's own id of the client
    email: Mapped[str | None] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    alias: Mapped[str | None]  # how others see the member
    password_hash: Mapped[str | None]
    email_verified_at: Mapped[datetime | None]
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("legal_entity.id"))
    country: Mapped[str] = mapped_column(default="")  # ISO 3166-1 alpha-2; "" is unknown
    client_class: Mapped[int] = mapped_column(SmallInteger, default=0)
    language: Mapped[str] = mapped_column(default="en")
    theme: Mapped[str] = mapped_column(default="auto")
    up_down: Mapped[str] = mapped_column(default="auto")  # which colour means up: auto | green | red
    time_zone: Mapped[str] = mapped_column(default="UTC")
    joined_at: Mapped[datetime]
    last_visit_day: Mapped[int | None]  # day number in the member's own zone
    earning_blocked: Mapped[bool] = mapped_column(default=False)
    demo_role: Mapped[str | None] = mapped_column(unique=True)  # one of the demo cast, who can sign in by one click
    leaving_at: Mapped[datetime | None]  # asked to be deleted: when it will be done, unless they think better of it
    quiet_until: Mapped[datetime | None]  # points, challenges, boards and promotion are not shown; nothing is lost
    digest: Mapped[str] = mapped_column(default="weekly", server_default="weekly")  # by mail: never | daily | weekly
    digest_at: Mapped[datetime | None]  # when the last one was written
    digest_to: Mapped[int | None]  # the newest message that was looked at for it
    erased_at: Mapped[datetime | None]


class MemberWord(Model):
    """A word of a member's name, alias or address, folded, by whose beginning staff find them; gone once erased."""

    __tablename__ = "member_word"
    __table_args__ = (Index("ix_member_word_member_id", "member_id", "word"), {"sqlite_with_rowid": False})
    # By its bytes on both databases, so that what begins alike stands together.
    word: Mapped[str] = mapped_column(Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)


class Staff(Model):
    """Someone of the broker who runs the programme."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role IN ('viewer', 'manager', 'approver', 'owner')", name="role"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(default="en")
    theme: Mapped[str] = mapped_column(default="auto", server_default="auto")
    time_zone: Mapped[str] = mapped_column(default="UTC", server_default="UTC")
    created_at: Mapped[datetime]
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed
    totp_since: Mapped[datetime | None]  # when the first code was right; empty: to be set up at the next sign-in
    totp_step: Mapped[int | None] = mapped_column(BigInteger)  # of the last code taken: none is taken twice
    left_at: Mapped[datetime | None]
    demo_role: Mapped[str | None]  # one of the demo staff, whose desk a visitor may try by one click


class SignIn(Model):
    """One browser that is signed in. The cookie carries the 128-bit id; ending the row ends the session."""

    __tablename__ = "sign_in"
    __table_args__ = (CheckConstraint("(member_id IS NULL) <> (staff_id IS NULL)", name="one_person"),)
    id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str | None]
    browser: Mapped[str | None]
    # SHA-256 of a long-lived cookie: whether the browser was here before, so that a new one is told by mail.
    device: Mapped[bytes | None] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None]  # of staff: when password and code were given last


class TradingAccount(Model):
    """A login on one of the broker's platforms; created unlinked when an activity names it before its member."""

    __tablename__ = "trading_account"
    __table_args__ = (
        Index("uq_trading_account_login", "platform", "server", "login", unique=True),
        Index("ix_trading_account_login", "login"),  # staff know the number, seldom the server
        Index("ix_trading_account_member_id", "member_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str]
    server: Mapped[str]
    login: Mapped[str]
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    linked_at: Mapped[datetime | None]
    currency: Mapped[str | None]


class Programme(Model):
    """The one programme of this installation: brand, zone, currency, and the revision of its configuration."""

    __tablename__ = "programme"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    brand_name: Mapped[str]
    programme_name: Mapped[str]
    time_zone: Mapped[str]
    currency: Mapped[str]
    support_email: Mapped[str]
    point_cost: Mapped[str]  # what one point costs the broker, a decimal in the programme's currency
    statement_trust: Mapped[str] = mapped_column(default="review")  # review | recognition | trusted
    demo: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int]  # raised by every change of what scores an activity; workers compile again
    # Since when a ladder of another window is in force whose sums are being made again, and of whom they are already.
    settling_since: Mapped[datetime | None]
    settled_to: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # wallets up to this id
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
