"""Writing the catalogue: drafts of challenges, badges and lessons, and asking for a second person to publish them."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from app.gamification import drafts
from app.gamification.accrual.definition import LONGEST_NAME
from app.gamification.approvals import proposals
from app.gamification.audit import log
from app.gamification.catalogue.noun import NOUNS, Noun
from app.gamification.drafts import Draft
from app.gamification.errors import NotFound
from app.gamification.errors.catalogue import BadThingName
from app.gamification.errors.desk import ProposedAlready
from app.gamification.members.names import visible
from app.gamification.staff.rights import Right, hold
from app.models.base import connection
from app.models.desk import Draft as DraftRow
from app.models.desk import Proposal

LONGEST_KEY = 40
COPIES = {"en": "%s (copy)", "ar": "%s (نسخة)", "zh": "%s（副本）"}
RETIRED, OFFERED = "retired", "offered"

_OF_SUBJECT = select(DraftRow.id).where(DraftRow.kind == bindparam("of"), DraftRow.subject_id == bindparam("subject"))
_LOCK = {
    key: select(noun.table.id).where(noun.table.id == bindparam("thing")).with_for_update()
    for key, noun in NOUNS.items()
}
_WAITING = select(Proposal.id).where(
    Proposal.kind == bindparam("of"), Proposal.subject_id == bindparam("subject"), Proposal.state == "open"
)


def _newest(noun: Noun) -> Select[Any]:
    revision = noun.revision
    return (
        select(noun.table.key, noun.table.retired_at, revision.number, revision.definition)
        .join(revision, getattr(revision, noun.parent) == noun.table.id)
        .where(noun.table.id == bindparam("thing"))
        .order_by(revision.number.desc())
        .limit(1)
    )


def _taken(noun: Noun) -> Any:
    def like(key: Any) -> Any:
        return or_(key == bindparam("named"), key.like(bindparam("numbered")))

    drafted = select(DraftRow.key).where(DraftRow.kind == noun.key, like(DraftRow.key))
    return select(noun.table.key).where(like(noun.table.key)).union(drafted)


_NEWEST = {key: _newest(noun) for key, noun in NOUNS.items()}
_TAKEN = {key: _taken(noun) for key, noun in NOUNS.items()}


def publishes(noun: Noun) -> str:
    """The key of the proposals that publish it."""
    return f"{noun.key}.publish"


def retires(noun: Noun) -> str:
    """The key of the proposals that retire it, or bring it back."""
    return f"{noun.key}.retire"


def newest(noun: Noun, thing_id: int) -> Any:
    """key, retired_at, number, definition of the newest revision as the transaction sees it. Raises NotFound."""
    row: Any = connection().execute(_NEWEST[noun.key], {"thing": thing_id}).first()
    if row is None:
        raise NotFound()
    return row


def clean_name(name: str) -> str:
    """A name as it is seen. Raises BadThingName."""
    cleaned = visible(name)
    if len(cleaned) > LONGEST_NAME or not any(char.isalpha() for char in cleaned):
        raise BadThingName(longest=LONGEST_NAME)
    return cleaned


def begin(noun: Noun, by: int, plain: Mapping[str, Any], *, now: datetime) -> int:
    """Open the draft of a new thing; its id. The key follows from the English name, for good.

    Inside an open transaction. Raises NotSound and KeyTaken.
    """
    hold({by: Right.CONFIGURE})
    definition = noun.sound(plain)
    return _begin(noun, by, None, _free_key(noun, named(definition)["en"]), definition, 0, now=now)


def begin_revision(noun: Noun, by: int, thing_id: int, *, now: datetime) -> int:
    """Open the draft of the next revision, or find the one that is open; its id.

    Inside an open transaction. Raises NotFound.
    """
    hold({by: Right.CONFIGURE})
    row = newest(noun, thing_id)
    found: int | None = connection().execute(_OF_SUBJECT, {"of": noun.key, "subject": thing_id}).scalar()
    return found or _begin(noun, by, thing_id, row.key, row.definition, row.number, now=now)


def begin_anew(
    noun: Noun, by: int, thing_id: int, plain: Mapping[str, Any], instead_of: tuple[int, int], *, now: datetime
) -> int:
    """Open the draft of the next revision with what was written in one that is gone, or was overtaken; its id.

    `instead_of` is that draft and the version its writer saw; where it is there still, it makes room. Inside an open
    transaction. Raises NotSound, NotFound, and DraftChanged where somebody has begun another one.
    """
    hold({by: Right.CONFIGURE})
    definition, row = noun.sound(plain), newest(noun, thing_id)
    drafts.make_room(by, noun.key, thing_id, instead_of, now=now)
    return _begin(noun, by, thing_id, row.key, definition, row.number, now=now)


def begin_duplicate(noun: Noun, by: int, plain: Mapping[str, Any], *, now: datetime) -> int:
    """Open the draft of a new thing with what was written in another's; its id. Inside an open transaction.

    Raises NotSound.
    """
    hold({by: Right.CONFIGURE})
    definition = noun.sound(plain)
    key, copied = _free_key(noun, named(definition)["en"]), _copy_of(definition)
    return _begin(noun, by, None, key, noun.sound(copied), 0, now=now)


def begin_copy(noun: Noun, by: int, thing_id: int, *, now: datetime) -> int:
    """Open the draft of a new thing that says what another one says; its id. Inside an open transaction."""
    hold({by: Right.CONFIGURE})
    row = newest(noun, thing_id)
    return _begin(noun, by, None, _free_key(noun, row.key), noun.sound(_copy_of(row.definition)), 0, now=now)


def save(noun: Noun, by: int, draft_id: int, plain: Mapping[str, Any], version: int, *, now: datetime) -> int:
    """Store what was written over that version; the new one. An open proposal of the draft falls.

    Inside an open transaction. Raises NotSound, DraftNotFound and DraftChanged.
    """
    hold({by: Right.CONFIGURE})
    before, definition = drafts.locked(draft_id, noun.key), _as_read(noun.sound(plain))
    saved = drafts.save(by, draft_id, definition, version, now=now)
    if saved != version:
        was, new = difference(before.definition, definition)
        about = {"key": before.key, "version": saved}
        log.record(by, f"{noun.key}.edit", noun.key, before.subject_id, now=now, before=was, after=new | about)
    return saved


def discard(noun: Noun, by: int, draft_id: int, version: int, *, now: datetime) -> Draft:
    """Throw a draft away, and its open proposal with it; what it was. Inside an open transaction.

    Raises DraftNotFound, and DraftChanged where it is not the version that was seen: it may hold somebody's work.
    """
    hold({by: Right.CONFIGURE})
    draft = drafts.seen(draft_id, version, noun.key)
    drafts.discard(by, draft_id, now=now)
    log.record(by, f"{noun.key}.discard", noun.key, draft.subject_id, now=now, before={"key": draft.key})
    return draft


def propose(noun: Noun, by: int, draft_id: int, version: int, note: str, *, now: datetime) -> int:
    """Ask for a second person to publish what the draft says; the proposal's id. Inside an open transaction.

    Raises DraftNotFound, DraftChanged where it is not the version that the proposer saw, and what `check` raises.
    """
    hold({by: Right.CONFIGURE})
    draft = drafts.seen(draft_id, version, noun.key)
    payload = {"key": draft.key, "definition": draft.definition, "based_on": draft.based_on}
    kind = publishes(noun)
    return proposals.propose(by, kind, draft.subject_id, payload, now=now, note=note, draft_id=draft_id)


def propose_turn(noun: Noun, by: int, thing_id: int, to: str, note: str, *, now: datetime) -> int:
    """Ask for a second person to take it out of the offer, or to bring it back; the proposal's id.

    Inside an open transaction. `to` is RETIRED or OFFERED. Raises NotFound, ProposedAlready, and what `check` raises.
    """
    hold({by: Right.CONFIGURE})
    connection().execute(
        _LOCK[noun.key], {"thing": thing_id}
    )  # of two people who ask at once the second finds it asked
    row, kind = newest(noun, thing_id), retires(noun)
    if connection().execute(_WAITING, {"of": kind, "subject": thing_id}).first():
        raise ProposedAlready()
    payload = {"key": row.key, "to": to, "based_on": row.number}
    return proposals.propose(by, kind, thing_id, payload, now=now, note=note)


def naming(plain: Mapping[str, Any]) -> str:
    """The part of a definition that says what it is called."""
    return "name" if "name" in plain else "title"


def named(plain: Mapping[str, Any]) -> Mapping[str, str]:
    """What it is called, by language."""
    found: Mapping[str, str] = plain[naming(plain)]
    return found


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parts of a definition that differ, as they were and as they are."""
    changed = [part for part in after if before.get(part) != after[part]]
    return {part: before[part] for part in changed if part in before}, {part: after[part] for part in changed}


def _copy_of(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition under names that say that it is a copy."""
    copied = {code: _copied(COPIES[code], name) for code, name in named(definition).items() if name}
    return {**definition, naming(definition): copied}


def _copied(pattern: str, name: str) -> str:
    """A name with what says that it is a copy; of a long one the end is left out, never that."""
    return pattern % name[: LONGEST_NAME - len(pattern % "")].rstrip()


def _begin(
    noun: Noun, by: int, thing_id: int | None, key: str, plain: Mapping[str, Any], based_on: int, *, now: datetime
) -> int:
    draft_id = drafts.begin(by, noun.key, thing_id, key, plain, based_on, now=now)
    log.record(by, f"{noun.key}.draft", noun.key, thing_id, now=now, after={"key": key, "based_on": based_on})
    return draft_id


def _as_read(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition as it comes back from where it is stored, so that the two can be compared."""
    read: dict[str, Any] = json.loads(json.dumps(definition))
    return read


def _free_key(noun: Noun, name: str) -> str:
    """A key that nothing and no draft of the noun has: metals, metals_2, metals_3 …"""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    key = (words if words[:1].isalpha() else f"{noun.key}_{words}".strip("_"))[:LONGEST_KEY]
    values = {"named": key, "numbered": f"{key}%"}
    taken = set(connection().execute(_TAKEN[noun.key], values).scalars())
    numbers = (f"{key}_{number}" for number in range(2, len(taken) + 3))
    return key if key not in taken else next(one for one in numbers if one not in taken)
