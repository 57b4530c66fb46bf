"""Keys of the API: who may do what, and under which source their activities are counted.

Of one purpose (a source and a name) two may be in force at once: the second is made, the sender changes over, the first
is revoked.
"""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update

from app.gamification.audit import log
from app.gamification.errors.desk import BadKeyName, BadScopes, BadSource, KeyNotFound, TooManyKeys
from app.gamification.ingest import APP, STATEMENTS, UPLOADS, Source
from app.gamification.members.names import visible
from app.gamification.staff.rights import Right, hold
from app.lib.cache import Kept
from app.lib.i18n import _l
from app.lib.sealing import Sealer
from app.models.activity import ApiKey
from app.models.activity import Source as SourceRow
from app.models.base import after_commit, connection, read_all

BROKER = "broker"
PREFIX = "lk_"
SOURCE_KEY = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
# Nobody outside reports under these.
OWN_SOURCES = frozenset({APP, STATEMENTS, UPLOADS})
SEND, READ, LINK = "send", "read", "link"
SCOPES = {SEND: _l("Send activities"), READ: _l("Read figures and requests"), LINK: _l("Link trading accounts")}
# What a key may do unless more is asked for: whoever links decides whose points they are.
USUAL = (SEND, READ)
LIVE_AT_ONCE = 2
LONGEST_NAME = 60

_KEYS = (
    select(
        ApiKey.id,
        ApiKey.key,
        ApiKey.name,
        ApiKey.secret.label("sealed"),
        ApiKey.scopes,
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
_ADD_SOURCE = text("INSERT INTO source (key, name, verified) VALUES (:key, :name, true) ON CONFLICT (key) DO NOTHING")
# The row that the limit of two belongs to; deliveries, which only refer to it, go on.
_LOCK_SOURCE = select(SourceRow.id).where(SourceRow.key == bindparam("source_key")).with_for_update(key_share=True)
_LIVE_OF_PURPOSE = select(func.count()).where(
    ApiKey.source_id == bindparam("of_source"),
    func.lower(ApiKey.name) == func.lower(bindparam("called")),
    ApiKey.revoked_at.is_(None),
)
_LOCK = (
    select(ApiKey.id, ApiKey.key, ApiKey.name, ApiKey.scopes, ApiKey.revoked_at, SourceRow.key.label("source_key"))
    .join(SourceRow, SourceRow.id == ApiKey.source_id)
    .where(ApiKey.id == bindparam("key_id"))
    .with_for_update(of=ApiKey)
)
_ID = select(ApiKey.id).where(ApiKey.key == bindparam("named"))
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
    scopes: frozenset[str]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    source_key: str
    source: Source


@dataclass(frozen=True)
class NewKey:
    """A key just made: the only moment its secret can be read."""

    id: int
    key: str
    secret: str
    name: str
    source_key: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """What there is to say of a key before it is made; nothing of it changes afterwards."""

    name: str = field(
        metadata={
            "label": _l("Name"),
            "help": _l("What signs with it, such as “MT5 bridge”. Two keys of one name may be in force at once."),
            "longest": LONGEST_NAME,
        }
    )
    source: str = field(
        default=BROKER,
        metadata={
            "label": _l("Source"),
            "help": _l("Under which its activities are counted: “broker”, or a name of small letters for a partner."),
            "longest": 40,
        },
    )
    scopes: tuple[str, ...] = field(
        default=(SEND,),
        metadata={"label": _l("What it may do"), "choices": SCOPES},
    )


def create(
    name: str,
    sealer: Sealer,
    *,
    now: datetime,
    source_key: str = BROKER,
    scopes: Collection[str] = USUAL,
    by: int | None = None,
) -> NewKey:
    """Make a key for a source, and the source where it is new; `by` is None at the console.

    Inside an open transaction. Raises NotEntitled, BadKeyName, BadSource, BadScopes, TooManyKeys.
    """
    if by is not None:
        hold({by: Right.OWN})
    name, asked = visible(name), tuple(scope for scope in SCOPES if scope in scopes)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadKeyName(longest=LONGEST_NAME)
    if not SOURCE_KEY.fullmatch(source_key) or source_key in OWN_SOURCES:
        raise BadSource(source=source_key)
    if not asked or len(asked) < len(set(scopes)):
        raise BadScopes(scopes=", ".join(SCOPES))
    connection().execute(_ADD_SOURCE, {"key": source_key, "name": name})
    source_id = connection().execute(_LOCK_SOURCE, {"source_key": source_key}).scalar_one()
    if connection().execute(_LIVE_OF_PURPOSE, {"of_source": source_id, "called": name}).scalar_one() >= LIVE_AT_ONCE:
        raise TooManyKeys(name=name)
    key, secret = PREFIX + secrets.token_hex(12), secrets.token_urlsafe(32)
    values = {"key": key, "secret": sealer.seal(secret), "name": name, "created_at": now}
    values |= {"source_id": source_id, "scopes": " ".join(asked)}
    key_id: int = connection().execute(insert(ApiKey).values(**values).returning(ApiKey.id)).scalar_one()
    after_commit(_live.forget)
    log.record(
        by, "key.create", "key", key_id, now=now, after={"key": key, "source": source_key, "scopes": list(asked)}
    )
    return NewKey(key_id, key, secret, name, source_key, asked)


def rotate(key_id: int, sealer: Sealer, *, now: datetime, by: int) -> NewKey:
    """Make the second key of a purpose, with the same scopes; the first stays in force until it is revoked.

    Inside an open transaction. Raises NotEntitled, KeyNotFound, TooManyKeys.
    """
    hold({by: Right.OWN})
    row = _locked(key_id)
    scopes = row.scopes.split()
    return create(row.name, sealer, now=now, source_key=row.source_key, scopes=scopes, by=by)


def every() -> list[Key]:
    """All keys, revoked ones too, oldest first."""
    return [_key(row) for row in read_all(_KEYS)]


def revoke(key: str, *, now: datetime, by: int | None = None) -> None:
    """End a key: within a second nothing signed with it is taken.

    Inside an open transaction. Raises NotEntitled, KeyNotFound.
    """
    if by is not None:
        hold({by: Right.OWN})
    if connection().execute(_REVOKE, {"named": key, "now": now}).rowcount == 0:
        raise KeyNotFound(key=key)
    key_id = connection().execute(_ID, {"named": key}).scalar_one()
    after_commit(_live.forget)
    log.record(by, "key.revoke", "key", key_id, now=now, before={"key": key})


def see(key: Key, *, now: datetime) -> None:
    """Write at most every five minutes that a key is in use. Inside an open transaction, as its last statement."""
    if key.last_used_at is None or now - key.last_used_at > SEEN_EVERY:
        connection().execute(_SEE, {"key_id": key.id, "now": now})


def _locked(key_id: int) -> Any:
    row = connection().execute(_LOCK, {"key_id": key_id}).first()
    if row is None or row.revoked_at is not None:
        raise KeyNotFound(key=row.key if row else key_id)
    return row


def _load_live() -> dict[str, Key]:
    return {row.key: _key(row) for row in read_all(_LIVE)}


def _key(row: Any) -> Key:
    values = dict(row._mapping)
    values["scopes"] = frozenset(values["scopes"].split())
    source = Source(values.pop("source_id"), bool(values.pop("verified")))
    return Key(**values, source=source)


_live = Kept(_load_live)


def find(key: str) -> Key | None:
    """The key of that name that is in force; kept for a second, because every delivery asks."""
    return _live().get(key)
