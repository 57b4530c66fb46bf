"""Quarantine: what came again under a known id with another content. The first stands; staff look at both."""

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, select

from app.gamification.activities import BY_CODE, facts_of
from app.gamification.audit import log
from app.gamification.errors.system import QuarantineNotFound
from app.gamification.staff.rights import Right, hold
from app.models.activity import Activity, Quarantine, Source
from app.models.base import connection, read_all, read_one

_QUARANTINED = (
    select(Quarantine.id, Quarantine.external_id, Quarantine.recorded_at, Source.key.label("source"))
    .join(Source, Source.id == Quarantine.source_id)
    .order_by(Quarantine.id.desc())
    .limit(bindparam("most"))
)
_CONFLICT = (
    select(
        Quarantine.id,
        Quarantine.external_id,
        Quarantine.recorded_at,
        Quarantine.body,
        Source.key.label("source"),
        Activity.kind,
        Activity.data,
        Activity.occurred_at,
        Activity.recorded_at.label("first_at"),
    )
    .join(Source, Source.id == Quarantine.source_id)
    .join(
        Activity,
        and_(Activity.source_id == Quarantine.source_id, Activity.external_id == Quarantine.external_id),
        isouter=True,
    )
    .where(Quarantine.id == bindparam("conflict_id"))
)
_DISMISS = delete(Quarantine).where(Quarantine.id == bindparam("conflict_id"))


class Figure(NamedTuple):
    """One figure of an activity, as it came first and as it came again."""

    name: str
    first: str
    again: str

    @property
    def differs(self) -> bool:
        """Whether the two say something else."""
        return self.first != self.again


class Conflict(NamedTuple):
    """An activity that came again under its id with another content."""

    id: int
    source: str
    external_id: str
    kind: str  # title, marked for translation; "" where the first is not known
    first_at: datetime | None
    again_at: datetime
    figures: tuple[Figure, ...]


def newest(most: int) -> Sequence[Any]:
    """What came last: id, external_id, recorded_at and source."""
    return read_all(_QUARANTINED, {"most": most})


def conflict(conflict_id: int) -> Conflict:
    """Both contents side by side. Raises QuarantineNotFound."""
    row = read_one(_CONFLICT, {"conflict_id": conflict_id})
    if row is None:
        raise QuarantineNotFound()
    kind = BY_CODE.get(row.kind) if row.kind is not None else None
    figures = tuple(_figures(row.kind, row.data or "[]", row.body)) if kind else ()
    title = kind.title if kind else ""
    return Conflict(row.id, row.source, row.external_id, title, row.first_at, row.recorded_at, figures)


def dismiss(by: int, conflict_id: int, *, now: datetime) -> None:
    """Let what came again go: the first stands. Inside an open transaction. Raises QuarantineNotFound."""
    hold({by: Right.CONFIGURE})
    row = connection().execute(_CONFLICT, {"conflict_id": conflict_id}).first()
    if row is None or not connection().execute(_DISMISS, {"conflict_id": conflict_id}).rowcount:
        raise QuarantineNotFound()
    before = {"source": row.source, "id": row.external_id}
    log.record(by, "quarantine.dismiss", "quarantine", conflict_id, now=now, before=before)


def _figures(kind: int, first: str, again: str) -> list[Figure]:
    names = BY_CODE[kind].facts._fields  # type: ignore[attr-defined]
    try:
        pairs = zip(names, facts_of(kind, first), facts_of(kind, again), strict=True)
        return [Figure(name, _said(one), _said(other)) for name, one, other in pairs]
    except TypeError:  # it came again as another kind, or as a bust
        columns = zip_longest(json.loads(first), json.loads(again), fillvalue=None)
        return [Figure(str(place), _said(one), _said(other)) for place, (one, other) in enumerate(columns, 1)]


def _said(value: Any) -> str:
    return "" if value is None else str(value)
