"""A public key as it is written, PEM or JWK, and what is none: private keys, and points that sign for anybody."""

import json
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from joserfc.jwk import OKPKey

from app.gamification.errors.handoff import BadPublicKey, PrivateKeyGiven

LONGEST_KEY = 2000
KEY_BYTES = 32
CURVE = "Ed25519"
PRIVATE = "PRIVATE KEY"
# Points of small order, less the sign of x: anybody can sign for them. RFC 8032 does not ask whoever verifies to refuse
# them, and OpenSSL does not.
_ORDER_8 = (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)
_PRIME = 2**255 - 19
_WEAK = frozenset(
    {bytes.fromhex(point) for point in _ORDER_8}
    | {y.to_bytes(KEY_BYTES, "little") for y in (0, 1, _PRIME - 1, _PRIME, _PRIME + 1)}
)


def read(text: str) -> bytes:
    """The 32 bytes of a public key that was given as PEM or JWK; raises BadPublicKey, PrivateKeyGiven."""
    text = text.strip()
    if len(text) > LONGEST_KEY:
        raise BadPublicKey()
    if PRIVATE in text:
        raise PrivateKeyGiven()
    found = _from_jwk(text) if text.startswith("{") else _from_pem(text)
    if found is None or len(found) != KEY_BYTES or _is_weak(found):
        raise BadPublicKey()
    return found


def opened(public_key: str) -> OKPKey:
    """A key by its `x`, as the library that checks signatures takes it."""
    return OKPKey.import_key({"kty": "OKP", "crv": CURVE, "x": public_key})


def fingerprint(public_key: str) -> str:
    """The thumbprint of a key's `x` after RFC 7638: SHA-256 in base64url, 43 characters."""
    return opened(public_key).thumbprint()


def as_pem(public_key: str) -> str:
    """A kept key the way openssl writes one, so that whoever holds the pair can compare."""
    raw = Ed25519PublicKey.from_public_bytes(_decoded(public_key))
    return raw.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _from_jwk(text: str) -> bytes | None:
    try:
        given: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    if "d" in given:
        raise PrivateKeyGiven()
    x = given.get("x")
    if given.get("kty") != "OKP" or given.get("crv") != CURVE or not isinstance(x, str):
        return None
    try:
        return _decoded(x)
    except (NotBase64, ValueError):
        return None


def _from_pem(text: str) -> bytes | None:
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw) if isinstance(key, Ed25519PublicKey) else None


def _decoded(x: str) -> bytes:
    return urlsafe_b64decode(x + "=" * (-len(x) % 4))


def _is_weak(point: bytes) -> bool:
    return bytes([*point[:-1], point[-1] & 0x7F]) in _WEAK
