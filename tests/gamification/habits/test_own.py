"""What members set themselves: sound or refused, each version judging what comes after it."""

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.gamification.errors.habits import (
    BadHold,
    BadPlanLots,
    BadPlanSymbol,
    BadRiskLimit,
    ChangedTooOften,
    EmptyPlan,
    HalfHours,
    NoSuchCurrency,
    TooManyPlanSymbols,
)
from app.gamification.habits import limits, plans, reads
from app.gamification.habits.own import Plan
from app.gamification.habits.versions import CHANGES_A_DAY
from app.gamification.members.sign_ins import read_for_staff
from app.models.base import transaction
from tests.support.play import NOON, trader
from tests.support.queries import counted

NOTHING: dict[str, Any] = {
    "symbols": "", "opens": None, "closes": None, "zone": "UTC", "max_lots": None, "needs_stop": False, "hold_minutes": 0
}  # fmt: skip


def sound(**said: Any) -> Plan:
    return plans.sound(**NOTHING | said)


def test_symbols_are_kept_by_their_plain_names_each_once():
    assert plans.symbols_in(" eurusd.pro，XAUUSD; mEURUSD\tus500 ,, EURUSD") == ("EURUSD", "XAUUSD", "US500")
    assert plans.symbols_in("") == ()


@pytest.mark.parametrize("written", ["EUR$USD", "<b>", "\u202eDSURUE!", "x" * 200, "=1+1"])
def test_what_is_no_symbol_is_named(written: str):
    with pytest.raises(BadPlanSymbol):
        plans.symbols_in(written)


def test_a_plan_names_thirty_symbols_at_most():
    with pytest.raises(TooManyPlanSymbols):
        plans.symbols_in(" ".join(f"S{number}" for number in range(31)))


def test_an_empty_plan_is_none():
    with pytest.raises(EmptyPlan):
        sound()


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"opens": time(8)}, HalfHours),
        ({"closes": time(8)}, HalfHours),
        ({"opens": time(8), "closes": time(8)}, HalfHours),
        ({"max_lots": Decimal("NaN")}, BadPlanLots),
        ({"max_lots": Decimal("1e400")}, BadPlanLots),
        ({"max_lots": Decimal("-1")}, BadPlanLots),
        ({"max_lots": Decimal(0)}, BadPlanLots),
        ({"hold_minutes": -1}, BadHold),
        ({"hold_minutes": 10**9}, BadHold),
    ],
)
def test_what_cannot_be_checked_is_refused(said: dict[str, Any], refused: type[Exception]):
    with pytest.raises(refused):
        sound(**said)


def test_a_plan_says_in_words_what_is_checked():
    plan = sound(
        symbols="EURUSD", opens=time(22), closes=time(2), max_lots=Decimal("0.50"), needs_stop=True, hold_minutes=1
    )
    said = [sentence.msgid % sentence.values for sentence in plans.in_words(plan)]
    assert said == [
        "Only EURUSD",
        "Opened between 22:00 and 02:00 of the next day, UTC",
        "At most 0.5 lots a trade",
        "With a stop-loss",
        "Held for at least 1 minute",
    ]


def test_each_version_is_kept_and_saying_the_same_again_is_none(app: Flask):
    tara = trader()
    first, second = sound(symbols="EURUSD"), sound(needs_stop=True)
    with transaction():
        assert not plans.end(tara, now=NOON) and not limits.end(tara, now=NOON)
        assert plans.write(tara, first, now=NOON) and not plans.write(tara, first, now=NOON)
        assert plans.write(tara, second, now=NOON + timedelta(hours=1))
        assert plans.end(tara, now=NOON + timedelta(hours=2)) and not plans.end(tara, now=NOON + timedelta(hours=3))
        assert limits.put(tara, Decimal("50.50"), "USD", now=NOON)
        assert not limits.put(tara, Decimal("50.5"), "USD", now=NOON)
        # Two changes within one instant are two versions all the same.
        assert limits.put(tara, Decimal("50.5"), "EUR", now=NOON)
    me = read_for_staff(tara, NOON)
    assert me is not None
    reads.habits(me, NOON)
    with counted() as statements:
        found = reads.habits(me, NOON + timedelta(hours=4))
    assert len(statements) <= 4
    assert [one.plan for one in found.plans] == [None, second, first] and found.plan is None
    assert [(one.amount, one.limit.currency) for one in found.limits if one.limit] == [
        ("50.50", "EUR"),
        ("50.50", "USD"),
    ]


@pytest.mark.parametrize("amount", ["0", "-1", "1000000000.01", "0.001", "NaN", "Infinity", "1e400"])
def test_a_limit_is_an_amount_of_money(app: Flask, amount: str):
    with pytest.raises(BadRiskLimit), transaction():
        limits.put(1, Decimal(amount), "USD", now=NOON)


def test_a_limit_has_a_currency_and_the_decimals_of_it(app: Flask):
    with pytest.raises(NoSuchCurrency), transaction():
        limits.put(1, Decimal(50), "XXX", now=NOON)
    with pytest.raises(BadRiskLimit), transaction():
        limits.put(1, Decimal("50.5"), "JPY", now=NOON)


def test_nobody_changes_their_mind_all_day_and_ending_is_always_possible(app: Flask):
    tara = trader()
    for number in range(CHANGES_A_DAY):
        with transaction():
            limits.put(tara, Decimal(number + 1), "USD", now=NOON + timedelta(minutes=number))
    with pytest.raises(ChangedTooOften), transaction():
        limits.put(tara, Decimal(99), "USD", now=NOON + timedelta(hours=1))
    with transaction():
        assert limits.end(tara, now=NOON + timedelta(hours=1))
    with transaction():
        assert limits.put(tara, Decimal(99), "USD", now=NOON + timedelta(hours=26))
