"""What goes wrong in every season: corrections, cancellations, reports out of order, uploads, logins nobody owns."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.gamification.activities import SurveyAnswered, TradeClosed
from app.gamification.handoff import demo
from app.gamification.ingest import UPLOADS
from app.lib.periods import day_of
from app.models.people import ClientClass
from app.seeds.demo import wallets
from app.seeds.demo.market import Market
from app.seeds.demo.people import Act, Deed, Login, Person, deal
from app.seeds.demo.trading import STYLES, earns, lots_of, plans, settle

# Far above the numbers a catalogue of rewards will give its redemptions.
FIRST_REDEMPTION = 1_000_000_000
NOTES = (
    (300, "Goodwill: charts were not reachable for an hour"),
    (150, "Thanks for the error report about the mobile app"),
)


def befall(people: list[Person], now: datetime, market: Market) -> list[Deed]:
    """Let things happen to the crowd; returns what is reported for logins that are nobody's."""
    chance = random.Random("meridian:mishaps")
    traders = [person for person in people if len(_trades(person)) >= 8]
    if len(traders) > 1:
        _amend(chance, traders, now)
        _report_out_of_order(chance, traders, now)
        _correct_a_foreign_trade(traders)
        settled = [person for person in traders if person.joined < now - timedelta(days=30)]
        _upload(chance, settled, now, market)
        _link_late(chance, settled, now, market)
        _owe(traders, now)
    _wallets(chance, people, now)
    return _strays(chance, now, market)


def corrected(trade: TradeClosed, lots: Decimal) -> TradeClosed:
    """The trade as the broker reports it again: with fewer lots, and money to match."""
    share = lots / Decimal(trade.lots)
    money = {
        name: str((Decimal(getattr(trade, name)) * share).quantize(Decimal("0.01")))
        for name in ("profit", "commission", "swap")
    }
    fields = {name: getattr(trade, name) for name in trade.__struct_fields__}
    return TradeClosed(**{**fields, **money, "lots": str(lots)})


def _trades(person: Person) -> list[Deed]:
    return [deed for deed in person.deeds if deed.kind == "trade.closed" and deed.amends is None]


def _amend(chance: random.Random, traders: list[Person], now: datetime) -> None:
    for person in chance.sample(traders, max(1, len(traders) // 6)):
        original = chance.choice(_trades(person))
        at = original.at + timedelta(hours=chance.uniform(3, 70))
        if at >= now or not isinstance(original.data, TradeClosed):
            continue
        if chance.random() < 0.4:
            person.amended(original, at, None)
        elif (lots := lots_of(float(original.data.lots) * 0.7)) < Decimal(original.data.lots):
            person.amended(original, at, corrected(original.data, lots))


def _report_out_of_order(chance: random.Random, traders: list[Person], now: datetime) -> None:
    """Amendments that arrive days before what they amend."""
    for number, person in enumerate(chance.sample(traders, min(4, len(traders)))):
        original = next((deed for deed in _trades(person) if deed.at < now - timedelta(days=4)), None)
        if original is None or not isinstance(original.data, TradeClosed):
            continue
        bust = number % 2 == 0
        person.amended(original, original.at + timedelta(hours=2), None if bust else original.data)
        late = original._replace(arrives=original.at + timedelta(days=2))
        person.deeds[person.deeds.index(original)] = late


def _correct_a_foreign_trade(traders: list[Person]) -> None:
    """A correction that names a trade of somebody else's, in the delivery that brings the trade itself."""
    other, *_, owner = sorted(traders, key=lambda person: person.joined)
    original = _trades(owner)[0]
    assert isinstance(original.data, TradeClosed)
    deed = other.amended(original, original.at, original.data)
    misplaced = deed._replace(account=other.logins[0], id=f"{original.id}-misplaced", arrives=original.arrives)
    other.deeds[-1] = misplaced


def _upload(chance: random.Random, traders: list[Person], now: datetime, market: Market) -> None:
    """Statements that members uploaded themselves: they wait for staff; of some deals the broker's own report came."""
    for person in chance.sample(traders, min(6, len(traders))):
        login = Login("mt4", "Meridian-Classic", str(882_000 + chance.randrange(999)))
        uploaded = now - timedelta(days=chance.uniform(2, 16))
        person.linked_later[login] = uploaded - timedelta(hours=1)
        today = day_of(uploaded, person.zone)
        found = plans(chance, STYLES["day"], 0.2, range(today - 25, today), person.zone, uploaded)
        deeds = [
            person.closes(settle(plan, market, chance), login, UPLOADS, uploaded)
            for plan, _ in zip(found, range(5), strict=False)
        ]
        if deeds and isinstance(deeds[0].data, TradeClosed):
            person.closes(deeds[0].data, login, arrives=uploaded + timedelta(days=1))


def _link_late(chance: random.Random, traders: list[Person], now: datetime, market: Market) -> None:
    """Logins whose trades were reported for weeks before the broker said whose they are."""
    for person in chance.sample(traders, min(4, len(traders))):
        login = Login("mt5", "Meridian-Live", str(5_920_000 + chance.randrange(9_999)))
        today = day_of(now, person.zone)
        person.linked_later[login] = now - timedelta(days=chance.uniform(3, 9))
        for plan in plans(chance, STYLES["day"], 0.3, range(today - 44, today - 9), person.zone, now, busy=0.5):
            if plan.opened > person.joined:
                person.closes(settle(plan, market, chance), login)


def _strays(chance: random.Random, now: datetime, market: Market) -> list[Deed]:
    """Trades of logins that no member is linked to yet."""
    zone, found = ZoneInfo("UTC"), []
    today = day_of(now, zone)
    for number in range(5):
        login = Login("mt5", "Meridian-Live", str(5_980_000 + chance.randrange(9_999)))
        if number == 0:
            login = Login(*demo.ACCOUNT)
        for plan in plans(chance, STYLES["day"], 0.15, range(today - 14, today + 1), zone, now, busy=0.6):
            found.append(deal(settle(plan, market, chance), login))
    return found


def _wallets(chance: random.Random, people: list[Person], now: datetime) -> None:
    """Spending and its refunds, changes by staff, and a pause."""
    number = FIRST_REDEMPTION
    since = now - timedelta(days=75)
    old = [person for person in people if person.joined < since]
    for person in chance.sample(old, len(old) // 3):
        for _ in range(chance.choice((1, 1, 2, 3))):
            number += 1
            at = since + (now - since) * chance.random()
            person.acts.append(Act(at, wallets.spend(chance.choice((200, 300, 500, 800, 1200)), number)))
            if chance.random() < 0.25 and at + timedelta(days=6) < now:
                person.acts.append(Act(at + timedelta(days=6), wallets.refund(number)))
    for person, (amount, note) in zip(chance.sample(old, min(2, len(old))), NOTES, strict=False):
        person.acts.append(Act(now - timedelta(days=chance.uniform(4, 8)), wallets.adjust(amount, note)))
    for person in old[:1]:
        person.acts.append(Act(now - timedelta(days=40), wallets.pause(True)))
        person.acts.append(Act(now - timedelta(days=31), wallets.pause(False)))


def _owe(traders: list[Person], now: datetime) -> None:
    """Trades that were cancelled after what they had earned was spent: the rest is owed, and paid by what comes next."""
    worth = [_largest(person, now) for person in traders if _may_earn_by_trading(person)]
    owed = sorted((found for found in worth if found is not None), key=lambda found: found[2], reverse=True)
    for number, (person, deed, _) in enumerate(owed[:2]):
        spent = deed.at + timedelta(days=7)
        person.acts.append(Act(spent, wallets.spend_all(FIRST_REDEMPTION + 900 + number)))
        person.amended(deed, spent + timedelta(hours=9), None)
        survey = "a-cancelled-trade"
        person.does("survey.answered", spent + timedelta(days=3), SurveyAnswered(survey), survey)


def _may_earn_by_trading(person: Person) -> bool:
    return person.entity == "global" and person.client_class != ClientClass.UNKNOWN


def _largest(person: Person, now: datetime) -> tuple[Person, Deed, Decimal] | None:
    """The largest trade that earned and is settled for long."""
    found = [
        (person, deed, Decimal(deed.data.lots))
        for deed in _trades(person)
        if isinstance(deed.data, TradeClosed) and deed.at < now - timedelta(days=25)
        if deed.arrives < deed.at + timedelta(hours=1) and earns(deed.data)
    ]
    return max(found, key=lambda one: one[2], default=None)
