"""The tier ladder as staff change it: one draft, proposed by one person, published by another.

A publish moves nobody. It writes a revision that never changes; whoever stood on a level that is gone stands on the
highest that needs no more (tiers/ladder.py), sums of another window are made again (tiers/settling.py), and the
nightly review raises and lowers as it does every night.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select

from app.gamification import brand, drafts, programme
from app.gamification.approvals import proposals
from app.gamification.audit import log
from app.gamification.drafts import Draft
from app.gamification.errors.programme import NothingChanged, StaleBase
from app.gamification.staff.rights import Right, hold
from app.gamification.tiers import settling
from app.gamification.tiers.changes import same_window
from app.gamification.tiers.check import sound
from app.models.base import after_commit, connection, read_all, read_one
from app.models.people import Programme as ProgrammeRow
from app.models.rules import LadderRevision, TierLevel
from app.tasks.queue import ring

KIND, DRAFT, KEY, ONLY = "ladder.publish", "ladder", "ladder", 1  # there is one ladder


class Revision(NamedTuple):
    """A published ladder."""

    id: int
    number: int
    definition: Mapping[str, Any]
    published_at: datetime


_COLUMNS = (LadderRevision.id, LadderRevision.number, LadderRevision.definition, LadderRevision.published_at)
_REVISIONS = select(*_COLUMNS).order_by(LadderRevision.number.desc())
_IN_FORCE = _REVISIONS.limit(1)
_LOCK = select(ProgrammeRow.revision).with_for_update()
_KEYS, _LAST_ID = select(TierLevel.key), select(func.max(TierLevel.id))


def in_force() -> Revision:
    """The ladder in force."""
    return Revision._make(read_one(_IN_FORCE))


def revisions() -> list[Revision]:
    """Every ladder there was, newest first."""
    return [Revision._make(row) for row in read_all(_REVISIONS)]


def draft() -> Draft | None:
    """The next ladder, while it is being written."""
    return drafts.of(DRAFT, ONLY)


def begin(by: int, *, now: datetime) -> int:
    """Open a draft that says what is in force; its id. Inside an open transaction. Raises KeyTaken, if one is open."""
    hold({by: Right.CONFIGURE})
    live = in_force()
    draft_id = drafts.begin(by, DRAFT, ONLY, KEY, sound(live.definition), live.number, now=now)
    log.record(by, "ladder.draft", "ladder", ONLY, now=now, after={"based_on": live.number})
    return draft_id


def begin_anew(by: int, plain: Mapping[str, Any], instead_of: tuple[int, int], *, now: datetime) -> int:
    """Open a draft with what was written in one that is gone, or was overtaken; its id. Inside an open transaction.

    `instead_of` is that draft and the version its writer saw; where it is there still, it makes room. Raises NotSound,
    and DraftChanged where somebody has begun another one.
    """
    hold({by: Right.CONFIGURE})
    definition, live = sound(plain), in_force()
    drafts.make_room(by, DRAFT, ONLY, instead_of, now=now)
    draft_id = drafts.begin(by, DRAFT, ONLY, KEY, definition, live.number, now=now)
    log.record(by, "ladder.draft", "ladder", ONLY, now=now, after={"based_on": live.number})
    return draft_id


def save(by: int, draft_id: int, plain: Mapping[str, Any], version: int, *, now: datetime) -> int:
    """Store what was written over that version; the new one. Inside an open transaction.

    Raises NotSound, DraftNotFound and DraftChanged.
    """
    hold({by: Right.CONFIGURE})
    definition = sound(plain)
    drafts.locked(draft_id, DRAFT)
    saved = drafts.save(by, draft_id, definition, version, now=now)
    if saved != version:
        log.record(by, "ladder.edit", "ladder", ONLY, now=now, after={"version": saved})
    return saved


def discard(by: int, draft_id: int, version: int, *, now: datetime) -> None:
    """Throw the draft away. Inside an open transaction.

    Raises DraftNotFound, and DraftChanged where it is not the version that was seen: it may hold somebody's work.
    """
    hold({by: Right.CONFIGURE})
    drafts.seen(draft_id, version, DRAFT)
    drafts.discard(by, draft_id, now=now)
    log.record(by, "ladder.discard", "ladder", ONLY, now=now)


def propose(by: int, draft_id: int, version: int, *, now: datetime, note: str = "") -> int:
    """Ask a second person to publish the draft as it was last saved; the proposal's id. Inside an open transaction.

    Raises DraftNotFound, DraftChanged where it is not the version that the proposer saw, and what `check` raises.
    """
    hold({by: Right.CONFIGURE})
    written = drafts.seen(draft_id, version, DRAFT)
    payload = {"definition": written.definition, "based_on": written.based_on}
    return proposals.propose(by, KIND, ONLY, payload, now=now, note=note, draft_id=draft_id)


def check(payload: Mapping[str, Any]) -> None:
    """Whether this can become the ladder as things stand. Raises NotSound, StaleBase, NothingChanged."""
    live = Revision._make(connection().execute(_IN_FORCE).one())
    if payload["based_on"] != live.number:
        raise StaleBase()
    if sound(payload["definition"]) == sound(live.definition):
        raise NothingChanged()


def publish(payload: Mapping[str, Any], proposal_id: int, by: int, *, now: datetime) -> None:
    """Put a ladder in force, from now on. Inside the transaction that approved it; raises what `check` raises."""
    conn = connection()
    conn.execute(_LOCK)  # of two that publish at once the second is judged by what the first has done
    check(payload)
    live, definition = Revision._make(conn.execute(_IN_FORCE).one()), sound(payload["definition"])
    _name_new_levels(definition)
    said = {"number": live.number + 1, "definition": definition, "effective_from": now, "published_at": now}
    conn.execute(insert(LadderRevision).values(said))
    if not same_window(live.definition, definition):
        settling.begin(conn, now)
        ring("tiers.settle")
    programme.touch(conn)
    drafts.published_by(proposal_id)
    after_commit(brand.forget)
    after = {"number": live.number + 1, "levels": [level["key"] for level in definition["levels"]]}
    log.record(by, KIND, "ladder", ONLY, now=now, before={"number": live.number}, after=after)


def _name_new_levels(definition: Mapping[str, Any]) -> None:
    """Give a lasting id to each key that no ladder had before; ids are never used again."""
    conn = connection()
    known, last = set(conn.execute(_KEYS).scalars()), conn.execute(_LAST_ID).scalar() or 0
    new = [level["key"] for level in definition["levels"] if level["key"] not in known]
    if new:
        conn.execute(insert(TierLevel), [{"id": id_, "key": key} for id_, key in enumerate(new, start=last + 1)])
