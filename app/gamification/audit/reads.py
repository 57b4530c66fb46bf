"""Reading the audit log: of one thing, or narrowed by who, what and when, page after page by number."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, text

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


def _each(column: str) -> Any:
    return text(
        f"WITH RECURSIVE each(value) AS (SELECT min({column}) FROM audit_entry UNION ALL"
        f" SELECT (SELECT min({column}) FROM audit_entry WHERE {column} > each.value) FROM each"
        " WHERE each.value IS NOT NULL) SELECT value FROM each WHERE value IS NOT NULL"
    )


_ACTIONS, _SUBJECT_KINDS = _each("action"), _each("subject_kind")
_ACTORS = (
    select(Staff.id, Staff.name)
    .where(select(AuditEntry.seq).where(AuditEntry.staff_id == Staff.id).exists())
    .order_by(func.lower(Staff.name), Staff.id)
)


def of_subject(kind: str, subject_id: int, most: int = 200) -> list[Entry]:
    """What was done to one thing, newest first."""
    return [entry(row) for row in read_all(_OF_SUBJECT, {"kind": kind, "subject": subject_id, "most": most})]


class Asked(NamedTuple):
    """What the log is narrowed to; `since` is inclusive, `until` is not."""

    staff_id: int | None = None
    action: str = ""  # "entity.update", or the noun alone
    subject_kind: str = ""
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None  # entries older than this one


def page(asked: Asked, most: int) -> list[Entry]:
    """Entries, newest first."""
    statement = ENTRIES
    if asked.staff_id is not None:
        # Nobody's number: what the console and the programme itself did.
        statement = statement.where(AuditEntry.staff_id == (asked.staff_id or None))
    if asked.action:
        # The noun alone stands for all its verbs: everything between "entity." and "entity/".
        verbs = AuditEntry.action.startswith(f"{asked.action}.", autoescape=True)
        statement = statement.where(AuditEntry.action == asked.action if "." in asked.action else verbs)
    if asked.subject_kind:
        statement = statement.where(AuditEntry.subject_kind == asked.subject_kind)
    if asked.subject_id is not None:
        statement = statement.where(AuditEntry.subject_id == asked.subject_id)
    if asked.since is not None:
        statement = statement.where(AuditEntry.made_at >= asked.since)
    if asked.until is not None:
        statement = statement.where(AuditEntry.made_at < asked.until)
    if asked.before is not None:
        statement = statement.where(AuditEntry.seq < asked.before)
    return [entry(row) for row in read_all(statement.limit(most))]


def actions() -> list[str]:
    """Every action that was ever recorded, in order; by skipping through the index, however long the log is."""
    return [row.value for row in read_all(_ACTIONS)]


def subject_kinds() -> list[str]:
    """Every kind of thing that something was ever done to."""
    return [row.value for row in read_all(_SUBJECT_KINDS)]


def actors() -> list[tuple[int, str]]:
    """Everybody of the staff who ever did something, by name."""
    return [(row.id, row.name) for row in read_all(_ACTORS)]


def entry(row: Any) -> Entry:
    """A row of `ENTRIES`, its JSON read."""
    *places, before, after = row
    return Entry._make((*places, *(json.loads(said) if said else {} for said in (before, after))))
