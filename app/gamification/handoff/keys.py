"""The public keys that the broker's sign-in links are checked with: added, rotated, retired; no secret is kept here.

Of one name two may be in force at once: the second is added, the broker's site changes over, the first is retired. A
key is named by its fingerprint, the SHA-256 thumbprint of RFC 7638, which is what `kid` says in a link.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime

from joserfc.jwk import OKPKey
from sqlalchemy import bindparam, func, insert, select, update

from app.gamification.audit import log
from app.gamification.errors.desk import BadKeyName
from app.gamification.errors.handoff import (
    HandoffKeyNotFound,
    PublicKeyKnown,
    TooManyHandoffKeys,
)
from app.gamification.handoff.writing import LONGEST_KEY, fingerprint, opened, read
from app.gamification.members.names import visible
from app.gamification.staff.rights import Right, hold
from app.lib.cache import Kept
from app.lib.i18n import _l
from app.models.base import after_commit, connection, kept_by_app, read_all
from app.models.handoff import HandoffKey
from app.models.people import Programme

LIVE_AT_ONCE = 2
LONGEST_NAME = 60
_KEYS = select(
    HandoffKey.id,
    HandoffKey.key,
    HandoffKey.name,
    HandoffKey.public_key,
    HandoffKey.created_at,
    HandoffKey.retired_at,
).order_by(HandoffKey.id)
_LIVE = _KEYS.where(HandoffKey.retired_at.is_(None))
# The row that the limit of two belongs to.
_LOCK_PROGRAMME = select(Programme.id).with_for_update(key_share=True)
_KNOWN = select(HandoffKey.id).where(HandoffKey.key == bindparam("named"))
_LIVE_OF_NAME = select(func.count()).where(
    func.lower(HandoffKey.name) == func.lower(bindparam("called")), HandoffKey.retired_at.is_(None)
)
_NAME = select(HandoffKey.name).where(HandoffKey.id == bindparam("key_id"), HandoffKey.retired_at.is_(None))
_ADD = insert(HandoffKey).returning(HandoffKey.id)
_RETIRE = (
    update(HandoffKey)
    .where(HandoffKey.key == bindparam("named"), HandoffKey.retired_at.is_(None))
    .values(retired_at=bindparam("now"))
    .returning(HandoffKey.id)
)


@dataclass(frozen=True)
class PublicKey:
    """A key as it is kept; `key` is its fingerprint, `public_key` its 32 bytes in base64url."""

    id: int
    key: str
    name: str
    public_key: str
    created_at: datetime
    retired_at: datetime | None

    def opened(self) -> OKPKey:
        """The key as the library that checks signatures takes it."""
        return opened(self.public_key)


@dataclass(frozen=True)
class Settings:
    """What there is to say of a key when it is added; nothing of it changes afterwards."""

    name: str = field(
        metadata={
            "label": _l("Name"),
            "help": _l("What signs with it, such as “Client portal”. Two keys of one name may be in force at once."),
            "longest": LONGEST_NAME,
        }
    )
    public_key: str = field(
        metadata={
            "label": _l("Public key"),
            "help": _l("Ed25519, as PEM or as JWK. The private key stays with your system and never comes here."),
            "lines": True,
            "full": True,
            "longest": LONGEST_KEY,
        }
    )


def add(name: str, text: str, *, now: datetime, by: int | None = None) -> int:
    """Keep a public key, given as PEM or JWK; its id. `by` is None at the console.

    Inside an open transaction. Raises NotEntitled, BadKeyName, BadPublicKey, PrivateKeyGiven, PublicKeyKnown,
    TooManyHandoffKeys.
    """
    if by is not None:
        hold({by: Right.OWN})
    name = visible(name)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadKeyName(longest=LONGEST_NAME)
    public_key = urlsafe_b64encode(read(text)).rstrip(b"=").decode()
    key = fingerprint(public_key)
    conn = connection()
    conn.execute(_LOCK_PROGRAMME)
    if conn.execute(_KNOWN, {"named": key}).first():
        raise PublicKeyKnown()
    if conn.execute(_LIVE_OF_NAME, {"called": name}).scalar_one() >= LIVE_AT_ONCE:
        raise TooManyHandoffKeys(name=name)
    key_id: int = conn.execute(
        _ADD, {"key": key, "name": name, "public_key": public_key, "created_at": now}
    ).scalar_one()
    after_commit(_live().forget)
    log.record(by, "handoff_key.add", "handoff_key", key_id, now=now, after={"key": key})
    return key_id


def rotate(key_id: int, text: str, *, now: datetime, by: int) -> int:
    """Add the second key of a name; the first stays in force until it is retired. Like `add`.

    Raises HandoffKeyNotFound too.
    """
    hold({by: Right.OWN})
    name = connection().execute(_NAME, {"key_id": key_id}).scalar()
    if name is None:
        raise HandoffKeyNotFound()
    return add(name, text, now=now, by=by)


def retire(key: str, *, now: datetime, by: int | None = None) -> None:
    """End a key, for good: within a second no link that is signed with it is taken.

    Inside an open transaction. Raises NotEntitled, HandoffKeyNotFound.
    """
    if by is not None:
        hold({by: Right.OWN})
    key_id = connection().execute(_RETIRE, {"named": key, "now": now}).scalar()
    if key_id is None:
        raise HandoffKeyNotFound()
    after_commit(_live().forget)
    log.record(by, "handoff_key.retire", "handoff_key", key_id, now=now, before={"key": key})


def every() -> list[PublicKey]:
    """All keys, retired ones too, oldest first."""
    return [PublicKey(*row) for row in read_all(_KEYS)]


def _load_live() -> dict[str, PublicKey]:
    return {row.key: PublicKey(*row) for row in read_all(_LIVE)}


def _live() -> Kept[dict[str, PublicKey]]:
    return kept_by_app("handoff_keys", lambda: Kept(_load_live))


def find(key: str) -> PublicKey | None:
    """The key of that fingerprint that is in force; kept for a second, so that guessing asks no database."""
    return _live()().get(key)
