"""Writing a sign-in link as the broker's site does: to try one at the console, and for the demo."""

import json
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jws
from joserfc.jwk import OKPKey

from app.gamification.errors.handoff import BadPrivateKey
from app.gamification.handoff.links import LONGEST_LIFE

PATH = "/auth/handoff"


def private_key(pem: bytes) -> OKPKey:
    """The private half of a pair as openssl writes it, without a passphrase; raises BadPrivateKey."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadPrivateKey() from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadPrivateKey()
    return OKPKey.import_key(key)


def link(key: OKPKey, client: str, audience: str, *, now: datetime, **claims: Any) -> str:
    """The address that signs a client in once, within a minute; `claims` are those of `links.Claims`."""
    issued = int(now.timestamp())
    said = {
        "sub": client,
        "aud": audience.rstrip("/"),
        "iat": issued,
        "exp": issued + int(LONGEST_LIFE.total_seconds()),
        "jti": secrets.token_hex(16),
        **claims,
    }
    header = {"alg": "Ed25519", "kid": key.thumbprint(), "typ": "JWT"}
    token = jws.serialize_compact(header, json.dumps(said).encode(), key, algorithms=["Ed25519"])
    return f"{audience.rstrip('/')}{PATH}?{urlencode({'token': token})}"
