"""Passwords: argon2id hashes, and what makes a password too easy to guess."""

import re

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.gamification.errors import PasswordTooCommon, PasswordTooLong, PasswordTooShort

SHORTEST, LONGEST = 10, 200
FEWEST_DIFFERENT = 5

# OWASP's argon2id parameters with the least memory: 32 threads that sign in at once need 0.6 GB, not 2 GB.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Checked when nobody has the address, so that the answer takes as long as for someone who has.
_NOBODY = _hasher.hash("nobody has this password")

_WORDS = """
password passwort qwerty qwertyuiop qwertz azerty asdfghjkl zxcvbnm letmein welcome admin administrator iloveyou
monkey dragon football baseball sunshine princess superman batman master shadow trustno starwars whatever computer
internet samsung google facebook bitcoin forex trading trader metatrader laurel meridian changeme secret login abc
abcdef abcdefgh abcdefghij test testtest default guest money dollar
"""
_COMMON = frozenset(_WORDS.split())
_SEQUENCES = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def check_strength(password: str, *about: str) -> None:
    """Refuse what an attacker tries first; `about` are the member's email and name.

    Raises PasswordTooShort, PasswordTooLong or PasswordTooCommon.
    """
    if len(password) < SHORTEST:
        raise PasswordTooShort(shortest=SHORTEST)
    if len(password) > LONGEST:
        raise PasswordTooLong(longest=LONGEST)
    folded = password.casefold()
    letters = re.sub(r"[\W\d_]+", "", folded)
    personal = {part for text in about for part in re.split(r"[\W_]+", text.casefold()) if len(part) > 3}
    if (
        len(set(folded)) < FEWEST_DIFFERENT
        or letters in _COMMON
        or letters in personal
        or any(folded in line or folded in line[::-1] for line in _SEQUENCES)
    ):
        raise PasswordTooCommon()


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its parameters and salt."""
    return _hasher.hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Whether it is the password of that hash; takes as long when there is no hash."""
    try:
        return _hasher.verify(hashed or _NOBODY, password[:LONGEST]) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(hashed: str) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(hashed)
