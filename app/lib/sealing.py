"""Secrets kept at rest: sealed with the installation's key, opened only where they are used."""

import base64
import hashlib

from cryptography.fernet import Fernet


class Sealer:
    """Seals short secrets (API secrets, one-time passwords) with a key derived from the installation's secret."""

    def __init__(self, installation_secret: str) -> None:
        key = hashlib.blake2b(installation_secret.encode(), digest_size=32, person=b"laurel-sealing").digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, secret: str) -> bytes:
        """The sealed bytes of a secret."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret again; raises cryptography.fernet.InvalidToken when the key or the bytes are wrong."""
        return self._fernet.decrypt(sealed).decode()
