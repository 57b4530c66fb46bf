"""Amira, in the middle of the ladder: thirteen months in which nearly everything happens once."""

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
    TradeClosed,
)
from app.gamification.ingest import UPLOADS
from app.lib.clock import from_day, to_day
from app.lib.periods import add_months, day_of, start_of
from app.seeds.demo import habits, wallets
from app.seeds.demo.market import Market
from app.seeds.demo.mishaps import FIRST_REDEMPTION, corrected
from app.seeds.demo.people import Act, Deed, Login, Person
from app.seeds.demo.trading import Plan, Style, earns, pips, plans, released_by, settle, sized

# Of the 30,000 that the seeded ladder asks for Platinum; Gold begins at 7,500.
QUALIFYING = 21_300
WINDOW = 180  # days
STYLE = Style(
    "amira",
    0.9,
    1.9,
    (900, 30_000),
    {"XAUUSD": 30, "EURUSD": 28, "GBPUSD": 12, "USDJPY": 14, "EURJPY": 6, "AUDUSD": 6, "US500": 4},
    0.85,
)


def play_middle(person: Person, season: int, now: datetime, market: Market) -> None:
    """Everything she does, in four parts: habits, trades, single trades that teach something, and her wallet."""
    _Amira(person, season, now, market).play()


class _Amira:
    def __init__(self, person: Person, season: int, now: datetime, market: Market) -> None:
        self.person, self.season, self.now, self.market = person, season, now, market
        self.chance = random.Random("meridian:middle")
        self.login, self.zone = person.logins[0], person.zone
        self.today = day_of(now, self.zone)
        self.month = from_day(self.today).replace(day=1)

    def play(self) -> None:
        self.habits()
        self.single_trades()
        self.reports()
        self.wallet()
        self.trades()  # last: sized to what the rest leaves of the aim

    def at(self, days_ago: int, clock: str) -> datetime:
        """An instant of her day, `14:32:08`."""
        hours, minutes, seconds = map(int, clock.split(":"))
        return start_of(self.today - days_ago, self.zone) + timedelta(hours=hours, minutes=minutes, seconds=seconds)

    def workday(self, number: int, clock: str) -> datetime:
        """An instant of the n-th working day back at which the market is open and which is past; 0 is the latest."""
        days_ago = 0
        while number or not self._is_past_workday(days_ago, clock):
            number -= self._is_past_workday(days_ago, clock)
            days_ago += 1
        return self.at(days_ago, clock)

    def _is_past_workday(self, days_ago: int, clock: str) -> bool:
        return from_day(self.today - days_ago).weekday() < 5 and self.at(days_ago, clock) < self.now

    # --- habits ----------------------------------------------------------------------------------------------------

    def habits(self) -> None:
        person, chance, now = self.person, self.chance, self.now
        first = day_of(person.joined, self.zone)
        person.does("kyc.verified", person.joined + timedelta(hours=30))
        habits.visits(chance, person, range(first, self.season), 0.12, now)
        habits.visits(chance, person, range(self.season, self.today), 0.78, now)
        habits.journal(chance, person, range(self.season, self.today - 8), 0.4, now)
        for days_ago, clock in ((7, "21:10:00"), (5, "20:41:00"), (5, "22:26:00"), (3, "21:35:00"), (1, "20:18:00")):
            person.does("journal.written", self.at(days_ago, clock))
        days = (self.today - first - 9, self.today - first - 33, 64, 55, 47, 40, 29, 20, 13, 13, 13, 13, 6, 2)
        for number, (lesson, days_ago) in enumerate(zip(habits.LESSONS, days, strict=False)):
            at = self.at(days_ago, f"{9 + number % 4}:{10 + 3 * number}:00")
            if lesson == "the-economic-calendar":
                person.does("lesson.passed", at - timedelta(minutes=34), LessonPassed(lesson, 48), f"{lesson}-1")
            person.does("lesson.passed", at, LessonPassed(lesson, 78 + number), habits.number_of(lesson))
            if lesson == "the-economic-calendar":  # read once more the day after: it counts once
                person.does("lesson.passed", at + timedelta(days=1), LessonPassed(lesson, 92), f"{lesson}-2")
        person.does("survey.answered", self.at(58, "19:02:00"), SurveyAnswered(habits.SURVEYS[0]), habits.SURVEYS[0])
        person.does("survey.answered", self.at(17, "13:40:00"), SurveyAnswered(habits.SURVEYS[1]), habits.SURVEYS[1])
        for days_ago, partner, amount in ((49, 1, "38.40"), (21, 0, "0.45"), (10, 0, "64.00")):
            purchase = PartnerPurchase(habits.PARTNERS[partner], amount, "USD")
            person.does("partner.purchase", self.at(days_ago, "11:47:00"), purchase, str(days_ago))
        # Before the rule was in force, before she had reached the level it asks for, and as it should be.
        for days_ago in (84, 78, 16):
            person.does("custom.round-table", self.at(days_ago, "20:00:00"), Custom(), str(days_ago))
        person.does("rest.kept", self.at(26, "23:00:00"))

    # --- trades ----------------------------------------------------------------------------------------------------

    def trades(self) -> None:
        """Sized by part: two strong months that made her Gold for a while, quiet ones, and what carries her level now."""
        window = self.today - WINDOW + 1
        other = sum(map(_qualifying, filter(self._counts, self.person.deeds)))
        first, second, third = (to_day(add_months(self.month, months)) for months in (-13, -12, -11))
        self._trade(range(first + 6, second), 42, busy=0.6)
        self._trade(range(second, third), 34, busy=0.5)
        self._trade(range(third, window), 30, busy=0.09)
        self._trade(range(window, self.season), 24, busy=0.13)
        self._trade(range(self.season, self.today + 1), (QUALIFYING - other) / 100 - 24)

    def _counts(self, deed: Deed) -> bool:
        """Whether it was this season, has not been replaced, and is held no longer."""
        replaced = any(other.amends == deed.id for other in self.person.deeds)
        held = deed.kind == "trade.closed" and deed.at >= released_by(self.now)
        return day_of(deed.at, self.zone) >= self.season and not replaced and not held

    def _trade(self, days: range, lots: float, busy: float = 1.0) -> None:
        since = start_of(days.start, self.zone)
        planned = list(plans(self.chance, STYLE, 1, days, self.zone, self.now, busy=busy))
        for plan in sized(planned, self.market, lots, since, released_by(self.now)):
            self.person.closes(settle(plan, self.market, self.chance), self.login)

    def single_trades(self) -> None:
        """Trades that teach: one in full, and one for each condition that may fail."""
        self._single("XAUUSD", 1, 1.5, self.workday(0, "13:50:24"), 2528, least=20)
        self._single("EURUSD", 1, 0.5, self.workday(0, "11:02:12"), 121)
        self._single("GBPUSD", -1, 1.0, self.workday(1, "09:52:40"), 1260, least=1, most=2.9)
        self._single("XAUUSD", -1, 0.2, self.workday(2, "15:38:02"), 3120, least=20, bonus=True)
        trade = self._single("BTCUSD", 1, 0.01, self.workday(3, "18:20:00"), 7260, report=False)
        plan = Plan("BTCUSD", 1, 0.01, trade.opened_at, trade.closed_at)
        self.person.closes(settle(plan, self.market, self.chance, lots=Decimal("0.004")), self.login)
        self._single("USDJPY", 1, 0.8, self.workday(4, "17:20:31"), 96)
        self._single("EURUSD", -1, 0.3, self.workday(6, "12:04:19"), 174)

    def _single(
        self, symbol: str, side: int, size: float, opened: datetime, seconds: int, *,
        least: float = 0, most: float = 1e9, bonus: bool = False, report: bool = True,
    ) -> TradeClosed:  # fmt: skip
        """Close a trade about then, whose price went between so many pips."""
        while True:
            plan = Plan(symbol, side, size, opened, opened + timedelta(seconds=seconds), stop=True, bonus=bonus)
            trade = settle(plan, self.market, random.Random(f"meridian:{opened:%m%d%H%M}"))
            if least <= pips(trade) <= most:
                break
            opened -= timedelta(seconds=37)
        if report:
            self.person.closes(trade, self.login)
        return trade

    # --- reports of the broker -------------------------------------------------------------------------------------

    def reports(self) -> None:
        """Corrections and cancellations in either order, an upload, deposits, entries of the account."""
        person = self.person
        original = self._reported("EURUSD", 1, 0.96, self.workday(5, "10:15:08"))
        person.amended(original, original.at + timedelta(hours=22), corrected(_trade_of(original), Decimal("0.75")))
        original = self._reported("GBPUSD", -1, 0.6, self.workday(9, "16:44:51"))
        person.amended(original, original.at + timedelta(hours=17), None)
        original = self._reported("USDJPY", -1, 0.5, self.workday(14, "14:03:37"), late=True)
        person.amended(original, original.at + timedelta(hours=1), corrected(_trade_of(original), Decimal("0.45")))
        original = self._reported("AUDUSD", 1, 0.4, self.workday(18, "09:31:20"), late=True)
        person.amended(original, original.at + timedelta(hours=2), None)
        self._upload()
        self._deposits()
        entries = (
            (8, AccountEntry("interest", "6.18", "USD")),
            (12, AccountEntry("cancelled", "0.00", "USD", "XAUUSD")),
            (20, AccountEntry("balance", "-1500.00", "USD")),
            (25, AccountEntry("dividend", "3.42", "USD", "US500")),
            (40, AccountEntry("bonus", "250.00", "USD")),
            (61, AccountEntry("fee", "-5.00", "USD")),
        )
        for days_ago, entry in entries:
            person.on_account("account.entry", self.at(days_ago, "00:01:10"), self.login, entry)

    def _reported(self, symbol: str, side: int, size: float, opened: datetime, *, late: bool = False) -> Deed:
        self._single(symbol, side, size, opened, 5400, least=6)
        if late:
            deed = self.person.deeds[-1]
            self.person.deeds[-1] = deed._replace(arrives=deed.arrives + timedelta(days=1))
        return self.person.deeds[-1]

    def _upload(self) -> None:
        """A statement of an older account: staff have not looked at it yet; of one deal the broker's report has come."""
        login = Login("mt4", "Meridian-Classic", "882041")
        uploaded = self.at(6, "18:31:00")
        self.person.linked_later[login] = uploaded - timedelta(hours=2)
        for number, (symbol, size) in enumerate((("EURUSD", 0.4), ("XAUUSD", 0.25), ("GBPUSD", 0.3))):
            opened = self.workday(11 + 2 * number, "15:12:44")
            trade = self._single(symbol, 1, size, opened, 4000, least=8, report=False)
            self.person.closes(trade, login, UPLOADS, uploaded)
            if not number:
                self.person.closes(trade, login, arrives=uploaded + timedelta(days=2, hours=1))

    def _deposits(self) -> None:
        """One that the monthly cap cuts, one that comes after it was used up, one that is too small, and the first."""
        month = self.month
        if from_day(self.today).day < 12:
            month = add_months(month, -1)
        big = self.today - to_day(month) - 3
        for days_ago, amount, method in (
            (self.today - day_of(self.person.joined, self.zone) - 4, "2500.00", "card"),
            (66, "60.00", "wallet"),
            (big, "20000.00", "bank-transfer"),
            (big - 5, "5000.00", "bank-transfer"),
        ):
            deposit = DepositMade(amount, "USD", method)
            self.person.on_account("deposit.made", self.at(days_ago, "12:15:00"), self.login, deposit)

    # --- wallet ----------------------------------------------------------------------------------------------------

    def wallet(self) -> None:
        """Spends, mostly what would lapse at the end of a month; gets one back; is given something for her trouble."""
        day = from_day(self.today).day
        acts = [
            (330, wallets.spend(400, FIRST_REDEMPTION + 701)),
            (78, wallets.spend(900, FIRST_REDEMPTION + 702)),
            (57, wallets.spend(1200, FIRST_REDEMPTION + 703)),
            (50, wallets.spend(800, FIRST_REDEMPTION + 704)),
            (47, wallets.refund(FIRST_REDEMPTION + 704)),
            (38, wallets.adjust(150, "Goodwill: charts were not reachable for an hour")),
            (day + 3, wallets.spend_what_lapses(140, FIRST_REDEMPTION + 705)),
            (15, wallets.adjust(-60, "Round table counted twice by the webinar system")),
        ]
        if day >= 6:
            acts.append((2 * day // 3, wallets.spend(1800, FIRST_REDEMPTION + 706)))
            acts.append((day // 4, wallets.spend_what_lapses(600, FIRST_REDEMPTION + 707)))
        self.person.acts = [Act(self.at(days_ago, "07:48:00"), does) for days_ago, does in acts]


def _trade_of(deed: Deed) -> TradeClosed:
    assert isinstance(deed.data, TradeClosed)
    return deed.data


def _qualifying(deed: Deed) -> int:
    """About what an activity counts for her level by the seeded rules; single trades by their lots."""
    if deed.kind == "trade.closed" and isinstance(deed.data, TradeClosed) and deed.source != UPLOADS:
        return int(Decimal(deed.data.lots) * 100) if earns(deed.data) else 0
    return {"lesson.passed": 50, "journal.written": 10, "survey.answered": 40}.get(deed.kind, 0)
