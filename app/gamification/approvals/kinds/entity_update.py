"""Putting a legal entity under another law pack, or adding one under a pack that is not strict."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from app.gamification import entities
from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.errors.desk import KeyTaken, ProposalChanged, UnknownPack
from app.gamification.staff.rights import Right
from app.lib.i18n import Sentence, _l
from app.models.base import connection, read_one
from app.models.people import LegalEntity

_BY_KEY = select(LegalEntity.id).where(LegalEntity.key == bindparam("named"))
_NAME = select(LegalEntity.name).where(LegalEntity.id == bindparam("entity"))
# What is compared on the approver's page, in its order.
_LABELS = {
    "key": _l("Key"),
    "name": _l("Registered name"),
    "country": _l("Country"),
    "pack_key": _l("Law pack"),
    "loss_percentage": _l("Retail accounts that lose money, percent"),
}


@proposal_kinds.register
class EntityUpdate:
    """The pack decides what a member's trades may earn, so that one person alone cannot choose it.

    The payload is {"new": every value} of an entity to be, or {"from": pack, "to": pack} of one that there is.
    """

    key = entities.KIND
    title = _l("Change the law of an entity")
    proposes = Right.OWN
    approves = Right.APPROVE

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        if subject_id is None:
            if connection().execute(_BY_KEY, {"named": payload["new"]["key"]}).first():
                raise KeyTaken(key=payload["new"]["key"])
        elif entities.locked(subject_id).pack_key != payload["from"]:
            raise ProposalChanged()
        pack_key = payload["new"]["pack_key"] if subject_id is None else payload["to"]
        if pack_key not in entities.packs():
            raise UnknownPack(pack=pack_key)

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        if subject_id is None:
            entities.add(by, payload["new"], now=now)
        else:
            entities.give_pack(by, subject_id, payload["to"], now=now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        packs = entities.packs()
        if subject_id is None:
            new = payload["new"]
            changes = (Change(label, None, packs.get(new[name], new[name])) for name, label in _LABELS.items())
            title = Sentence(_l("Add the entity %(name)s"), {"name": new["name"]})
            return Summary(title, tuple(changes), page="/admin/entities", icon="landmark")
        row = read_one(_NAME, {"entity": subject_id})
        before, after = (packs.get(payload[end], payload[end]) for end in ("from", "to"))
        return Summary(
            Sentence(_l("Put %(name)s under the pack %(pack)s"), {"name": row.name if row else "–", "pack": after}),
            (Change(_LABELS["pack_key"], before, after),),
            page=f"/admin/entities/{subject_id}",
            icon="landmark",
        )
