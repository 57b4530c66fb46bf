"""A badge that a member shows to others: its address says who holds what, sealed, and nothing is stored.

Whoever opens it asks again whether it still holds: it stops when the level is lost, when the member leaves, and when
they change their alias, which is all that it shows of them.
"""

import base64
import hashlib
import struct
from datetime import datetime
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import text

from app.gamification.badges.compiled import CompiledBadge
from app.gamification.badges.reads import Held
from app.gamification.errors.badges import BadgeNotFound, BadgeNotHeld, HiddenBadge, NoAlias, NotShared
from app.gamification.ledger.outcome import compiled
from app.gamification.members.sign_ins import SignedIn
from app.gamification.playable import badge_by_id
from app.lib.clock import from_micros
from app.lib.i18n import LANGUAGES
from app.models.base import read_one

_PLACES = struct.Struct(">QIBB6s")
_LENGTH = 48  # of an address: 36 bytes in base64
_CODES = tuple(LANGUAGES)  # their places stand in addresses: only add
_HOLDS = text(
    "SELECT m.alias, a.awarded_at FROM member m JOIN badge_award a ON a.member_id = m.id"
    " WHERE m.id = :member AND a.badge_id = :badge AND a.level = :level AND a.fell_at IS NULL"
    " AND m.alias IS NOT NULL AND m.erased_at IS NULL AND m.leaving_at IS NULL"
)


class Shared(NamedTuple):
    """What an address shows; `language` is the one that its owner reads."""

    badge: CompiledBadge
    level: int
    alias: str
    awarded_at: datetime
    language: str


class Sharing:
    """Makes and reads the addresses, with the secret of an installation."""

    def __init__(self, secret: str) -> None:
        self._sealer = AESSIV(hashlib.blake2b(secret.encode(), digest_size=64, person=b"laurel-badges").digest())

    def token(self, me: SignedIn, key: str, held: Held, language: str) -> str:
        """The part of the address that shows a badge at the level that the member holds.

        Raises BadgeNotFound, HiddenBadge, BadgeNotHeld, NoAlias.
        """
        badge = compiled().play.badges_by_key.get(key)
        if badge is None:
            raise BadgeNotFound()
        level = held.level(badge)
        if not level:
            raise BadgeNotFound() if badge.definition.hidden else BadgeNotHeld()
        if badge.definition.hidden:
            raise HiddenBadge()
        if not me.alias:
            raise NoAlias()
        places = _PLACES.pack(me.id, badge.badge_id, level, _CODES.index(language), _mark(me.alias))
        return base64.urlsafe_b64encode(self._sealer.encrypt(places, None)).decode()

    def read(self, token: str) -> Shared:
        """What it shows. Raises NotShared, for a token that is not ours and for one that holds no more alike."""
        if len(token) != _LENGTH or not token.isascii():
            raise NotShared()
        try:
            places = self._sealer.decrypt(base64.urlsafe_b64decode(token), None)
        except (InvalidTag, ValueError):
            raise NotShared() from None
        member_id, badge_id, level, language, mark = _PLACES.unpack(places)
        row = read_one(_HOLDS, {"member": member_id, "badge": badge_id, "level": level})
        if row is None or _mark(row.alias) != mark:
            raise NotShared()
        badge = badge_by_id(badge_id)
        if badge.definition.hidden:
            raise NotShared()
        return Shared(badge, level, row.alias, from_micros(row.awarded_at), _CODES[language])


def _mark(alias: str) -> bytes:
    return hashlib.blake2b(alias.encode(), digest_size=6).digest()
