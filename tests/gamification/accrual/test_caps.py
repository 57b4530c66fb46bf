"""Caps: by activity, day, week and month of the programme's zone, cut, exhausted, and given back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.accrual.rule import AWARDED, CAP, GIVEN, QUALIFYING, REFUSED, WANTED
from app.gamification.activities import Custom
from app.models.activity import Reason
from app.models.base import read_all
from tests.gamification.accrual.judging import closed, judge, rule
from tests.support.play import NOON, Decided, Said, balances, decided, play, report, trader, wallet
from tests.support.programmes import end_all_rules, publish, set_zone


def capped(*caps: tuple[str, int], key: str = "gain", **more: Any) -> int:
    """A rule that pays what a custom activity counts, within these caps."""
    definition = {"kind": f"custom.{key}", "base": {"kind": "count", "rate": "1"}, **more}
    return publish(key, definition | {"caps": [{"per": per, "points": points} for per, points in caps]})


def gain(points: int, at: datetime = NOON, **more: Any) -> Said:
    return Said(Custom(count=points), "custom.gain", at, **more)


@pytest.fixture
def tara(app: Flask) -> int:
    end_all_rules()
    return trader()


def test_one_activity_is_cut_and_the_next_is_not(tara: int):
    capped(("activity", 30))
    assert play(tara, gain(100)).entry[WANTED : CAP + 1] == [100, 30, ["activity", 0, 30]]
    assert play(tara, gain(20)).entry[WANTED : CAP + 1] == [20, 20, ["activity", 0, 30]]


def test_a_day_is_cut_then_exhausted_and_the_next_day_is_new(tara: int):
    revision = capped(("day", 100))
    assert play(tara, gain(70)).entry[WANTED : CAP + 1] == [70, 70, ["day", 0, 100]]
    assert play(tara, gain(70)).entry[WANTED : CAP + 1] == [70, 30, ["day", 70, 100]]
    spent = play(tara, gain(70))
    assert spent.entry == [revision, REFUSED, int(Reason.CAP), "day", 100, 100, 70]
    assert (spent.reason, spent.earned) == (Reason.CAP, 0)
    assert play(tara, gain(70, NOON + timedelta(days=1))).given == 70
    assert balances(tara) == (170, 0, 0, 170)


def test_what_a_cap_cuts_still_qualifies_in_full(tara: int):
    capped(("day", 100))
    for _ in range(3):
        play(tara, gain(70))
    assert wallet(tara).qualifying == 210


def test_the_tightest_of_several_caps_is_the_one_that_is_told(tara: int):
    capped(("activity", 60), ("day", 100), ("week", 130))
    assert play(tara, gain(70)).entry[CAP] == ["activity", 0, 60]
    assert play(tara, gain(70)).entry[GIVEN : CAP + 1] == [40, ["day", 60, 100]]
    tomorrow = NOON + timedelta(days=1)
    assert play(tara, gain(70, tomorrow)).entry[GIVEN : CAP + 1] == [30, ["week", 100, 130]]
    assert play(tara, gain(70, tomorrow)).entry[3:6] == ["week", 130, 130]


@pytest.mark.parametrize(
    ("per", "first", "last", "new"),
    [
        ("day", "2026-03-04T00:00", "2026-03-04T23:59", "2026-03-05T00:00"),
        ("week", "2026-03-02T00:00", "2026-03-08T23:59", "2026-03-09T00:00"),  # Monday to Sunday
        ("month", "2026-03-01T00:00", "2026-03-31T23:59", "2026-04-01T00:00"),
        ("quarter", "2026-01-01T00:00", "2026-03-31T23:59", "2026-04-01T00:00"),
        ("year", "2026-01-01T00:00", "2026-12-31T23:59", "2027-01-01T00:00"),
    ],
)
def test_periods_begin_and_end_at_the_programmes_midnight(tara: int, per: str, first: str, last: str, new: str):
    from zoneinfo import ZoneInfo

    capped((per, 100))
    here = ZoneInfo("Europe/Nicosia")
    moments = [datetime.fromisoformat(moment).replace(tzinfo=here).astimezone(UTC) for moment in (first, last, new)]
    earned = [play(tara, gain(60, at), now=moments[-1]).earned for at in moments]
    assert earned == [60, 40, 60]


def test_a_week_reaches_over_the_end_of_a_month_beside_a_monthly_cap(tara: int):
    capped(("week", 100), ("month", 1000))
    monday, wednesday = datetime(2026, 6, 29, 12, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert play(tara, gain(80, monday)).given == 80
    assert play(tara, gain(80, wednesday)).entry[GIVEN : CAP + 1] == [20, ["week", 80, 100]]


def test_what_came_late_draws_on_its_own_day(tara: int):
    capped(("day", 100))
    play(tara, gain(90))
    assert play(tara, gain(90, NOON - timedelta(days=40)), now=NOON).given == 90
    assert play(tara, gain(90)).given == 10


@pytest.mark.parametrize(
    ("zone", "evening", "hours"),
    [
        ("Europe/Nicosia", "2026-03-28T22:00", 23),  # clocks go forward in the night to the 29th
        ("Europe/Nicosia", "2026-10-24T21:00", 25),  # and back on the 25th of October
        ("America/Santiago", "2026-09-06T04:00", 23),  # midnight itself is skipped
        ("America/Havana", "2026-11-01T04:00", 25),  # the first hour of the day comes twice
    ],
)
def test_a_day_lasts_as_long_as_its_zone_says(tara: int, zone: str, evening: str, hours: int):
    set_zone(zone)
    capped(("day", 100))
    start = datetime.fromisoformat(evening).replace(tzinfo=UTC)
    end = start + timedelta(hours=hours)
    before = play(tara, gain(60, start - timedelta(seconds=1)))
    first, last = play(tara, gain(60, start)), play(tara, gain(60, end - timedelta(seconds=1)))
    after = play(tara, gain(60, end))
    assert [one.given for one in (before, first, last, after)] == [60, 60, 40, 60]


def test_a_reversal_gives_back_what_was_drawn(tara: int):
    capped(("day", 100))
    first = gain(80)
    play(tara, first)
    assert play(tara, gain(80)).given == 20
    play(tara, Said(None, "custom.gain", busts=first.id))
    assert play(tara, gain(100)).given == 80


def test_a_correction_draws_anew_on_the_day_it_says(tara: int):
    capped(("day", 100))
    first = gain(80)
    play(tara, first)
    tomorrow = NOON + timedelta(days=1)
    assert play(tara, gain(90, tomorrow, corrects=first.id)).given == 90
    assert play(tara, gain(100)).given == 100
    assert play(tara, gain(100, tomorrow)).given == 10


def test_given_back_and_drawn_within_one_round(tara: int):
    capped(("day", 100))
    first, second, third = gain(80), gain(80), gain(100)
    report(tara, first, second)
    report(tara, Said(None, "custom.gain", busts=first.id), now=NOON + timedelta(seconds=1))
    report(tara, third, now=NOON + timedelta(seconds=2))
    pipeline.drain()
    found = [decided(one.id) for one in (first, second, third)]
    assert [one.earned if one else None for one in found] == [80, 20, 80]
    used = read_all(text("SELECT used FROM cap_use WHERE member_id = :id"), {"id": tara})
    assert [row.used for row in used] == [100]


def test_revisions_of_a_rule_share_its_counter_and_other_rules_do_not(tara: int):
    evening = NOON + timedelta(hours=3)
    base = {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}}
    publish("gain", base | {"caps": [{"per": "day", "points": 100}]}, until=evening)
    publish("gain", base | {"caps": [{"per": "day", "points": 60}]}, since=evening)
    publish("other", base | {"caps": [{"per": "day", "points": 50}]})
    assert play(tara, gain(80)).earned == 80 + 50
    later = play(tara, gain(80, evening))
    assert [entry[3:6] for entry in later.entries] == [["day", 80, 60], ["day", 50, 50]]


def test_the_first_cap_is_shown_though_nothing_was_cut():
    limits = rule(base={"kind": "lots", "rate": "10"}, caps=[{"per": "month", "points": 500}])
    entry = judge(limits, closed(), used=lambda *_: 123)
    assert (entry[1], entry[GIVEN], entry[CAP], entry[QUALIFYING]) == (AWARDED, 10, ["month", 123, 500], 10)


def test_members_do_not_share_a_counter(tara: int):
    capped(("day", 100))
    play(tara, gain(100))
    found: Decided = play(trader(), gain(100))
    assert found.given == 100
