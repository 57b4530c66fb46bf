"""Passwords that others have lost before: hashes in a file of their own, looked up here and asked of nobody.

The file holds the first five bytes of the BLAKE2b hash of each password, sorted; docs/breached.py makes it. With some
hundred thousand of them among 2**40, a password that nobody ever had is refused once in ten million.
"""

import hashlib
from functools import cache
from pathlib import Path

WIDTH = 5  # bytes of a hash that are kept
PERSON = b"laurel-breached"
FILE = Path(__file__).with_name("passwords.bin")


def is_breached(password: str) -> bool:
    """Whether a password, however it is capitalised, is one that attackers try because others have had it."""
    kept, wanted = _kept(), digest(password)
    low, high = 0, len(kept) // WIDTH
    while low < high:
        middle = (low + high) // 2
        if kept[middle * WIDTH : (middle + 1) * WIDTH] < wanted:
            low = middle + 1
        else:
            high = middle
    return kept[low * WIDTH : (low + 1) * WIDTH] == wanted


def digest(password: str) -> bytes:
    """What the file holds of a password."""
    return hashlib.blake2b(password.casefold().encode(), digest_size=WIDTH, person=PERSON).digest()


@cache
def _kept() -> bytes:
    # Read at the first password that is set, not at the start: most processes never set one.
    return FILE.read_bytes()
