"""Reading the audit log."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from app.models.base import read_all
from app.models.desk import AuditEntry
from app.models.people import Staff


class Entry(NamedTuple):
    """One act: `staff` is the name of who did it, None for the console and the programme itself."""

    seq: int
    made_at: datetime
    staff_id: int | None
    staff: str | None
    action: str
    subject_kind: str
    subject_id: int | None
    before: dict[str, Any]
    after: dict[str, Any]


ENTRIES = (
    select(
        AuditEntry.seq,
        AuditEntry.made_at,
        AuditEntry.staff_id,
        Staff.name,
        AuditEntry.action,
        AuditEntry.subject_kind,
        AuditEntry.subject_id,
        AuditEntry.before,
        AuditEntry.after,
    )
    .join(Staff, Staff.id == AuditEntry.staff_id, isouter=True)
    .order_by(AuditEntry.seq.desc())
)
_OF_SUBJECT = ENTRIES.where(
    AuditEntry.subject_kind == bindparam("kind"), AuditEntry.subject_id == bindparam("subject")
).limit(bindparam("most"))


def of_subject(kind: str, subject_id: int, most: int = 200) -> list[Entry]:
    """What was done to one thing, newest first."""
    return [entry(row) for row in read_all(_OF_SUBJECT, {"kind": kind, "subject": subject_id, "most": most})]


def entry(row: Any) -> Entry:
    """A row of `ENTRIES`, its JSON read."""
    *places, before, after = row
    return Entry._make((*places, *(json.loads(said) if said else {} for said in (before, after))))
