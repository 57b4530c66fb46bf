"""How many points: base, rate, factors, and the one rounding at the end."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gamification.accrual.rule import AWARDED, BASE, FACTORS, GIVEN, QUALIFYING, REFUSED, SERVICE_ONLY, WANTED
from app.gamification.activities import Deposit, Own, Purchase
from app.lib.amounts import round_half_even
from app.models.activity import Reason
from tests.gamification.accrual.judging import REVISION, closed, judge, rule

LOTS = {"kind": "lots", "rate": "100"}


def points(facts: Any, base: dict[str, Any], kind: str = "trade.closed", **more: Any) -> int:
    entry = judge(rule(kind=kind, base=base, **more), facts)
    assert entry[1] == AWARDED
    return int(entry[GIVEN])


@pytest.mark.parametrize(
    ("base", "kind", "facts", "expected"),
    [
        ({"kind": "fixed", "rate": "50"}, "trade.closed", closed(lots="99"), 50),
        ({"kind": "lots", "rate": "100"}, "trade.closed", closed(lots="0.01"), 1),
        ({"kind": "notional", "rate": "0.5"}, "trade.closed", closed(lots="0.2"), 10),  # 20 thousand EUR
        ({"kind": "notional", "rate": "10"}, "trade.closed", closed(symbol="XAUUSD", lots="3"), 3),  # 300 ounces
        ({"kind": "amount", "rate": "0.05"}, "deposit.made", Deposit("250.00", "USD"), 12),  # 12.5, to the even one
        ({"kind": "amount", "rate": "1"}, "partner.purchase", Purchase("cafe", "7.60", "USD"), 8),
        ({"kind": "amount", "rate": "2"}, "custom.gift", Own("gift", 1, "4"), 8),
        ({"kind": "count", "rate": "3"}, "custom.gift", Own("gift", 4), 12),
    ],
)
def test_each_base(base: dict[str, Any], kind: str, facts: Any, expected: int):
    assert points(facts, base, kind) == expected


def test_a_symbols_own_rate_goes_before_its_groups_and_that_before_the_plain_one():
    base = {"kind": "lots", "rate": "10", "groups": {"metals": "20", "crypto": "0"}, "symbols": {"XAUUSD": "30"}}
    assert points(closed(), base) == 10
    assert points(closed(symbol="XAGUSD"), base) == 20
    assert points(closed(symbol="XAUUSD.pro"), base) == 30
    entry = judge(rule(base=base), closed(symbol="BTCUSD"))
    assert entry == [REVISION, REFUSED, int(Reason.ROUNDS_TO_ZERO), "0"]


@pytest.mark.parametrize(
    ("lots", "rate", "expected"),
    [
        ("2.5", "13", 32),
        ("2.5", "13.4", 34),  # 33.5
        ("0.5", "1.000001", 1),
        ("1.5", "1", 2),
        ("2.5", "1", 2),
        ("10", "0.8", 8),
        ("0.1", "9.9", 1),
    ],
)
def test_halves_go_to_the_even_number_once(lots: str, rate: str, expected: int):
    assert points(closed(lots=lots), {"kind": "lots", "rate": rate}) == expected


def test_rounding_comes_after_all_factors_not_between():
    # 0.4 × 1.5 × 1.5 = 0.9; rounded at any step before it would be nothing.
    factors = [{"kind": "fixed", "factor": "1.5"}, {"kind": "fixed", "factor": "1.5"}]
    assert points(closed(lots="0.4"), {"kind": "lots", "rate": "1"}, factors=factors) == 1


@pytest.mark.parametrize(
    ("lots", "exact"), [("0.50", "0.5"), ("0.49", "0.49"), ("0.00000001", "0.00000001"), ("0.1", "0.1")]
)
def test_what_rounds_to_zero_is_told_with_the_exact_figure(lots: str, exact: str):
    entry = judge(rule(base={"kind": "lots", "rate": "1"}), closed(lots=lots))
    assert entry == [REVISION, REFUSED, int(Reason.ROUNDS_TO_ZERO), exact]


TWO_AND_FIVE = [{"kind": "fixed", "factor": "2"}, {"kind": "fixed", "factor": "5"}]


@pytest.mark.parametrize(("strategy", "expected"), [("compound", 100), ("additive", 70), ("highest", 50)])
def test_strategies(strategy: str, expected: int):
    assert points(closed(lots="0.1"), LOTS, factors=TWO_AND_FIVE, strategy=strategy) == expected


def test_each_factor_is_kept_in_its_order():
    factors = [*TWO_AND_FIVE, {"kind": "tier"}]
    entry = judge(rule(base=LOTS, factors=factors), closed(), level="gold", factor="1.25")
    assert (entry[BASE], entry[FACTORS]) == ("100", [["tier", "gold", "1.25"], ["fixed", 0, "2"], ["fixed", 1, "5"]])
    assert entry[WANTED] == entry[GIVEN] == 1250


@pytest.mark.parametrize("strategy", ["compound", "additive", "highest"])
def test_a_level_without_an_advantage_changes_nothing_when_it_is_the_only_factor(strategy: str):
    entry = judge(rule(base=LOTS, factors=[{"kind": "tier"}], strategy=strategy), closed())
    assert entry[GIVEN] == 100


@pytest.mark.parametrize(
    ("strategy", "base_level", "next_level"), [("compound", 200, 220), ("additive", 300, 310), ("highest", 200, 200)]
)
def test_the_base_level_counts_as_one_like_any_other_factor(strategy: str, base_level: int, next_level: int):
    double = rule(base=LOTS, factors=[{"kind": "tier"}, {"kind": "fixed", "factor": "2"}], strategy=strategy)
    assert judge(double, closed())[GIVEN] == base_level
    assert judge(double, closed(), level="silver", factor="1.1")[GIVEN] == next_level


def test_a_rule_without_the_levels_factor_ignores_the_level():
    entry = judge(rule(base=LOTS), closed(), level="diamond", factor="2")
    assert (entry[GIVEN], entry[FACTORS]) == (100, [])


def test_qualifying_is_the_base_alone_rounded():
    entry = judge(rule(base={"kind": "lots", "rate": "1"}, factors=TWO_AND_FIVE), closed(lots="2.5"))
    assert (entry[GIVEN], entry[QUALIFYING]) == (25, 2)
    assert judge(rule(base=LOTS, qualifying=False), closed())[QUALIFYING] == 0


def test_what_the_law_marks_as_service_is_marked_in_the_entry():
    assert judge(rule(), closed(), service_only=True)[SERVICE_ONLY] == 1
    assert judge(rule(), closed())[SERVICE_ONLY] == 0


def test_more_points_than_can_be_counted_are_an_error_not_an_award():
    with pytest.raises(OverflowError):
        judge(rule(base={"kind": "lots", "rate": "999999999"}), closed(lots="999999999999"))


decimals = st.decimals(min_value="0.01", max_value="1000", places=2)


@given(decimals, decimals, st.lists(decimals, max_size=3))
def test_the_award_is_the_product_as_fractions_make_it(lots: Decimal, rate: Decimal, values: list[Decimal]):
    from fractions import Fraction

    factors = [{"kind": "fixed", "factor": str(value)} for value in values]
    entry = judge(rule(base={"kind": "lots", "rate": str(rate)}, factors=factors), closed(lots=str(lots)))
    exact = Fraction(lots) * Fraction(rate)
    for value in values:
        exact *= Fraction(value)
    if entry[1] == AWARDED:
        assert entry[GIVEN] == round(exact)  # of fractions, half to even
    else:
        assert round(exact) == 0
        assert Fraction(entry[3]) == exact


@given(st.integers(-1000, 1000))
def test_halves_are_even(number: int):
    assert round_half_even(Decimal(number) + Decimal("0.5")) % 2 == 0
