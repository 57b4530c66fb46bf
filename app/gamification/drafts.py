"""Drafts: the next revision of a rule, the ladder or a pack, while it is being written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.gamification.approvals import proposals
from app.gamification.errors.desk import DraftChanged, DraftNotFound, KeyTaken
from app.models.base import connection, is_sqlite, read_all, read_one
from app.models.desk import Draft as DraftRow
from app.models.desk import Proposal
from app.models.people import Staff


class Draft(NamedTuple):
    """A draft as it was last saved. `subject_id` is the rule or pack it revises, None for a new one."""

    id: int
    kind: str
    subject_id: int | None
    key: str
    definition: Mapping[str, Any]
    based_on: int
    version: int
    changed_by: int | None
    changed_at: datetime


class Published(NamedTuple):
    """How a draft became a revision: of what, which one, and who approved it."""

    subject_id: int | None  # None: of something new
    key: str  # of that; "" of the ladder
    number: int
    by: str


_COLUMNS = (
    DraftRow.id,
    DraftRow.kind,
    DraftRow.subject_id,
    DraftRow.key,
    DraftRow.definition,
    DraftRow.based_on,
    DraftRow.version,
    DraftRow.changed_by,
    DraftRow.changed_at,
)
_BY_ID = select(*_COLUMNS).where(DraftRow.id == bindparam("draft_id"))
_BY_SUBJECT = select(*_COLUMNS).where(DraftRow.kind == bindparam("of"), DraftRow.subject_id == bindparam("subject"))
_BY_KIND = select(*_COLUMNS).where(DraftRow.kind == bindparam("of")).order_by(DraftRow.id)
_LOCK = _BY_ID.with_for_update()
_PUBLISHED = (
    select(Proposal.subject_id, Proposal.payload, Staff.name)
    .join(Staff, Staff.id == Proposal.decided_by)
    .where(Proposal.draft_id == bindparam("draft"), Proposal.state == "approved")
    .order_by(Proposal.id.desc())
    .limit(1)
)
_WRITER = select(Staff.name).where(Staff.id == bindparam("writer"))
_END_PROPOSED = delete(DraftRow).where(
    DraftRow.id == select(Proposal.draft_id).where(Proposal.id == bindparam("proposal")).scalar_subquery()
)
# Two who begin at the same moment: one waits for the other's commit, and then finds the key taken.
_BEGIN = {
    dialect: dialect.insert(DraftRow).on_conflict_do_nothing().returning(DraftRow.id)
    for dialect in (postgresql, sqlite)
}


def read(draft_id: int) -> Draft | None:
    """A draft by id."""
    return _draft(read_one(_BY_ID, {"draft_id": draft_id}))


def of(kind: str, subject_id: int) -> Draft | None:
    """The draft that revises this."""
    return _draft(read_one(_BY_SUBJECT, {"of": kind, "subject": subject_id}))


def every(kind: str) -> list[Draft]:
    """All drafts of a kind, oldest first."""
    return [Draft._make(row) for row in read_all(_BY_KIND, {"of": kind})]


def publication_of(draft_id: int) -> Published | None:
    """How a draft that is not there any more was published; None where it was thrown away, or never was."""
    row = read_one(_PUBLISHED, {"draft": draft_id})
    if row is None:
        return None
    return Published(row.subject_id, row.payload.get("key", ""), row.payload["based_on"] + 1, row.name)


def writer_of(draft: Draft) -> str:
    """Who saved a draft last."""
    row = read_one(_WRITER, {"writer": draft.changed_by})
    return "" if row is None else str(row.name)


def begin(
    by: int,
    kind: str,
    subject_id: int | None,
    key: str,
    definition: Mapping[str, Any],
    based_on: int,
    *,
    now: datetime,
) -> int:
    """Open a draft; its id. Inside an open transaction. Raises KeyTaken where one of that key is being written."""
    values = {"kind": kind, "subject_id": subject_id, "key": key, "definition": definition, "based_on": based_on}
    statement = _BEGIN[sqlite if is_sqlite(connection()) else postgresql]
    said = values | {"version": 1, "changed_by": by}
    draft_id: int | None = connection().execute(statement, {**said, "changed_at": now}).scalar()
    if draft_id is None:
        raise KeyTaken(key=key)
    return draft_id


def save(by: int, draft_id: int, definition: Mapping[str, Any], version: int, *, now: datetime) -> int:
    """Store what was written over that version; the new one. An open proposal of the draft falls.

    Inside an open transaction. Raises DraftNotFound, and DraftChanged when somebody else saved in between.
    """
    draft = seen(draft_id, version)
    if draft.definition == definition:
        return version
    proposals.void_of_draft(by, draft_id, now=now)
    connection().execute(
        update(DraftRow)
        .where(DraftRow.id == draft_id)
        .values(definition=definition, version=version + 1, changed_by=by, changed_at=now)
    )
    return version + 1


def discard(by: int, draft_id: int, *, now: datetime) -> None:
    """Throw a draft away, and its open proposal with it. Inside an open transaction. Raises DraftNotFound.

    Who throws away what stood on a page asks `seen` first: what was saved since is somebody's work.
    """
    locked(draft_id)
    proposals.void_of_draft(by, draft_id, now=now)
    connection().execute(delete(DraftRow).where(DraftRow.id == draft_id))


def make_room(by: int, kind: str, subject_id: int, instead_of: tuple[int, int], *, now: datetime) -> None:
    """Let the draft that revises this go, where it is the one that was seen, at the version that was seen.

    Inside an open transaction. Raises DraftChanged where it is another one, or was saved since.
    """
    found = _draft(connection().execute(_BY_SUBJECT, {"of": kind, "subject": subject_id}).first())
    if found is None:
        return
    if found.id != instead_of[0]:
        raise DraftChanged()
    seen(*instead_of, kind)
    discard(by, found.id, now=now)


def published(draft_id: int) -> None:
    """The draft has become a revision. Inside the transaction that published it."""
    connection().execute(delete(DraftRow).where(DraftRow.id == draft_id))


def published_by(proposal_id: int) -> None:
    """The draft that was proposed has become a revision. Inside the transaction that published it."""
    connection().execute(_END_PROPOSED, {"proposal": proposal_id})


def locked(draft_id: int, kind: str = "") -> Draft:
    """A draft that nobody else can change until the commit. Raises DraftNotFound, also where it is of another kind."""
    found = _draft(connection().execute(_LOCK, {"draft_id": draft_id}).first())
    if found is None or (kind and found.kind != kind):
        raise DraftNotFound()
    return found


def seen(draft_id: int, version: int, kind: str = "") -> Draft:
    """The same, as it was on somebody's page. Raises DraftNotFound, DraftChanged."""
    found = locked(draft_id, kind)
    if found.version != version:
        raise DraftChanged()
    return found


def _draft(row: Any) -> Draft | None:
    return None if row is None else Draft._make(row)
