"""The broker's legal entities, as its owner keeps them. Which law pack one stands under needs a second person."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select
from sqlalchemy import update as change

from app.gamification import programme
from app.gamification.activities import PaysFor
from app.gamification.approvals import proposals
from app.gamification.audit import log
from app.gamification.errors.desk import BadEntityKey, BadLossPercentage, KeyTaken, ProposedAlready, UnknownPack
from app.gamification.errors.members import UnknownCountry, UnknownEntity
from app.gamification.members.names import clean_name
from app.gamification.policy.packs import Verdict
from app.gamification.staff.rights import Right, hold
from app.lib.countries import country_codes
from app.lib.i18n import _l
from app.models.base import connection, read_all
from app.models.desk import Proposal
from app.models.people import LegalEntity
from app.models.rules import Pack

KIND = "entity.update"  # of the proposal
KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
# As supervisors want it printed: a percentage with at most two decimals.
LOSS = re.compile(r"(100|[0-9]{1,2})(\.[0-9]{1,2})?")

_PACKS = select(Pack.key).order_by(Pack.id)
_LOCK = select(LegalEntity).where(LegalEntity.id == bindparam("entity_id")).with_for_update(key_share=True)
_KEY_TAKEN = select(LegalEntity.id).where(LegalEntity.key == bindparam("named"))
_WAITING = select(Proposal.id, Proposal.subject_id, Proposal.payload).where(
    Proposal.kind == KIND, Proposal.state == "open"
)


def packs() -> dict[str, str]:
    """The law packs to choose from, by key."""
    current = programme.current().policy
    return {key: current.pack(key).name.get("en", key) for (key,) in read_all(_PACKS)}


@dataclass(frozen=True)
class Settings:
    """What there is to say of an entity."""

    key: str = field(
        metadata={
            "label": _l("Key"),
            "help": _l("Small letters, as your systems name it. It stays as it is."),
            "longest": 30,
            "fixed": True,
        }
    )
    name: str = field(metadata={"label": _l("Registered name"), "longest": 120})
    country: str = field(
        metadata={"label": _l("Country"), "help": _l("Two letters, such as CY."), "longest": 2},
    )
    pack_key: str = field(
        metadata={"label": _l("Law pack"), "choices": packs, "help": _l("A second person has to approve another pack.")}
    )
    loss_percentage: str = field(
        default="",
        metadata={
            "label": _l("Retail accounts that lose money, percent"),
            "help": _l("Your own published figure. It stands in the warning on every page."),
            "optional": True,
            "longest": 6,
        },
    )


class Stored(NamedTuple):
    """What became of a change: the entity, and the proposal of what somebody else has to approve first."""

    entity_id: int | None
    proposal_id: int | None = None


def create(by: int, settings: Settings, *, now: datetime) -> Stored:
    """Add an entity, or propose it where its pack gives anything for trading or deposits.

    Inside an open transaction. Raises a Refusal that names the field.
    """
    hold({by: Right.OWN})
    check(settings, None)
    values = _values(settings)
    if waits(settings, None):
        if any(payload.get("new", {}).get("key") == values["key"] for payload in _waiting(None)):
            raise ProposedAlready()
        return Stored(None, proposals.propose(by, KIND, None, {"new": values}, now=now))
    return Stored(add(by, values, now=now))


def update(by: int, entity_id: int, settings: Settings, *, now: datetime) -> Stored:
    """Change an entity at once, but for its pack: that is proposed. Inside an open transaction.

    Raises UnknownEntity, ProposedAlready or a Refusal that names the field.
    """
    hold({by: Right.OWN})
    row = locked(entity_id)
    before = settings_of(row)
    check(settings, before)
    _change(by, row, _values(replace(settings, pack_key=before.pack_key)), now)
    if not waits(settings, before):
        return Stored(entity_id)
    if _waiting(entity_id):
        raise ProposedAlready()
    payload = {"from": before.pack_key, "to": settings.pack_key}
    return Stored(entity_id, proposals.propose(by, KIND, entity_id, payload, now=now))


def retire(by: int, entity_id: int, *, now: datetime) -> None:
    """Take no new members for it, or take them again; its members stay. Inside an open transaction."""
    hold({by: Right.OWN})
    before = locked(entity_id)
    retired_at = None if before.retired_at else now
    connection().execute(change(LegalEntity).where(LegalEntity.id == entity_id).values(retired_at=retired_at))
    programme.touch(connection())
    log.record(by, "entity.retire" if retired_at else "entity.restore", "entity", entity_id, now=now)


def check(settings: Settings, before: Settings | None) -> None:
    """Raise the Refusal that storing this would; reads only. `before` is what is stored of it."""
    if not KEY.fullmatch(settings.key) or (before is not None and before.key != settings.key):
        raise BadEntityKey()
    clean_name(settings.name)
    if settings.country.upper() not in country_codes():
        raise UnknownCountry(country=settings.country)
    if settings.pack_key not in packs():
        raise UnknownPack(pack=settings.pack_key)
    if settings.loss_percentage and not LOSS.fullmatch(settings.loss_percentage):
        raise BadLossPercentage()


def waits(settings: Settings, before: Settings | None) -> bool:
    """Whether a part of it needs a second person: another pack, or for a new one any but a strict one."""
    return not is_strict(settings.pack_key) if before is None else settings.pack_key != before.pack_key


def is_strict(pack_key: str) -> bool:
    """Whether a pack gives nothing for trading and deposits."""
    verdicts = programme.current().policy.pack(pack_key).verdicts
    return all(verdicts[fact - 1] == Verdict.FORBID for fact in (PaysFor.TRADING, PaysFor.DEPOSIT))


def settings_of(row: Any) -> Settings:
    """A stored entity as its form shows it."""
    return Settings(row.key, row.name, row.country, row.pack_key, row.loss_percentage or "")


def waiting_of(entity_id: int) -> int | None:
    """The proposal that would give it another pack, or None. Reads only."""
    return next((row.id for row in read_all(_WAITING) if row.subject_id == entity_id), None)


def add(by: int, values: Mapping[str, Any], *, now: datetime) -> int:
    """Store an entity that may be stored; its id. Raises KeyTaken."""
    programme.touch(connection())  # first, so that of two who take one key at once the second sees the first
    if connection().execute(_KEY_TAKEN, {"named": values["key"]}).first():
        raise KeyTaken(key=values["key"])
    entity_id: int = connection().execute(insert(LegalEntity).values(**values).returning(LegalEntity.id)).scalar_one()
    log.record(by, "entity.create", "entity", entity_id, now=now, after=values)
    return entity_id


def give_pack(by: int, entity_id: int, pack_key: str, *, now: datetime) -> None:
    """Put an entity under another pack, which a second person has approved."""
    _change(by, locked(entity_id), {"pack_key": pack_key}, now)


def locked(entity_id: int) -> Any:
    """An entity's row that nobody else can change until the commit. Raises UnknownEntity."""
    row = connection().execute(_LOCK, {"entity_id": entity_id}).first()
    if row is None:
        raise UnknownEntity(entity=entity_id)
    return row


def _change(by: int, before: Any, values: Mapping[str, Any], now: datetime) -> None:
    changed = {name: value for name, value in values.items() if getattr(before, name) != value}
    if not changed:
        return
    connection().execute(change(LegalEntity).where(LegalEntity.id == before.id).values(**changed))
    programme.touch(connection())
    was = {name: getattr(before, name) for name in changed}
    log.record(by, "entity.update", "entity", before.id, now=now, before=was, after=changed)


def _waiting(entity_id: int | None) -> list[Mapping[str, Any]]:
    return [row.payload for row in connection().execute(_WAITING) if row.subject_id == entity_id]


def _values(settings: Settings) -> dict[str, Any]:
    values = asdict(settings)
    values["country"] = settings.country.upper()
    values["name"] = clean_name(settings.name)
    values["loss_percentage"] = settings.loss_percentage or None
    return values
