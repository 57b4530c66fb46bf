"""Passwords: argon2id hashes, and what makes a password too easy to guess."""

import re

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.gamification.errors.members import PasswordTooCommon, PasswordTooLong, PasswordTooShort
from app.gamification.members.breached import is_breached

SHORTEST, LONGEST = 10, 200
FEWEST_DIFFERENT, FEWEST_OWN = 5, 6

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
    """Refuse what an attacker tries first, of members and staff alike; `about` are the owner's email and name.

    Raises PasswordTooShort, PasswordTooLong or PasswordTooCommon.
    """
    if len(password) < SHORTEST:
        raise PasswordTooShort(shortest=SHORTEST)
    if len(password) > LONGEST:
        raise PasswordTooLong(longest=LONGEST)
    folded = password.casefold()
    letters = re.sub(r"[\W\d_]+", "", folded)
    if (
        len(set(folded)) < FEWEST_DIFFERENT
        or letters in _COMMON
        or len(_without(folded, about)) < FEWEST_OWN
        or any(folded in line or folded in line[::-1] for line in _SEQUENCES)
        or is_breached(password)
    ):
        raise PasswordTooCommon()


def _without(folded: str, about: tuple[str, ...]) -> str:
    """What is left of a password without the words that others know of its owner."""
    known = {word for text in about for word in re.split(r"[\W_]+", text.casefold()) if len(word) > 3}
    for word in sorted(known, key=len, reverse=True):
        folded = folded.replace(word, "")
    return folded


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its parameters and salt."""
    return _hasher.hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Whether it is the password of that hash; takes as long when there is no hash."""
    try:
        return _hasher.verify(hashed or _NOBODY, password[:LONGEST]) and bool(hashed)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(hashed: str) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(hashed)
