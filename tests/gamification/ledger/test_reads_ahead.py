"""What lies ahead of a member's points, and a month of them by day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.gamification import pipeline
from app.gamification.activities import Custom
from app.gamification.ledger import lapsing, wallets
from app.gamification.ledger.month import Month, _bounds, month
from app.gamification.ledger.outlook import outlook
from app.lib.clock import DAY as MICROS_OF_A_DAY
from app.lib.clock import from_micros, to_day
from app.lib.periods import day_of, period_end
from app.models.base import transaction
from tests.gamification.ledger.reading import english, owner
from tests.support.play import NOON, Said, play, report, trade, trader
from tests.support.programmes import end_all_rules, publish

DAY = timedelta(days=1)


@pytest.fixture
def tara(app: Flask) -> int:
    end_all_rules()
    base = {"base": {"kind": "count", "rate": "1"}}
    publish("short", {"kind": "custom.short", **base, "expiry": {"mode": "days", "n": 10}})
    publish("held", {"kind": "custom.held", **base, "hold_days": 3, "expiry": {"mode": "days", "n": 40}})
    publish("idle", {"kind": "custom.idle", **base, "expiry": {"mode": "inactivity", "n": 30}})
    publish("ever", {"kind": "custom.ever", **base})
    publish("trades", {"kind": "trade.closed", "base": {"kind": "lots", "rate": "10"}, "hold_days": 3})
    return trader()


def earn(member_id: int, kind: str, points: int, at: datetime = NOON) -> None:
    play(member_id, Said(Custom(count=points), f"custom.{kind}", at))


def drawn(member_id: int, chosen: date | None = None, now: datetime = NOON) -> Month:
    me = owner(member_id)
    return month(me, chosen, outlook(me).held, now)


# --- when points lapse ------------------------------------------------------------------------------------------------


def test_points_lapse_by_their_last_day_and_those_that_stay_come_last(tara: int):
    for kind, points in (("ever", 5), ("idle", 3), ("short", 7)):
        earn(tara, kind, points)
    lapses = outlook(owner(tara)).lapses
    assert [(lapse.points, english(lapse.words)) for lapse in lapses] == [
        (7, "by 14 Mar"),
        (3, "by 2 Apr"),  # idle for thirty days at two in the afternoon: the second of April is the last whole day
        (5, "stay for good"),
    ]


def test_the_bar_has_at_most_five_parts_and_loses_no_point(tara: int):
    for number in range(12):
        earn(tara, "short", 10 + number, NOON + number * DAY)
    earn(tara, "ever", 1)
    me = owner(tara)
    lapses = outlook(me).lapses
    assert [lapse.points for lapse in lapses] == [10, 11 + 12 + 13, 14 + 15 + 16 + 17, 18 + 19 + 20 + 21, 1]
    assert sum(lapse.points for lapse in lapses) == me.available


def test_a_member_without_points_has_nothing_ahead(tara: int):
    ahead = outlook(owner(tara))
    assert (ahead.lapses, ahead.held, ahead.coming, ahead.all_free_by) == ((), (), (), None)


def test_what_comes_up_names_what_is_released_and_the_last_day_of_what_lapses(tara: int):
    play(tara, Said(trade("XAUUSD", "2")))
    play(tara, Said(trade(lots="1"), at=NOON + DAY), now=NOON + DAY)
    earn(tara, "held", 5, NOON + DAY)
    earn(tara, "short", 9)
    ahead = outlook(owner(tara))
    assert [
        (event.day.isoformat(), english(event.title), english(event.under), event.points) for event in ahead.coming
    ] == [
        ("2026-03-07", "Released", "Gold, 4 Mar", 20),
        ("2026-03-08", "Released", "held and others, 5 Mar", 15),
        ("2026-03-14", "Lapse at midnight", "14 Mar; the oldest are spent first", -9),
    ]
    assert ahead.all_free_by == date(2026, 3, 8)


def test_points_that_wait_for_staff_have_no_day_of_release(tara: int):
    play(tara, Said(trade()), source="uploads")
    ahead = outlook(owner(tara))
    assert (ahead.coming, ahead.all_free_by, [held.at for held in ahead.held]) == ((), None, [None])


# --- a month by day ---------------------------------------------------------------------------------------------------


def test_days_are_those_of_the_programme(tara: int):
    earn(tara, "ever", 5, datetime(2026, 3, 4, 21, 59, tzinfo=UTC))
    earn(tara, "ever", 7, datetime(2026, 3, 4, 22, 0, tzinfo=UTC))  # midnight in Nicosia
    earn(tara, "ever", 9, datetime(2026, 3, 31, 20, 59, tzinfo=UTC))  # summer time by then
    earn(tara, "ever", 11, datetime(2026, 3, 31, 21, 0, tzinfo=UTC))
    march, april = drawn(tara), drawn(tara, date(2026, 4, 20))
    assert {from_day.day: from_day.earned for from_day in _filled(march)} == {
        _day(3, 4): 5,
        _day(3, 5): 7,
        _day(3, 31): 9,
    }
    assert {from_day.day: from_day.earned for from_day in _filled(april)} == {_day(4, 1): 11}
    assert (len(march.days), march.total.earned, march.today) == (31, 21, _day(3, 4))


def test_what_was_earned_is_pending_until_it_is_released(tara: int):
    earn(tara, "held", 8)
    earn(tara, "ever", 2)
    (day,) = _filled(drawn(tara))
    assert (day.earned, day.pending) == (2, 8)
    lapsing.release_due(NOON + 4 * DAY)
    (day,) = _filled(drawn(tara))
    assert (day.earned, day.pending) == (10, 0)


def test_what_went_is_told_apart(tara: int):
    earn(tara, "ever", 100)
    earn(tara, "short", 40)
    said = Said(Custom(count=30), "custom.ever")
    play(tara, said)
    with transaction():
        wallets.redeem(tara, 50, 3, NOON + DAY)
        wallets.adjust(tara, -5, "Counted twice", NOON + DAY)
    with transaction():
        wallets.refund(tara, 3, NOON + DAY)
    report(tara, Said(None, "custom.ever", busts=said.id), now=NOON + DAY)
    pipeline.drain()
    lapsing.expire_due(NOON + 20 * DAY)
    total = drawn(tara).total
    assert (total.earned, total.spent, total.refunded, total.reversed) == (170, 55, 50, 30)
    me = owner(tara)
    came, went = total.earned + total.refunded, total.spent + total.reversed + total.lapsed
    assert came - went == me.available


def test_months_to_choose_from_reach_back_to_the_first_points(tara: int):
    earn(tara, "ever", 5, datetime(2025, 12, 9, tzinfo=UTC))
    earn(tara, "ever", 5, datetime(2026, 3, 1, tzinfo=UTC))
    assert [f"{first:%Y-%m}" for first in drawn(tara).months] == ["2026-03", "2026-02", "2026-01", "2025-12"]
    assert [f"{first:%Y-%m}" for first in drawn(tara, date(2025, 11, 1)).months][-1] == "2025-11"


ZONES = ("Europe/Nicosia", "Africa/Cairo", "Asia/Beirut", "America/Asuncion", "Australia/Lord_Howe", "Asia/Kathmandu",
         "Africa/Casablanca", "America/Santiago", "UTC")  # fmt: skip


@given(
    st.sampled_from(ZONES),
    st.integers(2015, 2030),
    st.integers(1, 12),
    st.floats(0, 1, exclude_max=True),
)
def test_every_instant_of_a_month_falls_on_its_own_day(zone_name: str, year: int, number: int, share: float):
    zone, start = ZoneInfo(zone_name), to_day(date(year, number, 1))
    bounds = _bounds(start, zone)
    at = bounds["first"] + int((bounds["last"] - bounds["first"]) * share)
    offset = bounds["before"] if at < bounds["change"] else bounds["after"]
    assert (at + offset) // MICROS_OF_A_DAY == day_of(from_micros(at), zone)
    assert start <= day_of(from_micros(at), zone) < period_end(start, "month")


def _filled(drawn: Month) -> list[object]:
    return [day for day in drawn.days if any(day[1:])]


def _day(number: int, day: int) -> int:
    return to_day(date(2026, number, day))
