"""Proof of the audit log: every hash computed again, from the first entry to its end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text

from app.gamification.audit.log import chained
from app.models import bulk
from app.models.base import connection, read_one, reader, transaction
from app.models.desk import AuditCheck

CHUNK = 5_000

_ENTRIES = (
    "SELECT seq, made_at, staff_id, action, subject_kind, subject_id, before, after, hash FROM audit_entry"
    f" WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT {CHUNK}"
)
_HEAD = text("SELECT seq, hash FROM audit_head")
# In one statement, so that an entry written meanwhile is on both sides or on neither.
_BEYOND = text("SELECT min(e.seq) FROM audit_entry e JOIN audit_head h ON e.seq > h.seq")
_LAST_CHECK = select(AuditCheck).order_by(AuditCheck.id.desc()).limit(1)
_LAST_GOOD = select(AuditCheck).where(AuditCheck.bad_seq.is_(None)).order_by(AuditCheck.id.desc()).limit(1)


@dataclass(frozen=True)
class BadEntry:
    """The first entry that is not as it was written; `what`: changed, dropped, inserted, or rewritten.

    Rewritten: the chain holds, but not the one whose end was noted before.
    """

    seq: int
    what: str


@dataclass(frozen=True)
class Report:
    """How many entries are as they were written, the hash of the last of them, and the first that is not."""

    entries: int
    hash: bytes
    bad: BadEntry | None


def verify(noted: Mapping[int, bytes] | None = None) -> Report:
    """Compute the chain again beside the running programme; stops at the first entry that is not as it was.

    `noted` are ends of the log that were kept elsewhere: number → hash. The last good check is held against it too.
    """
    ends = dict(noted or {})
    if (good := read_one(_LAST_GOOD)) is not None and good.entries:
        ends.setdefault(good.entries, bytes(good.hash))
    last, end = read_one(_HEAD)
    report = _walk(last, ends)
    if report.bad is not None:
        return report
    if report.hash != bytes(end):
        return Report(report.entries, report.hash, BadEntry(last, "changed"))
    if beyond := read_one(_BEYOND)[0]:
        return Report(report.entries, report.hash, BadEntry(beyond, "inserted"))
    if missing := [seq for seq in ends if seq > last]:
        return Report(report.entries, report.hash, BadEntry(min(last + 1, *missing), "dropped"))
    return report


def check(now: datetime, noted: Mapping[int, bytes] | None = None) -> Report:
    """Verify, and keep what was found for the pages of the staff area."""
    report = verify(noted)
    with transaction():
        values = {"made_at": now, "entries": report.entries, "hash": report.hash}
        bad = {"bad_seq": report.bad.seq, "what": report.bad.what} if report.bad else {"bad_seq": None, "what": ""}
        connection().execute(insert(AuditCheck).values(**values, **bad))
    return report


def last_check() -> Any:
    """What the last check found, as a row; None before the first."""
    return read_one(_LAST_CHECK)


def note_end(report: Report, now: datetime, folder: Path) -> None:
    """Append the end of the log to `roots.log`, to be kept where nobody of this system can write."""
    line = {"audit": report.entries, "at": now.isoformat(), "hash": report.hash.hex()}
    with (folder / "roots.log").open("a", encoding="ascii") as log:
        log.write(json.dumps(line) + "\n")


def noted_ends(path: Path) -> dict[int, bytes]:
    """The ends of the audit log that a copy of `roots.log` holds. Raises OSError, and ValueError for another file."""
    lines = [json.loads(line) for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    return {line["audit"]: bytes.fromhex(line["hash"]) for line in lines if line.get("audit")}


def _walk(last: int, ends: Mapping[int, bytes]) -> Report:
    head, seq = b"", 0
    while seq < last:
        with reader().connect() as conn:
            rows = bulk.tuples(conn, _ENTRIES, (seq, last))
        if not rows:
            return Report(seq, head, BadEntry(seq + 1, "dropped"))
        for *row, kept in rows:
            if row[0] != seq + 1:
                return Report(seq, head, BadEntry(seq + 1, "dropped"))
            following = chained(head, tuple(row))
            if following != bytes(kept):
                return Report(seq, head, BadEntry(row[0], "changed"))
            if ends.get(row[0], following) != following:
                return Report(seq, head, BadEntry(row[0], "rewritten"))
            head, seq = following, row[0]
    return Report(seq, head, None)
