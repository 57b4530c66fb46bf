"""The clients through whose eyes staff look at a card: one for each law pack."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from app.gamification import programme
from app.gamification.brand import Brand, brand
from app.gamification.members.classes import TITLES
from app.gamification.members.sign_ins import SignedIn
from app.gamification.policy.bench import Imagined, imagine
from app.gamification.policy.definition import OFFSHORE, PROFESSIONAL, UNKNOWN
from app.gamification.policy.packs import Pack, Standing
from app.lib.countries import Country, country_codes
from app.lib.i18n import Sentence
from app.models.people import ClientClass
from app.routes.language import language


class Client(NamedTuple):
    """Who looks: a client whom nobody stored, under which pack, what the law says to them, how they are called."""

    key: str
    member: SignedIn
    standing: Standing
    title: Sentence


def choices() -> Mapping[str, Mapping[str, str]]:
    """The packs to choose from, by key, each by its name."""
    return {pack.key: pack.name for pack in programme.current().policy.every()}


def chosen(key: str, now: datetime) -> Client:
    """The client of a pack; the first retail pack's where there is none of that key."""
    current, house = programme.current(), brand()
    packs = {pack.key: pack for pack in current.policy.every()}
    pack = packs.get(key) or next((one for one in packs.values() if one.retail), current.policy.pack(UNKNOWN))
    who = _imagined(pack, house)
    member = imagine(who, language().code, now)
    title = Sentence(TITLES[who.client_class])
    if who.country:
        title = Sentence("%(category)s, %(country)s", {"category": title, "country": Country(who.country)})
    return Client(pack.key, member, current.standing(who.entity_id, who.country, who.client_class), title)


def _imagined(pack: Pack, house: Brand) -> Imagined:
    if pack.key == UNKNOWN:
        return Imagined("", ClientClass.UNKNOWN)
    policy = programme.current().policy
    taken = {code for one in policy.every() for code in one.countries}
    free = next((code for code in ("AE", *sorted(country_codes())) if code not in taken), "AE")
    country = "" if pack.key in (PROFESSIONAL, OFFSHORE) else _known_best(pack)
    if pack.key == PROFESSIONAL:
        retail = next((one for one in policy.every() if one.retail and one.countries), None)
        country = _known_best(retail) if retail else free
    country = country or free
    whom = ClientClass.PROFESSIONAL if pack.key == PROFESSIONAL else ClientClass.RETAIL
    entity = house.entity_for(country)
    return Imagined(country, whom, entity.id if entity else None)


def _known_best(pack: Pack) -> str:
    """A country of the pack: Cyprus, where most brokers are, else the first."""
    return "CY" if "CY" in pack.countries else next(iter(sorted(pack.countries)), "")
