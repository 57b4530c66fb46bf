"""The bench: what the law says to a client of any country, category, entity and level, and that client's own home."""

import re
from typing import Any

from flask import Blueprint, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.gamification import programme
from app.gamification.brand import Brand, brand, risk_warning
from app.gamification.ledger.words.law import stays_open
from app.gamification.members.classes import TITLES
from app.gamification.policy.bench import Bench, Imagined, bench
from app.lib import clock
from app.lib.countries import Country, country_codes, country_name
from app.lib.i18n import Sentence
from app.models.people import ClientClass
from app.routes.admin import asked
from app.routes.admin.packs.pages import words
from app.routes.desk import current_staff
from app.routes.language import gettext, language
from app.routes.member import home
from app.routes.rendering import page
from app.routes.session import CurrentMember

bp = Blueprint("admin_bench", __name__, url_prefix="/admin/packs/bench")

_TAG = re.compile(r"<(?:a|form|button)\b[^>]*>")
_WAY_OUT = re.compile(r'\s(?:href|action|formaction|method|hx-[a-z-]+)="[^"]*"')
CLASSES = {str(int(one)): one for one in ClientClass}
NOT_KNOWN = "-"  # of country and entity, where leaving them out asks for what is usual


@bp.get("")
def show() -> Response:
    """What the law says to the client that was chosen; a retail client in Cyprus where none was."""
    house, who = brand(), _imagined(brand())
    found, now = bench(who, language().code, clock.now()), _named(who, house)
    return page(
        "admin/packs/bench.html",
        nav_key="admin_packs",
        bench=found,
        who=now,
        title=_title(who),
        asked=_asked(who),
        warning=_warning(found, house),
        open_to=stays_open(found.client),
        countries=_countries(),
        classes={value: TITLES[one] for value, one in CLASSES.items()},
        entities=house.entities,
        ladder=programme.current().ladder,
        **words(),
    )


@bp.get("/home")
def preview() -> Response:
    """The member's own home, as such a client would find it on the first day."""
    house, now = brand(), clock.now()
    who = _imagined(house)
    found = bench(who, language().code, now)
    client = CurrentMember._make(
        found.client._replace(
            name=str(gettext("Client")), time_zone=current_staff().time_zone, theme=current_staff().theme
        )
    )
    return page(
        "admin/packs/home.html",
        me=client,
        nav_key="home",
        risk_warning=_warning(found, house),
        title=_title(who),
        asked=_asked(who),
        at_rest=at_rest,
        **home.parts(client, now),
    )


def at_rest(html: Markup) -> Markup:
    """A page to look at: its links lead nowhere, its buttons cannot be pressed, and everything can still be read."""
    return Markup(_TAG.sub(lambda found: _WAY_OUT.sub("", found[0]).replace("<button", "<button disabled"), html))


def _imagined(house: Brand) -> Imagined:
    country = request.args.get("country", "CY")
    chosen = CLASSES.get(request.args.get("class", ""), ClientClass.RETAIL)
    country = country if country in country_codes() else "" if country == NOT_KNOWN else "CY"
    levels = {level.key: level.id for level in programme.current().ladder.levels}
    level_id = levels.get(request.args.get("level", ""), 0)
    return Imagined(country, chosen, _entity(house, country), level_id)


def _entity(house: Brand, country: str) -> int | None:
    """The entity that was chosen, else the one that would take such a client."""
    if request.args.get("entity") == NOT_KNOWN:
        return None
    usual = house.entity_for(country)
    found = house.entity(asked.number("entity")) or usual
    return found.id if found else None


def _asked(who: Imagined) -> dict[str, Any]:
    """The same client in an address."""
    level = programme.current().ladder.level(who.level_id)
    return {
        "country": who.country or NOT_KNOWN,
        "class": int(who.client_class),
        "entity": NOT_KNOWN if who.entity_id is None else who.entity_id,
        "level": level.key,
    }


def _named(who: Imagined, house: Brand) -> dict[str, Any]:
    entity = house.entity(who.entity_id)
    return {"entity": entity.name if entity else None, "level": programme.current().ladder.level(who.level_id)}


def _title(who: Imagined) -> Sentence:
    """“Retail client, Cyprus”."""
    category = Sentence(TITLES[who.client_class])
    if not who.country:
        return category
    return Sentence("%(category)s, %(country)s", {"category": category, "country": Country(who.country)})


def _warning(found: Bench, house: Brand) -> Sentence:
    spoken, entity_id = language().code, found.client.entity_id
    return risk_warning(house, spoken, pack=found.standing.strictest, entity_id=entity_id)


def _countries() -> list[tuple[str, str]]:
    spoken = language().code
    named = sorted((country_name(code, spoken), code) for code in country_codes())
    return [(code, name) for name, code in named]
