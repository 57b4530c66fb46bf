"""Trades by the member's own plan: as it was written when they were opened, by the clock of its zone."""

from datetime import UTC, datetime, time, timedelta

import pytest

from app.gamification.habits.own import OwnRules
from app.gamification.measures.kinds.held_by_plan import HeldByPlan
from app.gamification.measures.kinds.plan_kept import PlanKept
from app.gamification.measures.measure import Counted, Missed
from tests.support.seeing import NOON, plan, seen, trade


def told(found: Counted | Missed) -> Counted | str:
    return found.why.msgid % found.why.values if isinstance(found, Missed) else found


def judged(own: OwnRules, at: datetime = NOON, **more: object) -> Counted | str:
    """A trade that was open for an hour."""
    return told(PlanKept.count(seen(trade(at, **more), own=own), PlanKept.Settings()))  # type: ignore[arg-type]


def opened(hour: int, minute: int = 0, day: int = 4, month: int = 3) -> datetime:
    """When a trade closes that was opened then."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) + timedelta(hours=1)


def test_symbols_are_named_plainly():
    own = plan(symbols=("EURUSD", "Gold"))
    assert judged(own, symbol="EURUSD.pro") == Counted(1)
    assert judged(own, symbol="XAUUSDm") == Counted(1)
    assert judged(own, symbol="US30") == "US30 is not in your plan"


def test_size_and_stop():
    own = plan(max_lots="0.50", needs_stop=True)
    assert judged(own, lots="0.50") == Counted(1)
    assert judged(own, lots="0.51") == "0.51 lots, your plan says at most 0.50"
    assert judged(own, lots="0.5", stop_loss=None) == "Closed without a stop-loss"


@pytest.mark.parametrize(
    ("opens", "closes", "inside", "outside"),
    [
        (time(9), time(17), [(9, 0), (16, 59)], [(8, 59), (17, 0), (0, 0)]),
        (time(22), time(6), [(22, 0), (23, 59), (0, 0), (5, 59)], [(6, 0), (21, 59), (12, 0)]),
        (time(9), time(9), [(0, 0), (9, 0), (23, 59)], []),
        (time(9), None, [(9, 0), (23, 59)], [(8, 59), (0, 0)]),
        (None, time(17), [(0, 0), (16, 59)], [(17, 0)]),
    ],
)
def test_hours_and_hours_over_midnight(opens: time | None, closes: time | None, inside, outside):
    own = plan(opens=opens, closes=closes)
    assert [judged(own, opened(*at)) for at in inside] == [Counted(1)] * len(inside)
    assert all(str(judged(own, opened(*at))).startswith(f"Opened at {at[0]:02}:{at[1]:02}") for at in outside)


def test_hours_follow_summer_time():
    own = plan(opens=time(9), closes=time(10), zone="Europe/Nicosia")  # two hours ahead, from 29 March three
    assert judged(own, opened(7, day=28)) == Counted(1)
    assert judged(own, opened(6, day=28)) == "Opened at 08:00, your plan says from 09:00 to 10:00"
    assert judged(own, opened(6, day=29)) == Counted(1)
    assert judged(own, opened(7, day=29)) == "Opened at 10:00, your plan says from 09:00 to 10:00"


def test_a_night_in_which_an_hour_is_missing_or_comes_twice():
    own = plan(opens=time(2), closes=time(4), zone="Europe/Nicosia", since=NOON - timedelta(days=400))
    # 29 March: from 3:00 straight to 4:00.
    assert judged(own, opened(0, 30, day=29)) == Counted(1)
    assert judged(own, opened(1, 0, day=29)) == "Opened at 04:00, your plan says from 02:00 to 04:00"
    # 25 October: from 4:00 back to 3:00, and both of them are three o'clock.
    assert judged(own, opened(0, 30, day=25, month=10)) == Counted(1)
    assert judged(own, opened(1, 30, day=25, month=10)) == Counted(1)
    assert judged(own, opened(2, 0, day=25, month=10)) == "Opened at 04:00, your plan says from 02:00 to 04:00"


def test_what_was_written_later_judges_nothing_before():
    assert judged(plan(NOON - timedelta(minutes=59), max_lots="1")) == "You had written no plan when it was opened"
    assert judged(plan(NOON - timedelta(hours=1), max_lots="1")) == Counted(1)
    assert judged(OwnRules()) == "You had written no plan when it was opened"


def test_a_plan_that_asks_for_nothing_is_not_kept():
    assert judged(plan(hold_minutes=30)) == "Your plan said nothing of symbols, hours, size or stop"


def test_holding_is_a_kind_of_its_own():
    def held(minutes: int, seconds: float, needed: int = 180) -> Counted | str:
        own, chosen = plan(hold_minutes=minutes), HeldByPlan.Settings(seconds=needed)
        return told(HeldByPlan.count(seen(trade(seconds=seconds), own=own), chosen))

    assert held(60, 3600) == Counted(1)
    assert held(60, 3599.9) == "Held for 59 min, your plan says 60 minute"
    assert held(1, 179.9) == "Open 179 s, needs 180 s"
    assert held(0, 3600) == "Your plan said nothing of how long to hold"
    assert told(HeldByPlan.count(seen(), HeldByPlan.Settings())) == "You had written no plan when it was opened"
