"""Law packs as staff change them: a draft each, proposed by one person, published by another.

A later change never re-rates: what was judged keeps the revision it was judged by.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select

from app.gamification import brand, drafts, programme
from app.gamification.approvals import proposals
from app.gamification.audit import log
from app.gamification.drafts import Draft
from app.gamification.errors import NotFound
from app.gamification.errors.programme import NothingChanged, StaleBase
from app.gamification.policy.definition import check_key, sound
from app.gamification.staff.rights import Right, hold
from app.models.base import after_commit, connection, read_all
from app.models.people import Programme as ProgrammeRow
from app.models.rules import Pack, PackRevision

KIND, DRAFT = "pack.publish", "pack"


class Revision(NamedTuple):
    """A published revision of a pack."""

    pack_id: int
    key: str
    id: int
    number: int
    definition: Mapping[str, Any]
    published_at: datetime


_ALL = (
    select(Pack.id, Pack.key, PackRevision.id, PackRevision.number, PackRevision.definition, PackRevision.published_at)
    .join(PackRevision, PackRevision.pack_id == Pack.id)
    .order_by(Pack.id, PackRevision.number.desc())
)
_OF = _ALL.where(Pack.key == bindparam("named"))
_LOCK = select(ProgrammeRow.revision).with_for_update()


def in_force() -> dict[str, Revision]:
    """Every pack as it is in force, by key, in the order they were made."""
    return _newest(read_all(_ALL))


def revisions(key: str) -> list[Revision]:
    """Every revision of a pack, newest first; empty where there is no such pack."""
    return [Revision._make(row) for row in read_all(_OF, {"named": key})]


def others(packs: Mapping[str, Revision], key: str) -> dict[str, Mapping[str, Any]]:
    """What the packs beside this one say."""
    return {other: revision.definition for other, revision in packs.items() if other != key}


def draft_of(key: str) -> Draft | None:
    """The next revision of a pack, or a new pack, while it is being written."""
    return next((draft for draft in drafts.every(DRAFT) if draft.key == key), None)


def begin(by: int, key: str, *, now: datetime) -> int:
    """Open a draft that says what is in force; its id. Inside an open transaction. Raises NotFound, KeyTaken."""
    hold({by: Right.CONFIGURE})
    live = _in_force().get(key)
    if live is None:
        raise NotFound()
    draft_id = drafts.begin(by, DRAFT, live.pack_id, key, live.definition, live.number, now=now)
    log.record(by, "pack.draft", "pack", live.pack_id, now=now, after={"based_on": live.number})
    return draft_id


def begin_new(by: int, key: str, source: str, *, now: datetime) -> int:
    """Open the draft of a new pack that says what another says, its name and countries aside; the draft's id.

    Inside an open transaction. Raises NotSound where it cannot be called so, NotFound, KeyTaken.
    """
    hold({by: Right.CONFIGURE})
    packs = _in_force()
    check_key(key, packs)
    if source not in packs:
        raise NotFound()
    definition = {**packs[source].definition, "name": {"en": key}, "countries": [], "retail": True}
    draft_id = drafts.begin(by, DRAFT, None, key, definition, 0, now=now)
    log.record(by, "pack.draft", "pack", now=now, after={"key": key})
    return draft_id


def begin_anew(by: int, key: str, plain: Mapping[str, Any], instead_of: tuple[int, int], *, now: datetime) -> int:
    """Open a draft with what was written in one that is gone, or was overtaken; its id. Inside an open transaction.

    `instead_of` is that draft and the version its writer saw; where it is there still, it makes room. Raises NotSound,
    DraftChanged where somebody has begun another one, and KeyTaken where that is of a new pack.
    """
    hold({by: Right.CONFIGURE})
    packs = _in_force()
    live, definition = packs.get(key), sound(key, plain, others(packs, key))
    if live is None:
        check_key(key, packs)
    else:
        drafts.make_room(by, DRAFT, live.pack_id, instead_of, now=now)
    subject_id, number = (live.pack_id, live.number) if live else (None, 0)
    draft_id = drafts.begin(by, DRAFT, subject_id, key, definition, number, now=now)
    log.record(by, "pack.draft", "pack", subject_id, now=now, after={"key": key, "based_on": number})
    return draft_id


def save(by: int, draft_id: int, plain: Mapping[str, Any], version: int, *, now: datetime) -> int:
    """Store what was written over that version; the new one. Inside an open transaction.

    Raises NotSound, DraftNotFound and DraftChanged.
    """
    hold({by: Right.CONFIGURE})
    draft = drafts.locked(draft_id, DRAFT)
    definition = sound(draft.key, plain, others(_in_force(), draft.key))
    saved = drafts.save(by, draft_id, definition, version, now=now)
    if saved != version:
        log.record(by, "pack.edit", "pack", draft.subject_id, now=now, after={"key": draft.key, "version": saved})
    return saved


def discard(by: int, draft_id: int, version: int, *, now: datetime) -> None:
    """Throw a draft away. Inside an open transaction.

    Raises DraftNotFound, and DraftChanged where it is not the version that was seen: it may hold somebody's work.
    """
    hold({by: Right.CONFIGURE})
    draft = drafts.seen(draft_id, version, DRAFT)
    drafts.discard(by, draft_id, now=now)
    log.record(by, "pack.discard", "pack", draft.subject_id, now=now, after={"key": draft.key})


def propose(by: int, draft_id: int, version: int, *, now: datetime, note: str = "") -> int:
    """Ask a second person to publish the draft as it was last saved; the proposal's id. Inside an open transaction.

    Raises DraftNotFound, DraftChanged where it is not the version that the proposer saw, and what `check` raises.
    """
    hold({by: Right.CONFIGURE})
    draft = drafts.seen(draft_id, version, DRAFT)
    payload = {"key": draft.key, "definition": draft.definition, "based_on": draft.based_on}
    return proposals.propose(by, KIND, draft.subject_id, payload, now=now, note=note, draft_id=draft_id)


def check(payload: Mapping[str, Any]) -> None:
    """Whether this can become law as things stand. Raises NotSound, StaleBase, NothingChanged."""
    packs, key = _in_force(), payload["key"]
    live = packs.get(key)
    if live is None:
        check_key(key, packs)
    if payload["based_on"] != (live.number if live else 0):
        raise StaleBase()
    definition = sound(key, payload["definition"], others(packs, key))
    if live is not None and definition == sound(key, live.definition, {}):
        raise NothingChanged()


def publish(payload: Mapping[str, Any], proposal_id: int, by: int, *, now: datetime) -> None:
    """Put a revision of a pack in force, from now on. Inside the transaction that approved it; raises as `check`."""
    conn, key = connection(), payload["key"]
    conn.execute(_LOCK)  # two packs that take in the same country at once: the second is judged by the first
    check(payload)
    live = _in_force().get(key)
    definition = sound(key, payload["definition"], {})
    pack_id = live.pack_id if live else conn.execute(insert(Pack).values(key=key).returning(Pack.id)).scalar_one()
    number = live.number + 1 if live else 1
    said = {"pack_id": pack_id, "number": number, "definition": definition}
    conn.execute(insert(PackRevision).values(said | {"effective_from": now, "published_at": now}))
    programme.touch(conn)
    drafts.published_by(proposal_id)
    after_commit(brand.forget)
    before = {"number": live.number, "facts": live.definition["facts"]} if live else None
    after = {"key": key, "number": number, "facts": definition["facts"], "countries": definition["countries"]}
    log.record(by, KIND, "pack", pack_id, now=now, before=before, after=after)


def _in_force() -> dict[str, Revision]:
    """The same as the open transaction sees it."""
    return _newest(connection().execute(_ALL).all())


def _newest(rows: Any) -> dict[str, Revision]:
    newest: dict[str, Revision] = {}
    for row in rows:
        newest.setdefault(row.key, Revision._make(row))
    return newest
