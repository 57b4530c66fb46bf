"""Adding to the audit log: one entry an act, chained to the one before, in the transaction of the act itself."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from app.lib.clock import to_micros
from app.models.base import connection
from app.models.desk import AuditEntry, AuditHead

_LOCK = select(AuditHead.seq, AuditHead.hash).with_for_update()


def record(
    staff_id: int | None,
    action: str,
    subject_kind: str,
    subject_id: int | None = None,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> int:
    """Add an entry; its number. The last statement of a transaction, because everyone who acts locks the log's end.

    `action` is "<noun>.<verb>". `before` and `after` hold what changed and only that, as plain JSON: ids, keys and
    figures, never a name, an email or an address of a person, for an entry outlives everyone's erasure.
    """
    conn = connection()
    seq, previous = conn.execute(_LOCK).one()
    row = (seq + 1, to_micros(now), staff_id, action, subject_kind, subject_id, _json(before), _json(after))
    entry_hash = chained(bytes(previous), row)
    names = ("seq", "made_at", "staff_id", "action", "subject_kind", "subject_id", "before", "after")
    conn.execute(insert(AuditEntry).values(**dict(zip(names, row, strict=True)) | {"made_at": now, "hash": entry_hash}))
    conn.execute(update(AuditHead).values(seq=seq + 1, hash=entry_hash))
    return int(seq) + 1


def chained(previous: bytes, row: tuple[Any, ...]) -> bytes:
    """SHA-256 of the hash before and the canonical row: its places as JSON, equal on both databases.

    `row` is (seq, made_at in microseconds, staff id, action, kind and id of the subject, before, after).
    """
    canonical = json.dumps(row, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous + canonical.encode()).digest()


def _json(facts: Mapping[str, Any] | None) -> str:
    return json.dumps(facts, separators=(",", ":"), sort_keys=True, ensure_ascii=False) if facts else ""
