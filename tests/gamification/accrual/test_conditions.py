"""What a rule asks of an activity: every field, every comparison, groups of which one must hold."""

from typing import Any

import pytest

from app.gamification.accrual.rule import AWARDED, REFUSED
from app.gamification.activities import Deposit, Lesson, Own, Purchase
from app.models.activity import Reason
from tests.gamification.accrual.judging import REVISION, closed, judge, rule


def holds(field: str, op: str, value: Any, facts: Any, kind: str = "trade.closed") -> bool:
    entry = judge(rule(kind=kind, conditions=[[{"field": field, "op": op, "value": value}]]), facts)
    return bool(entry[1] == AWARDED)


@pytest.mark.parametrize(("milliseconds", "earns"), [(179_000, False), (179_999, False), (180_000, True)])
def test_a_trade_must_have_been_open_long_enough_to_the_millisecond(milliseconds: int, earns: bool):
    assert holds("seconds_open", ">=", "180", closed(closed_at=milliseconds)) is earns


@pytest.mark.parametrize(
    ("symbol", "opened", "closed_at", "pips"),
    [
        ("EURUSD", "1.10000", "1.10030", "3"),
        ("EURUSD.pro", "1.10030", "1.10000", "3"),  # whichever way it went
        ("USDJPY", "150.000", "150.030", "3"),
        ("XAUUSD", "1944.0", "1944.3", "3"),
        ("US30", "39000", "39003", "3"),
        ("BTCUSD", "60000", "60003", "3"),
        ("AAPL", "200.00", "200.03", "3"),
    ],
)
def test_the_distance_is_counted_in_the_instruments_own_pips(symbol: str, opened: str, closed_at: str, pips: str):
    trade = closed(symbol=symbol, open_price=opened, close_price=closed_at)
    assert holds("pips_moved", "=", pips, trade)
    assert holds("pips_moved", ">=", pips, trade)
    assert not holds("pips_moved", ">", pips, trade)


def test_a_tenth_of_a_pip_is_not_lost():
    assert not holds("pips_moved", ">=", "3", closed(open_price="1.10000", close_price="1.10029"))


@pytest.mark.parametrize(
    ("op", "below", "same", "above"),
    [
        ("=", False, True, False),
        ("!=", True, False, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
    ],
)
def test_figures_compare_as_numbers(op: str, below: bool, same: bool, above: bool):
    assert [holds("lots", op, "0.50", closed(lots=lots)) for lots in ("0.49", "0.5", "10")] == [below, same, above]


def test_a_list_of_figures():
    assert holds("lots", "in", ["0.10", "0.20"], closed(lots="0.2"))
    assert not holds("lots", "in", ["0.10", "0.20"], closed(lots="0.15"))
    assert holds("lots", "not in", ["0.10", "0.20"], closed(lots="0.15"))


@pytest.mark.parametrize("sent", ["EURUSD", "EURUSD.pro", "eurusd.m", "EUR/USD", "EURUSD#"])
def test_a_symbol_is_known_however_the_platform_decorates_it(sent: str):
    assert holds("symbol", "=", "EURUSD", closed(symbol=sent))
    assert holds("symbol", "in", ["EURUSD", "XAUUSD"], closed(symbol=sent))
    assert not holds("symbol", "!=", "EURUSD", closed(symbol=sent))
    assert not holds("symbol", "not in", ["EURUSD"], closed(symbol=sent))
    assert not holds("symbol", "=", "GBPUSD", closed(symbol=sent))


@pytest.mark.parametrize(
    ("symbol", "group"),
    [
        ("GBPUSD", "majors"),
        ("EURGBP", "minors"),
        ("XAUUSD.m", "metals"),
        ("GOLD", "metals"),
        ("XAGEUR", "metals"),
        ("GER40.cash", "indices"),
        ("XTIUSD", "energies"),
        ("ETHUSD", "crypto"),
        ("DOGEUSD", "crypto"),
        ("AAPL", "shares"),
    ],
)
def test_instruments_fall_into_groups(symbol: str, group: str):
    assert holds("group", "in", [group], closed(symbol=symbol))
    assert not holds("group", "not in", [group], closed(symbol=symbol))


@pytest.mark.parametrize(
    ("field", "with_it", "without"),
    [
        ("bonus_funds", closed(bonus_funds=1), closed()),
        ("has_stop_loss", closed(stop_loss="1.05"), closed()),
    ],
)
def test_yes_and_no(field: str, with_it: Any, without: Any):
    assert holds(field, "=", True, with_it)
    assert not holds(field, "=", True, without)
    assert holds(field, "=", False, without)
    assert holds(field, "!=", True, without)


def test_fields_of_other_kinds():
    assert holds("amount", ">=", "100", Deposit("100.00", "USD"), "deposit.made")
    assert not holds("amount", ">=", "100", Deposit("99.99", "USD"), "deposit.made")
    assert holds("amount", ">", "5", Purchase("cafe", "5.01", "USD"), "partner.purchase")
    assert holds("score", ">=", "60", Lesson("risk", 60), "lesson.passed")
    assert not holds("score", ">=", "60", Lesson("risk", 59), "lesson.passed")
    assert not holds("score", ">=", "60", Lesson("risk"), "lesson.passed")
    assert holds("name", "=", "webinar", Own("webinar"), "custom.webinar")
    assert holds("amount", "<", "1", Own("webinar"), "custom.webinar")


LONG = {"field": "seconds_open", "op": ">=", "value": "180"}
FAR = {"field": "pips_moved", "op": ">=", "value": "10"}
BIG = {"field": "lots", "op": ">=", "value": "5"}


def test_all_rows_of_a_group_must_hold_and_one_group_is_enough():
    either = rule(conditions=[[LONG, FAR], [BIG]])
    brief, near = {"closed_at": 60_000}, {"close_price": "1.1001"}
    assert judge(either, closed())[1] == AWARDED
    assert judge(either, closed(**brief))[1] == REFUSED
    assert judge(either, closed(**near))[1] == REFUSED
    assert judge(either, closed(**brief, **near, lots="5"))[1] == AWARDED


def test_the_miss_that_is_kept_is_that_of_the_group_that_came_furthest():
    either = rule(conditions=[[BIG], [LONG, FAR]])
    near = closed(close_price="1.1001", closed_at=181_000)
    assert judge(either, near) == [REVISION, REFUSED, int(Reason.CONDITION), "pips_moved", "1", ">=", "10"]
    brief = closed(closed_at=179_000)
    assert judge(either, brief) == [REVISION, REFUSED, int(Reason.CONDITION), "lots", "1", ">=", "5"]


def test_the_figure_that_missed_is_kept_exactly():
    assert judge(rule(conditions=[[LONG]]), closed(closed_at=121_500))[3:] == ["seconds_open", "121.5", ">=", "180"]
    lists = rule(conditions=[[{"field": "symbol", "op": "in", "value": ["XAUUSD", "EURGBP"]}]])
    assert judge(lists, closed())[3:] == ["symbol", "EURUSD", "in", ["EURGBP", "XAUUSD"]]
    own = rule(conditions=[[{"field": "bonus_funds", "op": "=", "value": False}]])
    assert judge(own, closed(bonus_funds=1))[3:] == ["bonus_funds", True, "=", False]
