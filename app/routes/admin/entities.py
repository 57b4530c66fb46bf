"""The broker's legal entities: names, countries, packs, and the loss percentage that stands on every page."""

from sqlalchemy import select

from app.gamification import entities
from app.gamification.brand import forget
from app.gamification.staff.rights import Right
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import after_commit
from app.models.people import LegalEntity
from app.routes.admin.resource import Column, Resource, blueprint


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
        Column("key", _l("Key"), LegalEntity.key),
        Column("country", _l("Country"), LegalEntity.country),
        Column("pack_key", _l("Law pack"), LegalEntity.pack_key),
        Column("loss_percentage", _l("Accounts that lose, percent"), kind="number"),
    )
    Settings = entities.Settings
    can_retire = True

    def values_of(self, row: LegalEntity) -> entities.Settings:
        return entities.Settings(row.key, row.name, row.country, row.pack_key, row.loss_percentage or "")

    def create(self, by: int, settings: entities.Settings) -> int:
        after_commit(forget)
        return entities.create(by, settings, now=clock.now())

    def update(self, by: int, row_id: int, settings: entities.Settings) -> None:
        after_commit(forget)
        entities.update(by, row_id, settings, now=clock.now())

    def retire(self, by: int, row_id: int) -> None:
        after_commit(forget)
        entities.retire(by, row_id, now=clock.now())


resource = Entities()
bp = blueprint(resource, __name__)
