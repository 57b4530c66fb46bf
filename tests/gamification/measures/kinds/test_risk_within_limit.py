"""Risk in money follows from the trade's own figures, and is judged by the limit of when it was opened."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.gamification.habits.own import Limit, OwnRules
from app.gamification.measures.kinds.risk_within_limit import RiskWithinLimit
from app.gamification.measures.measure import Counted, Missed
from app.gamification.measures.risk import NOTHING, risked
from app.lib.clock import to_micros
from tests.support.seeing import LIMIT, NOON, seen, trade

USUAL = RiskWithinLimit.Settings()


def judged(own: OwnRules = LIMIT, **more: object) -> Counted | str:
    found = RiskWithinLimit.count(seen(trade(**more), own=own), USUAL)  # type: ignore[arg-type]
    return found.why.msgid % found.why.values if isinstance(found, Missed) else found


# A lot of EURUSD from 1.10000 to 1.10500 brings 500.00: a pip is worth 10.
@pytest.mark.parametrize(
    ("more", "money"),
    [
        ({}, "100"),
        ({"stop_loss": "1.09800"}, "200"),
        ({"side": -1, "stop_loss": "1.10100", "profit": "-500.00"}, "100"),
        (
            {"symbol": "DE40", "open_price": "18000", "close_price": "18010", "profit": "25.00", "stop_loss": "17960"},
            "100",
        ),
        (
            {"symbol": "USDJPY", "open_price": "150", "close_price": "151", "profit": "662.25", "stop_loss": "149"},
            "662.25",
        ),
        ({"close_price": "1.10000", "profit": "0.00"}, "100"),  # closed where it opened: lots times contract
        ({"close_price": "1.10001", "profit": "0.00", "lots": "0.01"}, "1"),
        ({"stop_loss": "1.10300"}, "0"),  # trailed into profit
        ({"side": -1, "stop_loss": "1.09000"}, "0"),
        ({"stop_loss": "1.10000"}, "0"),
    ],
)
def test_risk_in_money(more: dict[str, object], money: str):
    found = risked(trade(**more))  # type: ignore[arg-type]
    assert found is not None
    assert found.amount == Decimal(money)


def test_what_its_figures_do_not_tell():
    assert risked(trade(symbol="USDJPY", close_price="1.10000", profit="0")) is None  # quoted in yen, kept in dollars
    assert risked(trade(symbol="US30", close_price="1.10000", profit="0")) is None
    assert risked(trade(stop_loss="1.10000", close_price="1.10000")) == NOTHING


def test_within_the_limit_it_counts_and_beyond_it_says_both_figures():
    assert judged() == Counted(1)
    assert judged(stop_loss="1.09899") == "Risked 101.00 USD, your limit was 100 USD"


def test_what_the_rounding_of_the_profit_leaves_open_is_said_for_the_member():
    # 0.10 for a pip of 0.01 lot: the true value lies between 0.095 and 0.105, and the risk between 95 and 105.
    tiny = {"lots": "0.01", "close_price": "1.10010", "profit": "0.10", "stop_loss": "0.10000"}
    assert judged(**tiny) == "Risked 1000.00 USD, your limit was 100 USD"
    assert judged(**tiny | {"stop_loss": "0.99800"}) == Counted(1)
    assert judged(**tiny | {"stop_loss": "0.99000"}) == "Risked 110.00 USD, your limit was 100 USD"


def test_a_refusal_never_names_a_figure_within_the_limit():
    assert judged(stop_loss="1.09899999", profit="500.00000000") == "Risked 100.01 USD, your limit was 100 USD"


def test_what_is_missing_is_said():
    assert judged(stop_loss=None) == "Closed without a stop-loss"
    assert judged(OwnRules()) == "You had set no limit when it was opened"
    assert judged(currency="EUR") == "The account is kept in EUR, your limit in USD"
    assert judged(symbol="US30", close_price="1.10000", profit="0.00") == (
        "It closed where it opened: its risk in money cannot be told"
    )
    assert judged(bonus_funds=1) == "Paid by bonus funds"


def test_the_limit_is_that_of_when_it_was_opened():
    opened = NOON - timedelta(hours=1)
    low, high = Limit(Decimal(50), "USD"), Limit(Decimal(500), "USD")

    def changed(at: timedelta) -> OwnRules:
        return OwnRules(limits=((0, low), (to_micros(opened + at), high)))

    assert judged(changed(timedelta(seconds=1))) == "Risked 100.00 USD, your limit was 50 USD"
    assert judged(changed(timedelta())) == Counted(1)
    assert judged(OwnRules(limits=((0, high), (to_micros(opened), None)))) == "You had set no limit when it was opened"


def test_the_largest_figures_are_told_apart():
    giant = {"lots": "999999999999.99999999", "open_price": "999999999999.99999999", "stop_loss": "0.00000001"}
    found = judged(**giant, close_price="0.00000001", profit="-999999999999999.99999999")
    assert isinstance(found, str) and found.startswith("Risked 1000000000000000.00 USD")
    found = judged(**giant, close_price="999999999999.99999998", profit="-999999999999999")
    assert isinstance(found, str) and found.startswith("Risked ")
