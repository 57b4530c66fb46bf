"""The broker's legal entities: names, countries, packs, and the loss percentage that stands on every page."""

from typing import Any

from sqlalchemy import select

from app.gamification import entities
from app.gamification.brand import forget
from app.gamification.staff.rights import Right
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import after_commit
from app.models.people import LegalEntity
from app.routes.admin.resource import Column, Filter, Proposed, Resource, blueprint


class Entities(Resource):
    key, subject, icon, write = "entities", "entity", "landmark", Right.OWN
    title, one = _l("Legal entities"), _l("Legal entity")
    about = _l("The regulated companies of the broker. Each brings its law pack and its own loss percentage.")
    rows = select(
        LegalEntity.id,
        LegalEntity.key,
        LegalEntity.name,
        LegalEntity.country,
        LegalEntity.pack_key,
        LegalEntity.loss_percentage,
        LegalEntity.retired_at,
    )
    order = LegalEntity.id.asc()
    search = (LegalEntity.name, LegalEntity.key)
    columns = (
        Column("name", _l("Name"), LegalEntity.name),
        Column("key", _l("Key"), LegalEntity.key, "code"),
        Column("country", _l("Country"), LegalEntity.country),
        Column("pack_key", _l("Law pack"), LegalEntity.pack_key, "code"),
        Column("loss_percentage", _l("Accounts that lose, percent"), kind="number"),
        Column("retired_at", _l("Retired"), LegalEntity.retired_at, "moment"),
    )
    filters = (
        Filter(
            "state",
            _l("State"),
            lambda: {"open": _l("Takes new members"), "retired": _l("Retired")},
            lambda value: LegalEntity.retired_at.is_(None) if value == "open" else LegalEntity.retired_at.is_not(None),
        ),
        Filter("pack", _l("Law pack"), entities.packs, lambda value: LegalEntity.pack_key == value),
    )
    Settings = entities.Settings
    can_retire = can_duplicate = can_import = True
    retiring = _l("It takes no new members. Those it has stay with it, and nothing changes for them.")
    show_template = "admin/entity.html"

    def values_of(self, row: Any) -> entities.Settings:
        return entities.settings_of(row)

    def context(self, row: Any) -> dict[str, Any]:
        return {"waiting": entities.waiting_of(row.id)}

    def check(self, settings: entities.Settings, before: entities.Settings | None) -> None:
        entities.check(settings, before)

    def waits(self, settings: entities.Settings, before: entities.Settings | None) -> bool:
        return entities.waits(settings, before)

    def create(self, by: int, settings: entities.Settings) -> int | Proposed:
        after_commit(forget)
        made = entities.create(by, settings, now=clock.now())
        return made.entity_id if made.entity_id is not None else Proposed(made.proposal_id or 0)

    def update(self, by: int, row_id: int, settings: entities.Settings) -> Proposed | None:
        after_commit(forget)
        made = entities.update(by, row_id, settings, now=clock.now())
        return None if made.proposal_id is None else Proposed(made.proposal_id)

    def retire(self, by: int, row_id: int) -> None:
        after_commit(forget)
        entities.retire(by, row_id, now=clock.now())


resource = Entities()
bp = blueprint(resource, __name__)
