"""What a symbol is, however a broker's platform decorates it."""

import pytest

from app.gamification.instruments import instrument


@pytest.mark.parametrize(
    "symbol", ["EURUSD", "eurusd", "EURUSD.pro", "EURUSDm", "EUR/USD", "#EURUSD", "mEURUSD", "meurusd", "fxEURUSD.r", "FX:EURUSD", "pro.EURUSD"]
)  # fmt: skip
def test_a_pair_is_known_with_whatever_stands_around_it(symbol: str):
    found = instrument(symbol)
    assert (found.symbol, found.group, found.contract) == ("EURUSD", "majors", 100_000)


@pytest.mark.parametrize(
    ("symbol", "plain", "group"),
    [
        ("mXAUUSD", "XAUUSD", "metals"),
        ("mUSDJPY", "USDJPY", "majors"),
        ("mBTCUSD", "BTCUSD", "crypto"),
        ("XAUUSD", "XAUUSD", "metals"),
    ],
)
def test_so_are_metals_and_coins(symbol: str, plain: str, group: str):
    assert (instrument(symbol).symbol, instrument(symbol).group) == (plain, group)


@pytest.mark.parametrize(
    "symbol", ["ACAD.USD", "ACADUSD", "AAPL", "JPM.US", "mAAPL", "m.TESLAX", "acadiusd", "0003.HK"]
)
def test_a_share_is_no_pair_with_a_letter_before_it(symbol: str):
    assert instrument(symbol).group == "shares"
