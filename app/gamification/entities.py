"""The broker's legal entities, as its owner keeps them."""

import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy import update as change

from app.gamification import programme
from app.gamification.audit import log
from app.gamification.errors import (
    BadEntityKey,
    BadLossPercentage,
    KeyTaken,
    UnknownCountry,
    UnknownEntity,
    UnknownPack,
)
from app.gamification.members.names import clean_name
from app.gamification.staff.rights import Right, hold
from app.lib.countries import country_codes
from app.lib.i18n import _l
from app.models.base import connection, read_all
from app.models.people import LegalEntity
from app.models.rules import Pack

KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
# As supervisors want it printed: a percentage with at most two decimals.
LOSS = re.compile(r"(100|[0-9]{1,2})(\.[0-9]{1,2})?")

_PACKS = select(Pack.key).order_by(Pack.id)
_LOCK = select(LegalEntity).where(LegalEntity.id == bindparam("entity_id")).with_for_update()
_KEY_TAKEN = select(LegalEntity.id).where(LegalEntity.key == bindparam("named"))


def packs() -> dict[str, str]:
    """The law packs to choose from, by key."""
    current = programme.current().policy
    return {key: current.pack(key).name.get("en", key) for (key,) in read_all(_PACKS)}


@dataclass(frozen=True)
class Settings:
    """What there is to say of an entity."""

    key: str = field(
        metadata={"label": _l("Key"), "help": _l("Small letters, as your systems name it."), "longest": 30}
    )
    name: str = field(metadata={"label": _l("Registered name"), "longest": 120})
    country: str = field(
        metadata={"label": _l("Country"), "help": _l("Two letters, such as CY."), "longest": 2},
    )
    pack_key: str = field(metadata={"label": _l("Law pack"), "choices": packs})
    loss_percentage: str = field(
        default="",
        metadata={
            "label": _l("Retail accounts that lose money, percent"),
            "help": _l("Your own published figure. It stands in the warning on every page."),
            "optional": True,
            "longest": 6,
        },
    )


def create(by: int, settings: Settings, *, now: datetime) -> int:
    """Add an entity; its id. Inside an open transaction. Raises a Refusal that names the field."""
    hold({by: Right.OWN})
    values = _checked(settings)
    if connection().execute(_KEY_TAKEN, {"named": values["key"]}).first():
        raise KeyTaken(key=values["key"])
    entity_id: int = connection().execute(insert(LegalEntity).values(**values).returning(LegalEntity.id)).scalar_one()
    programme.touch(connection())
    log.record(by, "entity.create", "entity", entity_id, now=now, after=values)
    return entity_id


def update(by: int, entity_id: int, settings: Settings, *, now: datetime) -> None:
    """Change an entity. Inside an open transaction. Raises UnknownEntity or a Refusal that names the field."""
    hold({by: Right.OWN})
    before = _locked(entity_id)
    values = _checked(settings)
    if values["key"] != before.key:
        raise BadEntityKey()
    changed = {name: value for name, value in values.items() if getattr(before, name) != value}
    if not changed:
        return
    connection().execute(change(LegalEntity).where(LegalEntity.id == entity_id).values(**changed))
    programme.touch(connection())
    was = {name: getattr(before, name) for name in changed}
    log.record(by, "entity.update", "entity", entity_id, now=now, before=was, after=changed)


def retire(by: int, entity_id: int, *, now: datetime) -> None:
    """Take no new members for it, or take them again; its members stay. Inside an open transaction."""
    hold({by: Right.OWN})
    before = _locked(entity_id)
    retired_at = None if before.retired_at else now
    connection().execute(change(LegalEntity).where(LegalEntity.id == entity_id).values(retired_at=retired_at))
    programme.touch(connection())
    log.record(by, "entity.retire" if retired_at else "entity.restore", "entity", entity_id, now=now)


def _locked(entity_id: int) -> Any:
    row = connection().execute(_LOCK, {"entity_id": entity_id}).first()
    if row is None:
        raise UnknownEntity(entity=entity_id)
    return row


def _checked(settings: Settings) -> dict[str, Any]:
    values = asdict(settings)
    values["country"] = settings.country.upper()
    values["name"] = clean_name(settings.name)
    values["loss_percentage"] = settings.loss_percentage or None
    if not KEY.fullmatch(settings.key):
        raise BadEntityKey()
    if values["country"] not in country_codes():
        raise UnknownCountry(country=values["country"])
    if settings.pack_key not in packs():
        raise UnknownPack(pack=settings.pack_key)
    if settings.loss_percentage and not LOSS.fullmatch(settings.loss_percentage):
        raise BadLossPercentage()
    return values
