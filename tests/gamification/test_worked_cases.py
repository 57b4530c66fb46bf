"""The worked cases of the mechanics, as they stand in their table, each by a real rule and the real pipeline.

Those of contests, cashback, referrals and liability belong to what is built later.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.gamification import pipeline
from app.gamification.activities import Custom
from app.gamification.instruments import instrument
from app.gamification.ledger import lapsing, wallets
from app.gamification.tiers.reassessment import reassess
from app.lib.clock import from_micros
from app.models.activity import Reason
from app.models.base import transaction
from tests.support.play import NOON, Said, balances, batches, play, report, trade, trader, wallet
from tests.support.programmes import end_all_rules, publish, set_ladder

NICOSIA = ZoneInfo("Europe/Nicosia")
BRONZE, SILVER, GOLD, PLATINUM = 1, 2, 3, 4


@pytest.fixture
def tara(app: Flask) -> int:
    end_all_rules()
    return trader()


def by_the_lot(rate: str, **more: Any) -> None:
    publish("lots", {"kind": "trade.closed", "base": {"kind": "lots", "rate": rate}, **more})


def ladder(period: dict[str, Any], *thresholds: tuple[int, int | None], **policy: Any) -> None:
    keys = ("bronze", "silver", "gold", "platinum")
    levels = [
        {"key": key, "name": {"en": key}, "threshold": threshold, "keep": keep}
        for key, (threshold, keep) in zip(keys, [(0, None), *thresholds], strict=False)
    ]
    set_ladder({"period": period, "levels": levels, **policy})


# --- accrual ----------------------------------------------------------------------------------------------------------


def test_13_points_a_lot_for_two_and_a_half_lots_are_32(tara: int):
    by_the_lot("13")
    found = play(tara, trade(lots="2.5"))
    assert (found.entry[2], found.earned) == ("32.5", 32)


def test_eight_tenths_of_a_point_a_lot_for_ten_lots_are_8(tara: int):
    by_the_lot("0.8")
    assert play(tara, trade(lots="10")).earned == 8


def test_more_than_59_points_of_movement_were_needed_and_58_seen(tara: int):
    # A point is a tenth of a pip.
    by_the_lot("1", conditions=[[{"field": "pips_moved", "op": ">", "value": "5.9"}]])
    found = play(tara, trade(moved="0.00058"))
    assert (found.earned, found.reason, found.entry[3:]) == (0, Reason.CONDITION, ["pips_moved", "5.8", ">", "5.9"])
    assert play(tara, trade(moved="0.00059")).earned == 0
    assert play(tara, trade(moved="0.00060")).earned == 1


def test_open_179_seconds_earns_nothing_and_180_seconds_earn(tara: int):
    by_the_lot("1", conditions=[[{"field": "seconds_open", "op": ">=", "value": "180"}]])
    short = play(tara, trade(seconds=179))
    assert (short.earned, short.entry[3:]) == (0, ["seconds_open", "179", ">=", "180"])
    assert play(tara, trade(seconds=180)).earned == 1


@pytest.mark.parametrize(("strategy", "points"), [("compound", 100), ("additive", 70), ("highest", 50)])
def test_factors_of_two_and_five_on_a_base_of_ten(tara: int, strategy: str, points: int):
    by_the_lot("10", factors=[{"kind": "fixed", "factor": "2"}, {"kind": "fixed", "factor": "5"}], strategy=strategy)
    assert play(tara, trade()).earned == points


# --- expiry -----------------------------------------------------------------------------------------------------------


def test_points_of_the_22nd_of_january_lapse_as_february_begins(tara: int):
    by_the_lot("10", expiry={"mode": "end_of_month"})
    play(tara, trade(at=datetime(2026, 1, 22, 12, tzinfo=UTC)))
    lapse = datetime(2026, 2, 1, tzinfo=NICOSIA).astimezone(UTC)
    assert from_micros(batches(tara)[0].expires_at) == lapse
    assert lapsing.expire_due(lapse - timedelta(microseconds=1)) == 0
    assert lapsing.expire_due(lapse) == 1
    assert balances(tara) == (0, 0, 0, 10)


def test_100_until_june_and_50_until_december_less_120_leave_30_when_june_is_over(tara: int):
    for name, mode in (("june", {"mode": "months", "n": 3}), ("december", {"mode": "end_of_year"})):
        publish(name, {"kind": f"custom.{name}", "base": {"kind": "count", "rate": "1"}, "expiry": mode})
    march = datetime(2026, 3, 15, 12, tzinfo=UTC)
    play(tara, Said(Custom(count=50), "custom.december", march))
    play(tara, Said(Custom(count=100), "custom.june", march))
    with transaction():
        wallets.redeem(tara, 120, 1, march)
    assert lapsing.expire_due(datetime(2026, 7, 1, tzinfo=UTC)) == 0
    assert balances(tara) == (30, 0, 0, 150)
    assert lapsing.expire_due(datetime(2027, 1, 1, tzinfo=UTC)) == 1
    assert balances(tara)[0] == 0


# --- tiers ------------------------------------------------------------------------------------------------------------


def test_spending_does_not_cost_the_level(tara: int):
    ladder({"kind": "rolling", "days": 180}, (100, None))
    by_the_lot("10")
    play(tara, trade(lots="10"))
    assert wallet(tara).level_id == SILVER
    with transaction():
        wallets.redeem(tara, 50, 1, NOON)
    reassess(NOON + timedelta(days=1))
    assert (wallet(tara).level_id, balances(tara)[0], wallet(tara).qualifying) == (SILVER, 50, 100)


@pytest.mark.parametrize(("lots", "level"), [("80", GOLD), ("74", SILVER)])
def test_gold_needs_150_lots_and_is_kept_with_75(tara: int, lots: str, level: int):
    ladder({"kind": "rolling", "days": 180}, (75, None), (150, 75), grace_days=0)
    by_the_lot("1")
    first = datetime(2026, 1, 10, 12, tzinfo=UTC)
    play(tara, trade(lots="150", at=first))
    assert wallet(tara).level_id == GOLD
    play(tara, trade(lots=lots, at=first + timedelta(days=100)))
    reassess(first + timedelta(days=179))
    assert wallet(tara).level_id == GOLD
    reassess(first + timedelta(days=180))
    assert (wallet(tara).level_id, wallet(tara).qualifying) == (level, int(lots))


def test_530_lots_in_june_are_platinum_from_the_first_of_july(tara: int):
    ladder({"kind": "month"}, (50, None), (150, None), (500, None), promotion="next_period")
    by_the_lot("1", factors=[{"kind": "tier"}])
    june, july = datetime(2026, 6, 12, 12, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=NICOSIA).astimezone(UTC)
    for lots in ("300", "230"):
        play(tara, trade(lots=lots, at=june))
    reassess(july - timedelta(hours=12))
    assert wallet(tara).level_id in (0, BRONZE)  # 0: nobody has looked at it yet
    reassess(july + timedelta(hours=1))
    assert wallet(tara).level_id == PLATINUM
    last, first = (
        play(tara, trade(at=at), now=july + timedelta(hours=2)) for at in (july - timedelta(seconds=1), july)
    )
    assert [found.context[1] for found in (last, first)] == [BRONZE, PLATINUM]


# --- conventions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("symbol", "worth", "currency"),
    [("EURUSD", "10", "USD"), ("USDCHF", "10", "CHF"), ("EURJPY", "1000", "JPY"), ("XAUUSD", "10", "USD")],
)
def test_what_a_pip_of_one_lot_is_worth(symbol: str, worth: str, currency: str):
    traded = instrument(symbol)
    assert (traded.pip * traded.contract, traded.quote) == (Decimal(worth), currency)


@pytest.mark.parametrize(("symbol", "contract"), [("EURUSD", 100_000), ("USDJPY.pro", 100_000), ("XAUUSD", 100)])
def test_a_lot_in_units(symbol: str, contract: int):
    assert instrument(symbol).contract == contract


def test_the_seeded_programme_pays_a_point_for_the_smallest_lot(app: Flask):
    tara = trader()
    report(tara, Said(trade(lots="0.01"), id="micro"))
    pipeline.drain()
    assert balances(tara)[1] == 1
    released = datetime.combine(date(2026, 3, 9), datetime.min.time(), NICOSIA)  # five days after the 4th
    assert lapsing.release_due(released) == 1
    assert balances(tara)[:2] == (101, 0)  # beside the welcome
