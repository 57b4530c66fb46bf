"""The site of the demo's invented broker, which has none: its pair of keys, and the client who comes from it."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from itertools import count

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from app.gamification.errors.handoff import PublicKeyKnown
from app.gamification.handoff import keys, signing

NAME = "The demo's own site"
# A client who has never been here, with an account that has traded and is nobody's yet.
CLIENT = "MM-19001"
ACCOUNT = ("mt5", "Meridian-Live", "5989999")
CLAIMS = {
    "name": "Rania Saleh",
    "email": "rania.saleh@example.com",
    "country": "AE",
    "class": "professional",
    "entity": "global",
    "accounts": [{**dict(zip(("platform", "server", "login"), ACCOUNT, strict=True)), "currency": "USD"}],
}


def link(installation_secret: str, audience: str, *, language: str, now: datetime) -> str:
    """The address by which the client comes; the first to come brings the site's public key along.

    A key that a visitor at the desk has retired gives way to the next. Inside an open transaction.
    """
    retired = {key.key: key.retired_at is not None for key in keys.every()}
    pair = next(pair for pair in map(_pair(installation_secret), count()) if not retired.get(pair.thumbprint()))
    if pair.thumbprint() not in retired:
        # Somebody else may have come first at this moment.
        with suppress(PublicKeyKnown):
            keys.add(NAME, json.dumps(pair.as_dict(private=False)), now=now)
    return signing.link(pair, CLIENT, audience, now=now, language=language, **CLAIMS)


def _pair(installation_secret: str) -> Callable[[int], OKPKey]:
    """The site's pairs of keys by number: always the same for an installation, so that nothing of them need be kept."""

    def pair(number: int) -> OKPKey:
        said = f"{number} {installation_secret}".encode()
        seed = hashlib.blake2b(said, digest_size=32, person=b"laurel-demo-site").digest()
        return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))

    return pair
