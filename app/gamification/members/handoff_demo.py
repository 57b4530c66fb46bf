"""The site of the demo's invented broker, which has none: its pair of keys, and the client who comes from it."""

import hashlib
import json
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from app.gamification.members import handoff_keys, handoff_signing

NAME = "Client portal"
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


def open_site(installation_secret: str, *, now: datetime) -> int:
    """Let the programme know the site's public key; its id. Inside an open transaction."""
    public = json.dumps(_key(installation_secret).as_dict(private=False))
    return handoff_keys.add(NAME, public, now=now)


def link(installation_secret: str, audience: str, *, language: str, now: datetime) -> str:
    """The address by which the client comes."""
    key = _key(installation_secret)
    return handoff_signing.link(key, CLIENT, audience, now=now, language=language, **CLAIMS)


def _key(installation_secret: str) -> OKPKey:
    # The same for an installation at all times, so that nothing of it need be kept.
    seed = hashlib.blake2b(installation_secret.encode(), digest_size=32, person=b"laurel-demo-site").digest()
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))
