"""Nights: who keeps a level, who loses it and when, and that a second pass finds nothing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.gamification import brand, pipeline
from app.gamification.messages import reads
from app.gamification.tiers import reassessment
from app.gamification.tiers.reassessment import Reassessment
from app.lib.clock import to_micros
from app.lib.periods import day_of
from tests.gamification.tiers.climbing import (
    THREE,
    earn,
    history,
    level,
    merit,
    night,
    nights,
    programme_with,
    take_back,
    told,
)
from tests.support.play import report, trader, wallet

NICOSIA = ZoneInfo("Europe/Nicosia")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
MARCH_BEGINS, APRIL_BEGINS, MAY_BEGINS = (
    datetime(2026, month, 1, tzinfo=NICOSIA).astimezone(UTC) for month in (3, 4, 5)
)


def later(days: int) -> datetime:
    return NOON + timedelta(days=days)


def midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(NICOSIA).date(), datetime.min.time(), NICOSIA).astimezone(UTC)


@pytest.mark.parametrize(("left", "stands_on"), [(80, "gold"), (75, "gold"), (74, "silver")])
def test_gold_needs_150_and_is_kept_with_75_on_day_180(app, left, stands_on):
    programme_with()
    member = trader()
    earn(member, 150 - left, NOON)
    earn(member, left, later(1))
    night(later(179))
    assert (level(member), wallet(member).qualifying) == ("gold", 150)
    night(later(180))
    assert (level(member), wallet(member).qualifying) == (stands_on, left)


@pytest.mark.parametrize(("policy", "ends_on"), [("never", "gold"), ("one_level", "silver"), ("to_balance", "bronze")])
def test_how_far_a_member_falls_is_the_ladders_policy(app, policy, ends_on):
    programme_with(downgrade=policy)
    member = trader()
    earn(member, 160, NOON)
    assert night(later(180)) == Reassessment(changed=1, fallen=int(policy != "never"))
    assert level(member) == ends_on


def test_one_level_a_night_and_the_fall_begins_with_its_day(app):
    programme_with()
    member = trader()
    earn(member, 160, NOON)
    night(later(180))
    night(later(180) + timedelta(hours=3))
    assert level(member) == "silver"
    night(later(181))
    assert history(member) == [("gold", NOON), ("silver", midnight(later(180))), ("bronze", midnight(later(181)))]
    assert told(member) == ["tier.reached", "tier.lost", "tier.lost"]


def test_a_grace_time_runs_from_the_first_short_day(app):
    programme_with(grace_days=14)
    member = trader()
    earn(member, 160, NOON)
    assert night(later(180)) == Reassessment(changed=1, in_grace=1)
    assert wallet(member).grace_until == day_of(later(194), NICOSIA)
    nights(later(181), later(193))
    assert level(member) == "gold"
    assert night(later(194)).fallen == 1
    assert (level(member), wallet(member).grace_until) == ("silver", None)


def test_who_recovers_in_time_keeps_the_level_and_the_next_grace_is_whole(app):
    programme_with(grace_days=14)
    member = trader()
    earn(member, 160, NOON)
    night(later(180))
    earn(member, 80, later(185))
    night(later(186))
    assert (level(member), wallet(member).grace_until) == ("gold", None)
    nights(later(187), later(200))
    assert level(member) == "gold"


def test_a_warning_is_said_once_days_before_the_fall(app):
    programme_with(warn_days=30, grace_days=14)
    member = trader()
    earn(member, 160, NOON)
    # Short on day 180, lost on day 194: thirty days before that is day 164.
    assert night(later(163)).warned == 0
    assert night(later(164)).warned == 1
    assert night(later(164)).warned == 0
    nights(later(165), later(193))
    assert told(member) == ["tier.reached", "tier.warning"]
    night(later(194))
    assert told(member)[2] == "tier.lost"


def test_the_level_below_is_warned_of_on_its_own(app):
    programme_with(("bronze", 0, None), ("silver", 100, 50), ("gold", 150, 75), warn_days=30)
    member = trader()
    earn(member, 100, NOON)
    earn(member, 60, later(20))
    nights(later(145), later(200))
    assert told(member) == ["tier.reached", "tier.reached", "tier.warning", "tier.lost", "tier.warning", "tier.lost"]


def test_a_warning_says_what_keeps_the_level(app):
    programme_with(warn_days=30)
    member = trader()
    earn(member, 100, NOON)
    earn(member, 60, later(90))
    night(later(170))
    brand.forget()
    latest, *_ = reads.latest(member, 5, brand.brand().ladder, "en")
    assert latest.wording.sentence.values["needed"] == 15
    assert latest.wording.sentence.values["level"] == "Gold"


def test_the_second_pass_of_a_night_changes_nothing(app):
    programme_with(downgrade="one_level")
    for left in (0, 60, 74, 90):
        member = trader()
        earn(member, 150, NOON)
        if left:
            earn(member, left, later(3))
    assert night(later(180)).changed == 4
    assert night(later(180)) == Reassessment()


def test_only_those_of_whom_a_day_leaves_are_written(app):
    programme_with()
    leaving, staying = trader(), trader()
    earn(leaving, 10, NOON)
    earn(leaving, 10, later(60))
    earn(staying, 20, later(60))
    assert night(later(100)) == Reassessment()
    assert night(later(180)) == Reassessment(changed=1)
    assert night(later(200)) == Reassessment()


def test_a_member_whose_day_is_not_whole_yet_is_left_to_the_next_night(app):
    programme_with()
    member = trader()
    earn(member, 160, NOON)
    assert report(member, merit(100, later(179)), now=later(179)) == ["accepted"]
    assert night(later(180)) == Reassessment()
    pipeline.drain()
    night(later(180))
    assert (level(member), wallet(member).qualifying) == ("gold", 100)


def test_falling_and_reaching_it_again_is_a_history_of_three(app):
    programme_with()
    member = trader()
    earn(member, 150, NOON)
    night(later(180))
    earn(member, 150, later(190))
    assert [key for key, _ in history(member)] == ["gold", "silver", "gold"]


def test_a_month_is_judged_when_it_has_ended(app):
    programme_with(period={"kind": "month"})
    member = trader()
    earn(member, 150, NOON)
    night(APRIL_BEGINS)
    assert (level(member), wallet(member).qualifying) == ("gold", 0)
    earn(member, 74, APRIL_BEGINS + timedelta(days=3))
    night(MAY_BEGINS - timedelta(minutes=1))
    assert level(member) == "gold"
    night(MAY_BEGINS)
    assert history(member)[-1] == ("silver", MAY_BEGINS)


def test_a_month_that_was_enough_keeps(app):
    programme_with(period={"kind": "month"})
    member = trader()
    earn(member, 150, NOON)
    earn(member, 75, APRIL_BEGINS)
    night(MAY_BEGINS)
    assert level(member) == "gold"


def test_nights_that_were_missed_are_made_good(app):
    programme_with(period={"kind": "month"})
    member = trader()
    earn(member, 150, NOON)
    night(MAY_BEGINS + timedelta(days=3))
    assert history(member) == [("gold", NOON), ("silver", MAY_BEGINS)]


def test_the_first_activity_of_a_month_brings_the_same_verdict_as_the_night(app):
    programme_with(period={"kind": "month"})
    member = trader()
    earn(member, 150, NOON)
    earn(member, 10, APRIL_BEGINS + timedelta(days=3))
    earn(member, 10, MAY_BEGINS)
    assert history(member) == [("gold", NOON), ("silver", MAY_BEGINS)]
    assert told(member)[-1] == "tier.lost"
    assert night(MAY_BEGINS) == Reassessment()


def test_grace_after_a_month_is_saved_by_either_month(app):
    programme_with(period={"kind": "month"}, grace_days=10)
    late, busy, idle = trader(), trader(), trader()
    for member in (late, busy, idle):
        earn(member, 150, NOON)
        earn(member, 10, APRIL_BEGINS + timedelta(days=1))
    night(MAY_BEGINS)
    assert {wallet(member).grace_until for member in (late, busy, idle)} == {day_of(MAY_BEGINS, NICOSIA) + 10}
    earn(late, 70, APRIL_BEGINS + timedelta(days=20), now=MAY_BEGINS + timedelta(days=2))
    earn(busy, 75, MAY_BEGINS + timedelta(days=2))
    nights(MAY_BEGINS + timedelta(days=3), MAY_BEGINS + timedelta(days=12))
    assert [level(member) for member in (late, busy, idle)] == ["gold", "gold", "silver"]
    assert {wallet(member).grace_until for member in (late, busy, idle)} == {None}


def test_a_month_warns_before_its_end(app):
    programme_with(period={"kind": "month"}, warn_days=7)
    member = trader()
    earn(member, 150, NOON)
    earn(member, 60, APRIL_BEGINS)
    assert night(MAY_BEGINS - timedelta(days=8)).warned == 0
    assert night(MAY_BEGINS - timedelta(days=7)).warned == 1
    assert night(MAY_BEGINS - timedelta(days=6)).warned == 0


def test_a_lifetime_level_falls_only_when_points_are_taken_back(app):
    programme_with(period={"kind": "lifetime"})
    member = trader()
    earn(member, 60, NOON)
    said = earn(member, 100, NOON)
    night(later(3000))
    assert level(member) == "gold"
    take_back(member, said, later(3001))
    night(later(3002))
    assert level(member) == "silver"


def test_the_night_falls_by_the_programmes_zone(app):
    programme_with(period={"kind": "month"})
    member = trader()
    earn(member, 150, MARCH_BEGINS)
    night(MAY_BEGINS - timedelta(seconds=1))
    assert level(member) == "gold"
    assert night(MAY_BEGINS).fallen == 1
    assert wallet(member).level_since == to_micros(MAY_BEGINS)


def test_many_chunks_are_one_pass(app, monkeypatch):
    monkeypatch.setattr(reassessment, "CHUNK_SQLITE", 2)
    monkeypatch.setattr(reassessment, "CHUNK_POSTGRESQL", 2)
    programme_with(*THREE)
    for _ in range(5):
        earn(trader(), 160, NOON)
    assert night(later(180)).fallen == 5


def test_a_pass_that_was_killed_is_taken_up_again(app, monkeypatch):
    monkeypatch.setattr(reassessment, "CHUNK_SQLITE", 2)
    monkeypatch.setattr(reassessment, "CHUNK_POSTGRESQL", 2)
    programme_with()
    for _ in range(5):
        earn(trader(), 160, NOON)

    def killed(*_):
        raise KeyboardInterrupt

    whole = reassessment._append
    with monkeypatch.context() as context:
        calls = iter([whole, killed])
        context.setattr(reassessment, "_append", lambda *args: next(calls)(*args))
        with pytest.raises(KeyboardInterrupt):
            night(later(180))
    assert night(later(180)).fallen == 3
