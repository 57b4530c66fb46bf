"""The many members of the demo season: who they are, where they live, how they trade, what else they do."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.gamification.policy.starting import PACKS
from app.lib.clock import to_day
from app.lib.countries import time_zone_of
from app.lib.periods import day_of
from app.models.people import ClientClass
from app.seeds.demo import habits, playing
from app.seeds.demo.market import Market
from app.seeds.demo.names import address, draw_alias, draw_name
from app.seeds.demo.people import Login, Person
from app.seeds.demo.trading import STYLES, plans, settle

# Country, culture of its names, how many of the members live there in proportion.
COUNTRIES = (
    ("AE", "arabic", 20),
    ("JO", "arabic", 9),
    ("KW", "arabic", 7),
    ("SA", "arabic", 8),
    ("EG", "arabic", 8),
    ("MA", "arabic", 5),
    ("MY", "chinese", 14),
    ("SG", "chinese", 10),
    ("MY", "malay", 7),
    ("ID", "indonesian", 10),
    ("VN", "vietnamese", 9),
    ("PH", "filipino", 7),
    ("IN", "indian", 9),
    ("PK", "pakistani", 6),
    ("CY", "greek", 12),
    ("GR", "greek", 7),
    ("BG", "bulgarian", 4),
    ("UA", "ukrainian", 5),
    ("PL", "polish", 10),
    ("DE", "german", 13),
    ("AT", "german", 4),
    ("FR", "french", 9),
    ("ES", "spanish", 8),
    ("MX", "spanish", 8),
    ("CO", "spanish", 5),
    ("CL", "spanish", 4),
    ("IT", "italian", 8),
    ("PT", "portuguese", 4),
    ("BR", "portuguese", 9),
    ("SE", "nordic", 5),
    ("DK", "nordic", 3),
    ("CZ", "czech", 5),
    ("HU", "hungarian", 3),
    ("RO", "romanian", 4),
    ("GB", "english", 15),
    ("IE", "english", 3),
    ("AU", "english", 11),
    ("NZ", "english", 3),
    ("NG", "nigerian", 9),
    ("KE", "kenyan", 6),
    ("ZA", "southafrican", 8),
)
LANGUAGES = {"arabic": "ar", "chinese": "zh"}
STYLE_WEIGHTS = {"scalper": 7, "day": 26, "swing": 17, "gold": 15, "index": 8, "coins": 6, "bonus": 6, "learner": 15}
SERVERS = (
    Login("mt5", "Meridian-Live", ""),
    Login("mt4", "Meridian-Pro", "", ".pro"),
    Login("ctrader", "Meridian", ""),
)
# Of the crowd that was there before the season.
LONG_STANDING = 0.15


def draw_crowd(count: int, start: int, season: int, now: datetime, market: Market) -> list[Person]:
    """So many members with all they do; `start` is the first day of all, `season` that of the season."""
    people = []
    for number in range(count):
        chance = random.Random(f"meridian:member:{number}")
        person = _draw(chance, number, start, season, now)
        _live(chance, person, season, now, market)
        people.append(person)
    _name_apart(people)
    return people


def entity_of(country: str) -> str:
    """The broker's entity that takes clients of a country."""
    homes = {"eu_retail": "eu", "uk_retail": "uk", "au_retail": "au"}
    return next((entity for pack, entity in homes.items() if country in PACKS[pack]["countries"]), "global")


def _draw(chance: random.Random, number: int, start: int, season: int, now: datetime) -> Person:
    country, culture, _ = chance.choices(COUNTRIES, [weight for *_, weight in COUNTRIES])[0]
    name = draw_name(chance, culture, 0.75)
    language = LANGUAGES.get(culture, "en") if name.written != name.latin else "en"
    client_class = chance.choices(
        (ClientClass.RETAIL, ClientClass.PROFESSIONAL, ClientClass.ELIGIBLE, ClientClass.UNKNOWN), (84, 12, 1, 3)
    )[0]
    today = to_day(now.date())
    if chance.random() < LONG_STANDING:
        day = chance.uniform(start, season)
    else:  # many when the season opens, fewer from week to week
        day = season + (today - season) * chance.random() ** 2.1
    joined = datetime.fromtimestamp(day * 86_400 + chance.randrange(25_000, 80_000), now.tzinfo)
    script = {"ar": "arabic", "zh": "chinese"}.get(language, "latin")
    alias = draw_alias(chance, script) if chance.random() < 0.6 else None
    person = Person(
        name=name.written,
        email=address(name.latin, 11 + number),
        country=country,
        entity=entity_of(country),
        client_class=client_class,
        language=language,
        zone=ZoneInfo(time_zone_of(country) or "UTC"),
        joined=min(joined.replace(microsecond=0), now - timedelta(hours=1)),
        external_id=f"MM-{20_411 + 7 * number}",
        alias=alias,
        verified=chance.random() < 0.95,
    )
    for place in range(chance.choices((0, 1, 2), (12, 76, 12))[0]):
        server = chance.choices(SERVERS, (70, 20, 10))[0]
        person.logins.append(server._replace(number=str(4_410_000 + 37 * number + place)))
    return person


def _live(chance: random.Random, person: Person, season: int, now: datetime, market: Market) -> None:
    zone = person.zone
    first, last = day_of(person.joined, zone), day_of(now, zone)
    eager = min(1.0, chance.lognormvariate(-0.9, 0.6))
    days, before = range(max(first, season), last + 1), range(first, min(season, last))
    habits.identity(chance, person, now)
    # What somebody did before the season is known, but was little.
    for part, share in ((days, 1.0), (before, 0.06)):
        habits.visits(chance, person, part, eager * 0.52 * share, now)
        habits.journal(chance, person, part, max(0.0, eager - 0.55) * share, now)
    style = STYLES[chance.choices(list(STYLE_WEIGHTS), list(STYLE_WEIGHTS.values()))[0]]
    study = 7 if style.key == "learner" else 2.2
    habits.lessons(chance, person, days, int(chance.expovariate(1 / study)), now)
    habits.surveys(chance, person, days, 0.22 * eager, now)
    habits.purchases(chance, person, days, 0.4, now)
    habits.webinars(chance, person, days, 0.03 * eager, now)
    playing.take_part_in_passing(random.Random(f"{person.external_id}:play"), person, season, now)
    if not person.logins:
        return
    size = 0.06 * chance.lognormvariate(0, 1.3)
    if person.client_class == ClientClass.PROFESSIONAL or chance.random() < 0.13:
        size *= 12
    size = min(size, 9.0)
    for login in person.logins:
        for part, busy in ((before, 0.08), (days, 1.0 / len(person.logins))):
            for plan in plans(chance, style, size, part, zone, now, busy=busy * (0.35 + eager)):
                if plan.opened > person.joined:
                    person.closes(settle(plan, market, chance, ending=login.ending), login)
        habits.entries(chance, person, days, login, 0.03, now)
    habits.deposits(chance, person, days, person.logins[0], 250 + 2500 * size, now)


def _name_apart(people: list[Person]) -> None:
    """Aliases are unique whatever their case."""
    taken: set[str] = set()
    for person in people:
        alias, number = person.alias, 2
        while alias is not None and alias.lower() in taken:
            alias, number = f"{person.alias}{number}", number + 1
        if alias is not None:
            taken.add(alias.lower())
        person.alias = alias
