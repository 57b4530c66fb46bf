"""Liability: exact to the last cent, and never less than prudent."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gamification.insight.liability import ENOUGH, Origin, Rate, cost, liability, rate_of

EIGHTY = Rate(Fraction(4, 5), Origin.SET)


def test_the_worked_case():
    found = liability(2000, Decimal("0.012"), EIGHTY, 2)
    assert found.value == Decimal("19.20")
    assert found.breakage == Decimal("4.80")
    assert str(found.value) == "19.20"


@pytest.mark.parametrize(
    ("points", "price", "decimals", "expected"),
    [
        (1, "0.005", 2, "0.00"),
        (3, "0.005", 2, "0.02"),
        (5, "0.005", 2, "0.02"),
        (7, "0.5", 0, "4"),
        (5, "0.5", 0, "2"),
        (3, "0.0015", 3, "0.004"),
        (2**53, "0.01", 2, "90071992547409.92"),
    ],
)
def test_it_is_rounded_once_and_half_to_even(points: int, price: str, decimals: int, expected: str):
    assert cost(points, Decimal(price), decimals) == Decimal(expected)


@given(st.integers(0, 2**53), st.integers(0, 10**6), st.integers(0, 10**9), st.integers(0, 10**9))
def test_value_and_breakage_are_the_whole(points: int, price: int, redeemed: int, expired: int):
    rate = rate_of({}, redeemed, expired)
    found = liability(points, Decimal(price).scaleb(-4), rate, 2)
    assert found.value + found.breakage == cost(points, Decimal(price).scaleb(-4), 2)
    assert found.value >= 0
    assert found.breakage >= 0


def test_the_rate_is_what_the_ledger_shows():
    assert rate_of({}, 9000, 3000) == Rate(Fraction(3, 4), Origin.MEASURED)


def test_until_enough_points_came_to_their_end_all_may_be_redeemed():
    assert rate_of({}, 0, ENOUGH - 1) == Rate(Fraction(1), Origin.ASSUMED)
    assert rate_of({}, -50, 0) == Rate(Fraction(1), Origin.ASSUMED), "more refunded than spent"


def test_the_owner_may_set_it():
    assert rate_of({"liability": {"redemption_rate": "0.8"}}, 1, 99_999) == EIGHTY


@pytest.mark.parametrize("nonsense", ["NaN", "1.01", "-0.1", "Infinity", "much", None, [], 10**400])
def test_a_rate_that_is_none_is_left_aside(nonsense: object):
    assert rate_of({"liability": {"redemption_rate": nonsense}}, 0, 0).origin == Origin.ASSUMED
    assert rate_of({"liability": nonsense}, 0, 0).origin == Origin.ASSUMED


def test_the_cap():
    assert not liability(2000, Decimal("0.012"), EIGHTY, 2, Decimal("19.20")).is_over
    over = liability(2001, Decimal("0.012"), EIGHTY, 2, Decimal("19.20"))
    assert over.is_over
    assert liability(1000, Decimal("0.012"), EIGHTY, 2, Decimal("19.20")).used == Decimal("0.5")
    assert liability(1000, Decimal("0.012"), EIGHTY, 2).used is None
