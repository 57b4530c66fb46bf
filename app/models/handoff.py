"""The broker's own sign-in: the keys that its links are checked with, and the links that were used."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class HandoffKey(Model):
    """A public key (Ed25519) of a system of the broker's that signs members in."""

    __tablename__ = "handoff_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)  # `kid` in the header of a link
    name: Mapped[str]
    public_key: Mapped[str]  # as a JWK or PEM was given, kept as the 32 bytes in base64url (`x` of the JWK)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class UsedHandoff(Model):
    """A link that signed somebody in, by its digest: none is taken twice; forgotten once it has lapsed anyway."""

    __tablename__ = "used_handoff"
    __table_args__ = (Index("ix_used_handoff_until", "until"),)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)  # SHA-256 of key and `jti`
    until: Mapped[datetime]
