"""Names: what the broker's own keys mean to members, and what its own activities count as."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, request
from sqlalchemy import select

from app.gamification import terms
from app.gamification.errors import Refusal
from app.lib import clock
from app.lib.i18n import DEFAULT_LANGUAGE, LANGUAGES, _l, pick
from app.models.activity import BrokerTerm
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.resource import Column, Filter, Resource, blueprint
from app.routes.admin.resource.described import WAITS
from app.routes.desk import current_staff
from app.routes.formats import say
from app.routes.language import language
from app.routes.rendering import page


def counts_as(row: Any) -> tuple[str, str] | None:
    """What an own activity pays for, and whether somebody has said so; None for what follows from its kind."""
    if row.kind != terms.OWN:
        return None
    return terms.FACT_WORDS[terms.fact_of(row.pays_for)], "brand" if row.pays_for else "warn"


class Terms(Resource):
    key, subject, icon = "terms", "term", "tags"
    title, one = _l("Names"), _l("Name")
    about = _l("What members read instead of the keys that your systems report: lessons, surveys, partners and more.")
    empty = _l("Nothing is named yet, so that members read your systems' own keys.")
    rows = select(
        BrokerTerm.id, BrokerTerm.kind, BrokerTerm.key, BrokerTerm.name, BrokerTerm.pays_for, BrokerTerm.retired_at
    )
    order = BrokerTerm.kind.asc()
    search = (BrokerTerm.key, *(BrokerTerm.name[code].as_string() for code in LANGUAGES))
    columns = (
        Column("name", _l("Name"), BrokerTerm.name[DEFAULT_LANGUAGE].as_string(), "texts"),
        Column("kind", _l("What it is"), BrokerTerm.kind, "words", lambda row: terms.KINDS[row.kind]),
        Column("key", _l("Key"), BrokerTerm.key, "code"),
        Column("counts_as", _l("Counts as"), BrokerTerm.pays_for, "tone", counts_as),
        Column("retired_at", _l("Retired"), BrokerTerm.retired_at, "moment"),
    )
    filters = (
        Filter("kind", _l("What it is"), lambda: terms.KINDS, lambda value: BrokerTerm.kind == value),
        Filter(
            "state",
            _l("State"),
            lambda: {"used": _l("In use"), "retired": _l("Retired")},
            lambda value: BrokerTerm.retired_at.is_(None) if value == "used" else BrokerTerm.retired_at.is_not(None),
        ),
    )
    Settings = terms.Settings
    identity = ("kind", "key")
    can_retire = can_duplicate = can_import = True
    retiring = _l("It is not offered any more where staff choose. What was reported under it keeps its name.")
    show_template = "admin/term.html"

    def name_of(self, row: Any) -> str:
        return pick(dict(row.name), language().code)

    def values_of(self, row: Any) -> terms.Settings:
        return terms.settings_of(row)

    def context(self, row: Any) -> dict[str, Any]:
        if row.kind != terms.OWN:
            return {"is_own": False}
        waiting = terms.waiting_of(row.id)
        return {"is_own": True, "waiting": waiting, "facts": terms.FACT_WORDS, "fact": terms.fact_of(row.pays_for)}

    def check(self, settings: terms.Settings, before: terms.Settings | None) -> None:
        terms.check(settings, before)

    def create(self, by: int, settings: terms.Settings) -> int:
        return terms.create(by, settings, now=clock.now())

    def update(self, by: int, row_id: int, settings: terms.Settings) -> None:
        terms.update(by, row_id, settings, now=clock.now())

    def bring_in(self, by: int, rows: Sequence[tuple[int | None, terms.Settings]]) -> None:
        terms.bring_in(by, rows, now=clock.now())

    def retire(self, by: int, row_id: int) -> None:
        terms.retire(by, row_id, now=clock.now())


resource = Terms()
bp = blueprint(resource, __name__)


@bp.post("/<int:row_id>/class")
def propose_class(row_id: int) -> Response:
    """Propose what an own activity counts as."""
    row, note = resource.find(row_id), request.form.get("note", "")
    try:
        with transaction():
            terms.propose_class(current_staff().id, row_id, request.form.get("fact", ""), now=clock.now(), note=note)
    except Refusal as refusal:
        context = resource.context(row) | {"fault": say(refusal.sentence), "note": note}
        return page(resource.show_template, resource=resource, row=row, status=422, **context)
    flash(WAITS)
    return htmx.see_other(resource.address("show", row_id=row_id))
