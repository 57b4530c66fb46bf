"""Signatures of API requests: HMAC-SHA-256 over method, path with query, timestamp and raw body.

The layout is that of signed webhooks in the field (Stripe, GitHub): a version, a timestamp that is part of what is
signed, and the body exactly as sent.
"""

import hashlib
import hmac

VERSION = "v1"
TOLERANCE_SECONDS = 300


def sign(secret: bytes, method: str, target: str, timestamp: str, body: bytes) -> str:
    """The value of `X-Laurel-Signature`: `v1=` and 64 hex digits."""
    head = f"{method.upper()}\n{target}\n{timestamp}\n".encode()
    return f"{VERSION}={hmac.new(secret, head + body, hashlib.sha256).hexdigest()}"


def is_signed(secret: bytes, method: str, target: str, timestamp: str, body: bytes, signature: str) -> bool:
    """Whether the signature is ours, compared in constant time."""
    return hmac.compare_digest(sign(secret, method, target, timestamp, body).encode(), signature.encode())


def is_timely(timestamp: str, now_seconds: float) -> bool:
    """Whether the sender's clock is within five minutes of ours; False for anything that is no whole number."""
    return (
        timestamp.isascii()
        and timestamp.isdigit()
        and len(timestamp) <= 12
        and abs(int(timestamp) - now_seconds) <= TOLERANCE_SECONDS
    )
