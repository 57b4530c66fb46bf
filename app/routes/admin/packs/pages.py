"""Law packs: all of them against all benefits, one of them in full, and its revisions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.gamification import drafts, programme
from app.gamification.activities import PaysFor
from app.gamification.approvals import signed
from app.gamification.brand import Brand, brand, risk_warning
from app.gamification.errors import NotFound
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.policy import publishing
from app.gamification.policy.changes import changes
from app.gamification.policy.definition import OFFSHORE, PROFESSIONAL, UNKNOWN, verdict_of
from app.gamification.policy.reach import members_under
from app.gamification.policy.words import FACTS, MEANS, NEVER, VERDICTS, key_of
from app.lib.countries import Country
from app.lib.i18n import LANGUAGES, _l
from app.routes.formats import say
from app.routes.language import speaking
from app.routes.rendering import page

bp = Blueprint("admin_packs", __name__, url_prefix="/admin/packs")

# Whom a pack is for, where that does not follow from its countries.
FOR = {
    PROFESSIONAL: _l("Professional clients and eligible counterparties of retail packs' countries"),
    OFFSHORE: _l("Everyone whose country is in no other pack"),
    UNKNOWN: _l("Whoever's country or client category is not known yet"),
}


@bp.get("")
def index() -> Response:
    """All packs."""
    members, writing = members_under(), {draft.key: draft for draft in drafts.every(publishing.DRAFT)}
    packs = publishing.in_force()
    return page(
        "admin/packs/index.html",
        packs=[_pack(revision, members) for revision in packs.values()],
        drafts=writing,
        new=[draft for draft in writing.values() if draft.subject_id is None],
        **words(),
    )


@bp.get("/<key>")
def show(key: str) -> Response:
    """One pack as it is in force."""
    revision = publishing.in_force().get(key)
    if revision is None:
        raise NotFound()
    members, house = members_under(), brand()
    return page(
        "admin/packs/show.html",
        pack=_pack(revision, members),
        revision=revision,
        draft=publishing.draft_of(key),
        proposal=signed.waiting(publishing.KIND, revision.pack_id),
        entities=[entity for entity in house.entities if entity.pack_key == key],
        spoken=_spoken(house, key),
        every_language=LANGUAGES,
        **words(),
    )


@bp.get("/<key>/revisions")
def revisions(key: str) -> Response:
    """What each revision of a pack changed, and who put it in force."""
    found = publishing.revisions(key)
    if not found:
        raise NotFound()
    people = signed.by_moment(publishing.KIND, found[0].pack_id)
    rows = [
        _revision(one, before.definition if before else None, people)
        for one, before in zip(found, [*found[1:], None], strict=True)
    ]
    return page("admin/packs/revisions.html", pack=found[0], revisions=rows)


def words() -> dict[str, Any]:
    """What every page of packs says in words."""
    return {
        "facts": FACTS,
        "verdicts": VERDICTS,
        "offered": {verdict.name.lower(): said for verdict, said in VERDICTS.items()},
        "means": MEANS,
        "never": NEVER,
        "whom": FOR,
    }


def _spoken(house: Brand, key: str) -> dict[str, Markup]:
    """A pack's risk warning in every language, with the figure of an entity under it, else the gravest of all."""
    pack = programme.current().policy.pack(key)
    entity_id = next((entity.id for entity in house.entities if entity.pack_key == key), None)
    said = {}
    for code in LANGUAGES:
        with speaking(code):
            said[code] = say(risk_warning(house, code, pack=pack, entity_id=entity_id))
    return said


def _pack(revision: publishing.Revision, members: Mapping[str, int]) -> dict[str, Any]:
    plain = revision.definition
    return {
        "key": revision.key,
        "name": plain["name"],
        "number": revision.number,
        "at": revision.published_at,
        "retail": plain.get("retail", False),
        "countries": [as_it_is(Country(code)) for code in plain.get("countries", ())],
        "members": members.get(revision.key, 0),
        "verdicts": {fact: verdict_of(plain, fact) for fact in PaysFor},
        "cites": {fact: plain.get("cites", {}).get(key_of(fact), {}) for fact in PaysFor},
        "warning": plain.get("warning", {}),
    }


def _revision(
    one: publishing.Revision, before: Mapping[str, Any] | None, people: Mapping[datetime, signed.Signed]
) -> dict[str, Any]:
    # The first one says everything for the first time: nothing to set it against.
    said = changes(before, one.definition) if before else ()
    return {"number": one.number, "at": one.published_at, "by": people.get(one.published_at), "changes": said}
