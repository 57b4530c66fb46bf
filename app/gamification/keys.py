"""Keys of the API: who may send activities, and under which source they are counted."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, text, update

from app.gamification.errors import BadSource, KeyNotFound
from app.gamification.ingest import APP, STATEMENTS, UPLOADS, Source
from app.lib.cache import Kept
from app.lib.sealing import Sealer
from app.models.activity import ApiKey
from app.models.activity import Source as SourceRow
from app.models.base import connection, read_all

BROKER = "broker"
PREFIX = "lk_"
SOURCE_KEY = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
# Nobody outside reports under these.
OWN_SOURCES = frozenset({APP, STATEMENTS, UPLOADS})

_KEYS = (
    select(
        ApiKey.id,
        ApiKey.key,
        ApiKey.name,
        ApiKey.secret.label("sealed"),
        ApiKey.created_at,
        ApiKey.last_used_at,
        ApiKey.revoked_at,
        SourceRow.key.label("source_key"),
        SourceRow.id.label("source_id"),
        SourceRow.verified,
    )
    .join(SourceRow, SourceRow.id == ApiKey.source_id)
    .order_by(ApiKey.id)
)
_LIVE = _KEYS.where(ApiKey.revoked_at.is_(None))
_SOURCE_ID = select(SourceRow.id).where(SourceRow.key == bindparam("source_key"))
_ADD_SOURCE = text("INSERT INTO source (key, name, verified) VALUES (:key, :name, true) ON CONFLICT (key) DO NOTHING")
_REVOKE = (
    update(ApiKey)
    .where(ApiKey.key == bindparam("named"), ApiKey.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_SEE = update(ApiKey).where(ApiKey.id == bindparam("key_id")).values(last_used_at=bindparam("now"))
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Key:
    """A key as it is kept: its secret sealed, the source its activities belong to."""

    id: int
    key: str
    name: str
    sealed: bytes
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    source_key: str
    source: Source


@dataclass(frozen=True)
class NewKey:
    """A key just made: the only moment its secret can be read."""

    key: str
    secret: str
    name: str
    source_key: str


def create(name: str, sealer: Sealer, *, now: datetime, source_key: str = BROKER) -> NewKey:
    """Make a key for a source, and the source where it is new. Inside an open transaction. Raises BadSource."""
    if not SOURCE_KEY.fullmatch(source_key) or source_key in OWN_SOURCES:
        raise BadSource(source=source_key)
    connection().execute(_ADD_SOURCE, {"key": source_key, "name": name})
    made = NewKey(PREFIX + secrets.token_hex(12), secrets.token_urlsafe(32), name, source_key)
    values = {"key": made.key, "secret": sealer.seal(made.secret), "name": name, "created_at": now}
    source_id = connection().execute(_SOURCE_ID, {"source_key": source_key}).scalar_one()
    connection().execute(insert(ApiKey).values(**values, source_id=source_id))
    return made


def every() -> list[Key]:
    """All keys, revoked ones too, oldest first."""
    return [_key(row) for row in read_all(_KEYS)]


def revoke(key: str, *, now: datetime) -> None:
    """End a key: within a second nothing signed with it is taken. Inside an open transaction. Raises KeyNotFound."""
    if connection().execute(_REVOKE, {"named": key, "now": now}).rowcount == 0:
        raise KeyNotFound(key=key)


def see(key: Key, *, now: datetime) -> None:
    """Write at most every five minutes that a key is in use. Inside an open transaction, as its last statement."""
    if key.last_used_at is None or now - key.last_used_at > SEEN_EVERY:
        connection().execute(_SEE, {"key_id": key.id, "now": now})


def _load_live() -> dict[str, Key]:
    return {row.key: _key(row) for row in read_all(_LIVE)}


def _key(row: Any) -> Key:
    values = dict(row._mapping)
    source = Source(values.pop("source_id"), bool(values.pop("verified")))
    return Key(**values, source=source)


_live = Kept(_load_live)


def find(key: str) -> Key | None:
    """The key of that name that is in force; kept for a second, because every delivery asks."""
    return _live().get(key)
