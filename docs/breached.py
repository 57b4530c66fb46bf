"""Makes the list of passwords that nobody may choose: `.venv/bin/python docs/breached.py LIST…`, a password a line.

The list in the repository was made of the top million of the 10-million-password list of SecLists and of the 30,000 of
zxcvbn (both MIT). Only what a password may be long enough to be is kept.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.gamification.members.breached import FILE, digest
from app.gamification.members.passwords import SHORTEST


def main() -> None:
    found: set[bytes] = set()
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8", errors="ignore") as lines:
            found |= {digest(line.rstrip("\r\n")) for line in lines if len(line.rstrip("\r\n")) >= SHORTEST}
    FILE.write_bytes(b"".join(sorted(found)))
    print(f"{len(found):,} passwords, {FILE.stat().st_size:,} bytes in {FILE}")


if __name__ == "__main__":
    main()
