"""Adding to the audit log: one entry an act, chained to the one before, in the transaction of the act itself."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from app.lib.clock import to_micros
from app.models.base import connection
from app.models.desk import AuditEntry, AuditHead

# Made once: proving a million entries writes as many.
_canonical = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_LOCK = select(AuditHead.seq, AuditHead.hash).with_for_update()
_ADD = insert(AuditEntry)
_MOVE_HEAD = update(AuditHead).values(seq=bindparam("last"), hash=bindparam("head"))
_NAMES = ("seq", "made_at", "staff_id", "action", "subject_kind", "subject_id", "before", "after", "hash")


class Act(NamedTuple):
    """What somebody did, before it has its number; see `record`."""

    action: str
    subject_kind: str
    subject_id: int | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


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
    return record_all(staff_id, [Act(action, subject_kind, subject_id, before, after)], now=now)


def record_all(staff_id: int | None, acts: Sequence[Act], *, now: datetime) -> int:
    """Add an entry for each of many acts that were one, such as the rows of a file; the number of the last."""
    conn = connection()
    last, previous = conn.execute(_LOCK).one()
    head, rows = bytes(previous), []
    for seq, act in enumerate(acts, start=last + 1):
        told = (act.action, act.subject_kind, act.subject_id, _json(act.before), _json(act.after))
        head = chained(head, (seq, to_micros(now), staff_id, *told))
        rows.append(dict(zip(_NAMES, (seq, now, staff_id, *told, head), strict=True)))
    if rows:
        conn.execute(_ADD, rows)
        conn.execute(_MOVE_HEAD, {"last": last + len(rows), "head": head})
    return int(last) + len(rows)


def chained(previous: bytes, row: tuple[Any, ...]) -> bytes:
    """SHA-256 of the hash before and the canonical row: its places as JSON, equal on both databases.

    `row` is (seq, made_at in microseconds, staff id, action, kind and id of the subject, before, after).
    """
    return hashlib.sha256(previous + _canonical(row).encode()).digest()


def _json(facts: Mapping[str, Any] | None) -> str:
    return json.dumps(facts, separators=(",", ":"), sort_keys=True, ensure_ascii=False) if facts else ""
