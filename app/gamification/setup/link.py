"""The one-time link to an installation's setup: told at the console, only its hash is kept, in the data folder."""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

VALID_FOR = timedelta(hours=24)


class SetupLink:
    """The link of one data folder. Each new one ends the one before; finishing the setup ends it for good."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "setup_link"

    def renew(self, now: datetime) -> str:
        """Make a new token; the only moment it can be read."""
        token = secrets.token_urlsafe(24)
        kept = json.dumps({"hash": hash_of(token), "until": (now + VALID_FOR).isoformat()})
        draft = self._file.with_name(f".{self._file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(kept)
        draft.replace(self._file)
        return token

    def is_opened_by(self, token_hash: str, now: datetime) -> bool:
        """Whether a token of this hash opens the setup at this moment."""
        try:
            kept = json.loads(self._file.read_text(encoding="ascii"))
            valid_until = datetime.fromisoformat(kept["until"])
            return hmac.compare_digest(kept["hash"].encode(), token_hash.encode()) and now < valid_until
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False

    def burn(self) -> None:
        """End it: the setup is finished."""
        with contextlib.suppress(FileNotFoundError):
            self._file.unlink()


def hash_of(token: str) -> str:
    """What is kept of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
