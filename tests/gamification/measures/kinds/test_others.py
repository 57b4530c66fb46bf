"""Trades with a stop in a row, points by their source, activities by key, and what counts once a day."""

from datetime import timedelta

import pytest

from app.gamification.activities import Own
from app.gamification.measures.kinds.activities import Activities
from app.gamification.measures.kinds.instruments import Instruments
from app.gamification.measures.kinds.points_earned import HABITS, PointsEarned
from app.gamification.measures.kinds.stop_loss_row import StopLossRow
from app.gamification.measures.kinds.trading_days import TradingDays
from app.gamification.measures.kinds.visits import Visits
from app.gamification.measures.measure import Counted, Missed, Progress, Seen
from tests.support.seeing import NOON, seen, trade


def row(*every: Seen) -> int:
    progress = Progress()
    for one in every:
        progress = StopLossRow.advance(progress, one, StopLossRow.Settings())
    return progress.value


def test_a_trade_without_a_stop_begins_the_row_again():
    stop, none = seen(), seen(trade(stop_loss=None))
    assert [row(*[stop] * 3), row(stop, stop, none), row(stop, none, stop, stop)] == [3, 0, 2]


def test_what_is_not_looked_at_breaks_no_row():
    short, bonus = seen(trade(seconds=10, stop_loss=None)), seen(trade(bonus_funds=1, stop_loss=None))
    assert row(seen(), short, bonus, seen()) == 2


def test_a_row_says_what_broke_it():
    found = StopLossRow.count(seen(trade(stop_loss=None)), StopLossRow.Settings())
    assert isinstance(found, Missed)
    assert found.why.msgid == "Closed without a stop-loss: the row begins again"


def test_a_day_is_that_of_the_zone():
    at = NOON.replace(hour=22, minute=30)
    assert TradingDays.count(seen(trade(at), at=at), TradingDays.Settings()) == Counted(1, "20516")
    assert TradingDays.count(seen(trade(at), at=at, zone="Asia/Tokyo"), TradingDays.Settings()) == Counted(1, "20517")
    assert Visits.count(seen(kind="visit", at=at, zone="Asia/Tokyo"), Visits.Settings()) == Counted(1, "20517")


@pytest.mark.parametrize(
    ("symbol", "plain"), [("EURUSD", "EURUSD"), ("mEURUSD.x", "EURUSD"), ("GOLD", "XAUUSD"), ("ACAD.USD", "ACADUSD")]
)
def test_an_instrument_is_the_same_however_its_name_is_decorated(symbol: str, plain: str):
    assert Instruments.count(seen(trade(symbol=symbol)), Instruments.Settings()) == Counted(1, plain)


def test_points_of_habits_alone():
    chosen = PointsEarned.Settings(of=HABITS)
    assert PointsEarned.listens(chosen) == {"journal.written", "lesson.passed", "rest.kept", "survey.answered", "visit"}
    assert {"trade.closed", "deposit.made", "custom."} < PointsEarned.listens(PointsEarned.Settings())
    assert PointsEarned.count(seen(kind="visit", earned=7), chosen) == Counted(7)
    assert isinstance(PointsEarned.count(seen(kind="visit"), chosen), Missed)
    assert [name for name, _ in PointsEarned.flaws(PointsEarned.Settings(of="bonus"))] == ["of"]


def test_activities_of_the_brokers_own_count_as_many_as_they_carry():
    chosen = Activities.Settings(activity="custom.webinar")
    assert Activities.listens(chosen) == {"custom.webinar"}
    assert Activities.count(seen(Own("webinar", 3), "custom.webinar"), chosen) == Counted(3)
    assert Activities.count(seen(kind="survey.answered", at=NOON + timedelta(days=1)), chosen) == Counted(1)


@pytest.mark.parametrize(
    "key", ["", "custom", "custom.", "custom.No", "custom." + 50 * "x", "nothing", "account.entry"]
)
def test_an_activity_that_there_is_not_is_refused(key: str):
    assert [name for name, _ in Activities.flaws(Activities.Settings(activity=key))] == ["activity"]


@pytest.mark.parametrize("key", ["visit", "kyc.verified", "custom.webinar_2", "trade.closed"])
def test_an_activity_that_there_is_can_be_asked_for(key: str):
    assert list(Activities.flaws(Activities.Settings(activity=key))) == []
