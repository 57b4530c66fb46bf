"""Who sends: the key named in the header, the sender's clock, and the signature over what was sent."""

import time
from functools import lru_cache
from typing import Any

from cryptography.fernet import InvalidToken
from structlog import get_logger

from app.gamification import keys
from app.lib import signing
from app.lib.sealing import Sealer
from app.routes.api.problems import Refused
from app.routes.settings import settings

log = get_logger(__name__)

CHALLENGE = {"WWW-Authenticate": 'Laurel-HMAC-SHA256 headers="X-Laurel-Key X-Laurel-Timestamp X-Laurel-Signature"'}


def key_of(environ: dict[str, Any]) -> keys.Key:
    """The key that a request names, its clock being right; raises Refused. Nothing of the body is read for it."""
    name, timestamp = environ.get("HTTP_X_LAUREL_KEY"), environ.get("HTTP_X_LAUREL_TIMESTAMP")
    if not name or not timestamp or not environ.get("HTTP_X_LAUREL_SIGNATURE"):
        raise Refused("not_signed", headers=CHALLENGE)
    key = keys.find(name)
    if key is None:
        raise Refused("unknown_key", headers=CHALLENGE)
    if not signing.is_timely(timestamp, time.time()):
        raise Refused("stale_timestamp", headers=CHALLENGE)
    return key


def check(key: keys.Key, environ: dict[str, Any], body: bytes) -> None:
    """Raises Refused unless the holder of the key has signed this very request."""
    query = environ.get("QUERY_STRING", "")
    target = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"] + (f"?{query}" if query else "")
    signed = signing.is_signed(
        _secret(key.sealed, settings().installation_secret),
        environ["REQUEST_METHOD"],
        target,
        environ["HTTP_X_LAUREL_TIMESTAMP"],
        body,
        environ["HTTP_X_LAUREL_SIGNATURE"],
    )
    if not signed:
        raise Refused("bad_signature", headers=CHALLENGE)


# Opening a seal takes longer than checking a signature.
@lru_cache(maxsize=1024)
def _secret(sealed: bytes, installation_secret: str) -> bytes:
    try:
        return Sealer(installation_secret).open(sealed).encode()
    except InvalidToken:
        log.error("a key was sealed under another installation's secret: make a new one with `keys create`")
        raise Refused("unknown_key", headers=CHALLENGE) from None
