"""The six whom a visitor can be by one click, each with a history that shows another side of the programme."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.gamification.activities import LessonPassed
from app.lib.periods import add_months, day_of, start_of
from app.models.people import ClientClass
from app.seeds.demo import habits, playing, wallets
from app.seeds.demo.market import Market
from app.seeds.demo.middle import play_middle
from app.seeds.demo.mishaps import FIRST_REDEMPTION
from app.seeds.demo.people import Act, Login, Person
from app.seeds.demo.trading import STYLES, Style, plans, released_by, settle, sized

# Days ago, points.
SPENT_AT_THE_TOP = (
    *((300, 1500), (190, 6000), (96, 9000), (75, 12_000), (61, 9000), (47, 12_000)),
    *((40, 9000), (33, 15_000), (26, 9000), (18, 12_000), (12, 9000), (5, 6000)),
)

MIDDLE, NEW, TOP, CYPRUS, ARABIC, CHINESE = ROLES = ("middle", "new", "top", "cyprus", "arabic", "chinese")


def draw_cast(season: int, now: datetime, market: Market) -> list[Person]:
    """The six with all they do; `season` is the first day of the season."""
    month = add_months(now.date().replace(day=1), -13)
    joined = datetime(month.year, month.month, 3, 6, 12, 40, tzinfo=now.tzinfo)
    middle = _member(MIDDLE, "Amira Haddad", "amira.haddad", "AE", "global", joined)
    middle.client_class, middle.alias = ClientClass.PROFESSIONAL, "Amira H."
    middle.logins = [Login("mt5", "Meridian-Live", "4417210")]
    play_middle(middle, season, now, market)
    cast = [
        middle,
        _member(
            NEW, "Tomás Herrera", "tomas.herrera", "CL", "global", now - timedelta(minutes=12), ClientClass.UNKNOWN
        ),
        _top(season, now, market),
        _cyprus(now, market),
        _arabic(now, market),
        _chinese(now, market),
    ]
    for person in cast:
        playing.take_part(person, now)
    return cast


def _member(
    role: str,
    name: str,
    mailbox: str,
    country: str,
    entity: str,
    joined: datetime,
    client_class: ClientClass = ClientClass.RETAIL,
    language: str = "en",
) -> Person:
    zones = {"AE": "Asia/Dubai", "CL": "America/Santiago", "SE": "Europe/Stockholm", "CY": "Asia/Nicosia"}
    zones |= {"JO": "Asia/Amman", "MY": "Asia/Kuala_Lumpur"}
    return Person(
        name=name,
        email=f"{mailbox}@example.com",
        country=country,
        entity=entity,
        client_class=client_class,
        language=language,
        zone=ZoneInfo(zones[country]),
        joined=joined.replace(microsecond=0),
        external_id=f"MM-{10_001 + ROLES.index(role)}",
        role=role,
    )


def _top(season: int, now: datetime, market: Market) -> Person:
    """A professional at the highest level, who meets the daily cap and spends a lot."""
    joined = now - timedelta(days=371)
    person = _member(TOP, "Henrik Lindqvist", "henrik.lindqvist", "SE", "eu", joined, ClientClass.PROFESSIONAL)
    person.alias, person.logins = "Henrik L.", [Login("mt5", "Meridian-Live", "4409038")]
    style = Style("top", 0.8, 2.6, (420, 130_000), {"XAUUSD": 40, "EURUSD": 25, "US500": 15, "USDJPY": 20}, 0.9)
    before = range(day_of(joined, person.zone), season)
    _trade(person, style, before, 380, now, market, busy=0.4)
    _trade(person, style, range(season, day_of(now, person.zone) + 1), 1010, now, market)
    _habits(person, now, visit=0.85, write=0.3, study=9, paid_in=24_000)
    for number, (ago, amount) in enumerate(SPENT_AT_THE_TOP):
        number += FIRST_REDEMPTION + 750
        person.acts.append(Act(now - timedelta(days=ago), wallets.spend(amount, number)))
    return person


def _cyprus(now: datetime, market: Market) -> Person:
    """A retail client in the EU: words instead of points for trades, points for learning and habits."""
    person = _member(CYPRUS, "Eleni Georgiou", "eleni.georgiou", "CY", "eu", now - timedelta(days=97))
    person.alias, person.logins = "Eleni G.", [Login("mt5", "Meridian-Live", "4431864")]
    _trade(person, STYLES["swing"], _days(person, now), 5, now, market, busy=2.2)
    _habits(person, now, visit=0.72, write=0.45, study=12, paid_in=400)
    person.acts.append(Act(now - timedelta(days=19), wallets.spend(300, FIRST_REDEMPTION + 721)))
    return person


def _arabic(now: datetime, market: Market) -> Person:
    """Reads Arabic; trades gold from Amman."""
    person = _member(ARABIC, "ليلى الخطيب", "layla.khatib", "JO", "global", now - timedelta(days=121), language="ar")
    person.alias, person.logins = "ليلى", [Login("mt5", "Meridian-Live", "4433105")]
    _trade(person, STYLES["gold"], _days(person, now), 33, now, market, busy=1.2)
    _habits(person, now, visit=0.66, write=0.3, study=7, paid_in=1200)
    person.acts.append(Act(now - timedelta(days=23), wallets.spend(800, FIRST_REDEMPTION + 731)))
    return person


def _chinese(now: datetime, market: Market) -> Person:
    """Reads Chinese; close to the next level."""
    person = _member(CHINESE, "林嘉怡", "jiayi.lin", "MY", "global", now - timedelta(days=152), language="zh")
    person.alias, person.logins = "林嘉怡", [Login("mt4", "Meridian-Pro", "4420577", ".pro")]
    _trade(person, STYLES["day"], _days(person, now), 55, now, market, busy=0.8)
    _habits(person, now, visit=0.7, write=0.5, study=10, paid_in=1800)
    person.acts.append(Act(now - timedelta(days=41), wallets.spend(1500, FIRST_REDEMPTION + 741)))
    return person


def _trade(
    person: Person, style: Style, days: range, lots: float, now: datetime, market: Market, busy: float = 1.0
) -> None:
    """Trades on these days of which those that earned and were released add up to so many lots."""
    chance, login = random.Random(f"meridian:{person.role}:{days.start}"), person.logins[0]
    since = start_of(days.start, person.zone)
    planned = [
        plan for plan in plans(chance, style, 1, days, person.zone, now, busy=busy) if plan.opened > person.joined
    ]
    for plan in sized(planned, market, lots, since, released_by(now)):
        person.closes(settle(plan, market, chance, ending=login.ending), login)


def _habits(person: Person, now: datetime, *, visit: float, write: float, study: int, paid_in: float) -> None:
    """All but trading; today's visit is left to whoever signs in."""
    chance, days = random.Random(f"meridian:{person.role}:habits"), _days(person, now)
    person.does("kyc.verified", person.joined + timedelta(hours=19))
    habits.visits(chance, person, days[:-1], visit, now)
    habits.journal(chance, person, days, write, now)
    for number, lesson in enumerate(habits.LESSONS[:study], start=1):
        at = habits.moment(chance, person, days[len(days) * number // study - 3])
        person.does(
            "lesson.passed", at, LessonPassed(lesson, chance.randrange(habits.PASSED, 101)), habits.number_of(lesson)
        )
    habits.surveys(chance, person, days, 0.6, now)
    habits.webinars(chance, person, days[-80:], 0.25, now)
    habits.deposits(chance, person, days, person.logins[0], paid_in, now)
    habits.entries(chance, person, days, person.logins[0], 0.05, now)


def _days(person: Person, now: datetime) -> range:
    return range(day_of(person.joined, person.zone), day_of(now, person.zone) + 1)
