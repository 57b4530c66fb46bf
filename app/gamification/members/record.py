"""A member as staff and the console look one up: who it is, standing, accounts, and what still waits."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.gamification.errors.members import MemberNotFound
from app.lib.clock import from_micros
from app.models.base import read_all, read_one
from app.models.people import ClientClass

_FIND = text("SELECT id FROM member WHERE (email = :email OR external_id = :name) AND erased_at IS NULL")
_MEMBER = text(
    """
    SELECT m.id, m.email, m.name, m.alias, m.external_id, m.country, m.client_class, e.key AS entity, m.language,
           m.time_zone, m.joined_at, m.email_verified_at, w.available, w.pending, w.debt, w.lifetime, w.qualifying,
           t.key AS level, w.decisions, (SELECT count(*) FROM activity_queue q WHERE q.member_id = m.id) AS queued
    FROM member m
    JOIN wallet w ON w.id = m.id
    LEFT JOIN legal_entity e ON e.id = m.entity_id
    LEFT JOIN tier_level t ON t.id = w.level_id
    WHERE m.id = :id
    """
)
_ACCOUNTS = text(
    "SELECT platform, server, login, currency FROM trading_account WHERE member_id = :id"
    " ORDER BY platform, server, login"
)


@dataclass(frozen=True)
class Account:
    platform: str
    server: str
    login: str
    currency: str | None


@dataclass(frozen=True)
class Record:
    """Points are whole; `decisions` counts processed activities, `queued` those that wait."""

    id: int
    email: str | None
    name: str
    alias: str | None
    external_id: str | None
    country: str
    client_class: str
    entity: str | None
    language: str
    time_zone: str
    joined_at: datetime
    verified: bool
    available: int
    pending: int
    debt: int
    lifetime: int
    qualifying: int
    level: str | None
    decisions: int
    queued: int
    accounts: tuple[Account, ...]

    def facts(self) -> dict[str, Any]:
        """The record as plain values."""
        return asdict(self)


def find(name: str) -> int | None:
    """The id of the member with this address or external id; None for nobody."""
    row = read_one(_FIND, {"email": name.strip().lower(), "name": name})
    return None if row is None else int(row.id)


def read(member_id: int) -> Record:
    """The record of a member; raises MemberNotFound."""
    row = read_one(_MEMBER, {"id": member_id})
    if row is None:
        raise MemberNotFound(member=member_id)
    values = dict(row._mapping)
    values["client_class"] = ClientClass(row.client_class).name.lower()
    values["joined_at"] = from_micros(row.joined_at)
    values["verified"] = values.pop("email_verified_at") is not None
    return Record(**values, accounts=tuple(Account(*account) for account in read_all(_ACCOUNTS, {"id": member_id})))
