"""What members of the demo season do beside trading: visits, lessons, journals, deposits, and entries of accounts."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from app.gamification.activities import (
    AccountEntry,
    Custom,
    DepositMade,
    LessonPassed,
    PartnerPurchase,
    SurveyAnswered,
)
from app.gamification.lessons.starting import KEYS
from app.lib.periods import start_of
from app.seeds.demo.people import Login, Person

# The app's own first, then what the broker teaches elsewhere and reports.
COURSE = (
    "the-economic-calendar",
    "orders-and-fills",
    "reading-a-spread",
    "gaps-and-weekends",
    "gold-and-the-dollar",
    "losing-streaks",
    "a-plan-on-one-page",
    "when-not-to-trade",
)
LESSONS = (*KEYS, *COURSE)
SURVEYS = ("platform-experience", "topics-for-lessons", "support-quality", "app-on-the-phone")
PARTNERS = ("cedar-coffee", "north-books", "kite-travel")
METHODS = ("card", "bank-transfer", "wallet")
# The seeded rule pays each lesson once it is passed with this score.
PASSED = 60
RETRY = timedelta(minutes=21)


def number_of(lesson: str) -> str:
    """How the app names a lesson in what it reports: one of its own by number, one of the broker's by key."""
    return str(KEYS.index(lesson) + 1) if lesson in KEYS else lesson


def visits(chance: random.Random, person: Person, days: range, share: float, until: datetime) -> None:
    """A visit on that share of the days."""
    for day in days:
        if chance.random() < share and person.joined < (at := moment(chance, person, day)) < until:
            person.does("visit", at)


def journal(chance: random.Random, person: Person, days: range, share: float, until: datetime) -> None:
    """An entry of the journal on that share of the days, in the evening; sometimes a second one."""
    for day in days:
        if chance.random() >= share:
            continue
        for _ in range(2 if chance.random() < 0.06 else 1):
            if person.joined < (at := moment(chance, person, day, 18, 23)) < until:
                person.does("journal.written", at)


def lessons(chance: random.Random, person: Person, days: range, count: int, until: datetime) -> None:
    """So many lessons on days drawn from these, in the order of the course; some fail the first time."""
    when = sorted(moment(chance, person, chance.choice(days)) for _ in range(count)) if days else []
    for lesson, at in zip(LESSONS, when, strict=False):
        if not person.joined + RETRY < at < until:
            continue
        if chance.random() < 0.12:
            person.does("lesson.passed", at - RETRY, LessonPassed(lesson, chance.randrange(35, PASSED)), f"{lesson}-1")
        person.does("lesson.passed", at, LessonPassed(lesson, chance.randrange(PASSED, 101)), number_of(lesson))


def identity(chance: random.Random, person: Person, until: datetime) -> None:
    """Identity verified some hours or days after joining; not everybody gets round to it."""
    at = person.joined + timedelta(hours=chance.lognormvariate(2.3, 1.2))
    if chance.random() < 0.86 and at < until:
        person.does("kyc.verified", at)


def surveys(chance: random.Random, person: Person, days: range, share: float, until: datetime) -> None:
    """Some answer a survey when one is out."""
    for survey in SURVEYS:
        if not days or chance.random() >= share:
            continue
        if person.joined < (at := moment(chance, person, chance.choice(days))) < until:
            person.does("survey.answered", at, SurveyAnswered(survey), survey)


def purchases(chance: random.Random, person: Person, days: range, share: float, until: datetime) -> None:
    """Purchases at partners, small ones among them."""
    while days and chance.random() < share:
        at = moment(chance, person, chance.choice(days), 9, 20)
        amount = Decimal(f"{0.35 + chance.lognormvariate(2.2, 1.5):.2f}")
        if person.joined < at < until:
            data = PartnerPurchase(chance.choice(PARTNERS), str(amount), "USD")
            person.does("partner.purchase", at, data, f"{at:%Y%m%d%H%M%S}")


def webinars(chance: random.Random, person: Person, days: range, share: float, until: datetime) -> None:
    """Round tables with an analyst, on Wednesdays at four o'clock UTC."""
    for day in days:
        at = datetime.fromtimestamp(day * 86_400 + 16 * 3600, person.joined.tzinfo)
        if at.weekday() == 2 and chance.random() < share and person.joined < at < until:
            person.does("custom.round-table", at, Custom(), f"{day}")


def deposits(chance: random.Random, person: Person, days: range, login: Login, size: float, until: datetime) -> None:
    """A first deposit soon after joining, later ones now and then; withdrawals are rows of the account."""
    if not days:
        return
    at = person.joined + timedelta(hours=chance.uniform(2, 60))
    while at < until:
        amount = Decimal(str(max(20, round(size * chance.lognormvariate(0, 0.6) / 10) * 10)))
        person.on_account("deposit.made", at, login, DepositMade(f"{amount}.00", "USD", chance.choice(METHODS)))
        if chance.random() < 0.3:
            paid_out = at + timedelta(days=chance.uniform(5, 25))
            if paid_out < until:
                entry = AccountEntry("balance", f"-{amount * Decimal('0.4'):.2f}", "USD")
                person.on_account("account.entry", paid_out, login, entry)
        at += timedelta(days=chance.expovariate(1 / 30) + 3)


def entries(chance: random.Random, person: Person, days: range, login: Login, share: float, until: datetime) -> None:
    """Rows of statements that are no trades."""
    for day in days:
        if chance.random() >= share or not person.joined < (at := moment(chance, person, day, 0, 24)) < until:
            continue
        amount = Decimal(f"{chance.lognormvariate(1.4, 0.8):.2f}")
        entry = chance.choices(
            [
                AccountEntry("interest", str(amount), "USD"),
                AccountEntry("dividend", str(amount), "USD", "US500"),
                AccountEntry("cancelled", "0.00", "USD", chance.choice(("EURUSD", "XAUUSD", "GBPUSD"))),
                AccountEntry("bonus", str(amount * 10), "USD"),
                AccountEntry("fee", f"-{amount}", "USD"),
                AccountEntry("credit", str(amount * 5), "USD"),
            ],
            (38, 12, 30, 8, 8, 4),
        )[0]
        person.on_account("account.entry", at, login, entry)


def moment(chance: random.Random, person: Person, day: int, first: float = 7, last: float = 23.5) -> datetime:
    """An instant of the person's day, between two hours."""
    return start_of(day, person.zone) + timedelta(seconds=int(chance.uniform(first, last) * 3600))
