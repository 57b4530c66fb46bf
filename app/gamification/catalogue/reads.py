"""Challenges, badges and lessons as staff see them: what is in force, the draft, what waits for a decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from app.gamification import drafts
from app.gamification.approvals.waiting import Waiting, waiting
from app.gamification.catalogue.noun import NOUNS, Noun
from app.gamification.catalogue.writing import named, publishes, retires
from app.gamification.drafts import Draft
from app.gamification.errors import NotFound
from app.models.base import read_all, read_one

State = Literal["draft", "proposed", "live", "retired"]


class Revision(NamedTuple):
    """One immutable version."""

    id: int
    number: int
    plain: Mapping[str, Any]
    published_at: datetime


@dataclass(frozen=True)
class View:
    """A thing of the catalogue, or one that is only a draft so far (`id` is None)."""

    noun: Noun
    id: int | None
    key: str
    retired_at: datetime | None
    revisions: tuple[Revision, ...]  # the newest first; of a list that one alone
    draft: Draft | None
    waiting: tuple[Waiting, ...]

    @property
    def live(self) -> Revision | None:
        """The newest revision, offered or not."""
        return self.revisions[0] if self.revisions else None

    @property
    def state(self) -> State:
        """Where it is in its life; a draft or a proposal may stand beside any but the first two."""
        if self.live is None:
            return "proposed" if self.publication else "draft"
        return "retired" if self.retired_at else "live"

    @property
    def plain(self) -> Mapping[str, Any]:
        """What to name it by: the newest revision, else the draft."""
        if self.live is not None:
            return self.live.plain
        assert self.draft is not None
        return self.draft.definition

    @property
    def name(self) -> Mapping[str, str]:
        return named(self.plain)

    @property
    def publication(self) -> Waiting | None:
        """The proposal to publish its draft."""
        return next((one for one in self.waiting if one.kind == publishes(self.noun)), None)

    @property
    def turning(self) -> Waiting | None:
        """The proposal to retire it, or to bring it back."""
        return next((one for one in self.waiting if one.kind == retires(self.noun)), None)

    @property
    def is_stale(self) -> bool:
        """Whether something else was published since the draft was begun."""
        return self.draft is not None and self.draft.based_on != (self.live.number if self.live else 0)


def _base(noun: Noun) -> Select[Any]:
    table, revision = noun.table, noun.revision
    return (
        select(
            table.id,
            table.key,
            table.retired_at,
            revision.id,
            revision.number,
            revision.definition,
            revision.published_at,
        )
        .join(revision, getattr(revision, noun.parent) == table.id)
        .order_by(table.id, revision.number.desc())
    )


def _every(noun: Noun) -> Select[Any]:
    of = getattr(noun.revision, noun.parent)
    last = select(func.max(noun.revision.number)).where(of == noun.table.id).correlate(noun.table).scalar_subquery()
    return _base(noun).where(noun.revision.number == last)


def _numbered(noun: Noun) -> Select[Any]:
    of = getattr(noun.revision, noun.parent)
    return select(noun.revision.definition).where(
        of == bindparam("thing"), noun.revision.number == bindparam("numbered")
    )


_EVERY = {key: _every(noun) for key, noun in NOUNS.items()}
_ONE = {key: _base(noun).where(noun.table.id == bindparam("thing")) for key, noun in NOUNS.items()}
_NUMBERED = {key: _numbered(noun) for key, noun in NOUNS.items()}
_RETIRED = {
    key: select(noun.table.id).where(noun.table.id == bindparam("thing"), noun.table.retired_at.is_not(None))
    for key, noun in NOUNS.items()
}
_OF_KEY = {key: select(noun.table.id).where(noun.table.key == bindparam("named")) for key, noun in NOUNS.items()}


def every(noun: Noun) -> list[View]:
    """All of a noun in the order they were made, then the drafts of new ones; three statements."""
    return _views(noun, read_all(_EVERY[noun.key]), drafts.every(noun.key))


def one(noun: Noun, thing_id: int) -> View:
    """A thing with all its revisions. Raises NotFound."""
    rows = read_all(_ONE[noun.key], {"thing": thing_id})
    if not rows:
        raise NotFound()
    draft = drafts.of(noun.key, thing_id)
    return _views(noun, rows, [draft] if draft else [])[0]


def of_draft(noun: Noun, draft: Draft) -> View:
    """The thing that a draft revises, or is to become."""
    rows = read_all(_ONE[noun.key], {"thing": draft.subject_id}) if draft.subject_id is not None else ()
    return _views(noun, rows, [draft])[0]


def revision(noun: Noun, thing_id: int, number: int) -> Mapping[str, Any] | None:
    """What one revision says."""
    row = read_one(_NUMBERED[noun.key], {"thing": thing_id, "numbered": number})
    found: Mapping[str, Any] | None = None if row is None else row.definition
    return found


def is_retired(noun: Noun, thing_id: int) -> bool:
    """Whether it is offered no longer."""
    return read_one(_RETIRED[noun.key], {"thing": thing_id}) is not None


def of_key(noun: Noun, key: str) -> int | None:
    """The thing with this key."""
    row = read_one(_OF_KEY[noun.key], {"named": key})
    return None if row is None else int(row.id)


def _views(noun: Noun, rows: Sequence[Any], written: Sequence[Draft]) -> list[View]:
    of_thing = {draft.subject_id: draft for draft in written if draft.subject_id is not None}
    proposals = waiting(publishes(noun), retires(noun))
    views = []
    for (thing_id, key, retired_at), found in groupby(rows, key=lambda row: tuple(row[:3])):
        mine = tuple(one for one in proposals if one.subject_id == thing_id)
        revisions = tuple(Revision._make(row[3:]) for row in found)
        views.append(View(noun, thing_id, key, retired_at, revisions, of_thing.get(thing_id), mine))
    for draft in written:
        if draft.subject_id is None:
            mine = tuple(one for one in proposals if one.draft_id == draft.id)
            views.append(View(noun, None, draft.key, None, (), draft, mine))
    return views
