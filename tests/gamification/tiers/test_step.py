"""Rising in the fold: what counts for which window, and from when a level stands."""

from datetime import UTC, datetime, timedelta

import pytest

from app.gamification import pipeline
from app.gamification.ledger import lapsing, wallets
from app.models.base import transaction
from tests.gamification.tiers.climbing import (
    climb,
    earn,
    history,
    level,
    merit,
    night,
    programme_with,
    take_back,
    told,
)
from tests.support.play import report, trader, wallet
from tests.support.programmes import publish, set_zone

JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)
JULY_BEGINS = datetime(2026, 6, 30, 21, tzinfo=UTC)  # midnight in Nicosia
PLATINUM = (("bronze", 0, None), ("silver", 100, None), ("gold", 200, None), ("platinum", 500, None))


def test_a_hundred_reaches_silver_and_spending_never_demotes(app):
    programme_with()
    member = trader()
    earn(member, 99, JUNE)
    assert level(member) == "bronze"
    earn(member, 1, JUNE)
    assert (level(member), told(member)) == ("silver", ["tier.reached"])
    with transaction():
        wallets.redeem(member, 50, 1, JUNE)
    night(JUNE + timedelta(days=1))
    assert (level(member), wallet(member).available, wallet(member).qualifying) == ("silver", 50, 100)


def test_the_level_counts_from_the_activity_that_crossed(app):
    programme_with()
    member = trader()
    crossed = JUNE + timedelta(hours=2)
    earn(member, 80, JUNE)
    earn(member, 80, crossed, now=crossed + timedelta(minutes=9))
    assert history(member) == [("gold", crossed)]


def test_a_late_activity_counts_on_its_own_day_and_never_before_the_last_level(app):
    programme_with()
    member = trader()
    earn(member, 100, JUNE)
    earn(member, 60, JUNE - timedelta(days=40), now=JUNE + timedelta(days=1))
    assert history(member) == [("silver", JUNE), ("gold", JUNE)]


def test_what_left_the_window_before_the_night_counts_no_more(app):
    programme_with(period={"kind": "rolling", "days": 30})
    member = trader()
    earn(member, 90, JUNE)
    # The worker slept: no review was made in all that time.
    earn(member, 30, JUNE + timedelta(days=30))
    assert (wallet(member).qualifying, level(member)) == (30, "bronze")


def test_what_enters_and_leaves_within_one_round_is_gone(app):
    programme_with(period={"kind": "rolling", "days": 30})
    member = trader()
    report(member, merit(90, JUNE - timedelta(days=29)), now=JUNE)
    report(member, merit(30, JUNE + timedelta(days=1)), now=JUNE + timedelta(days=1))
    pipeline.drain()
    assert (wallet(member).qualifying, level(member)) == (30, "bronze")


def test_a_rolling_window_holds_exactly_its_days(app):
    programme_with(period={"kind": "rolling", "days": 30})
    member = trader()
    earn(member, 90, JUNE)
    earn(member, 10, JUNE + timedelta(days=29))
    assert (wallet(member).qualifying, level(member)) == (100, "silver")


@pytest.mark.parametrize(("zone", "counted"), [("Asia/Tokyo", 60), ("America/New_York", 90)])
def test_the_day_is_the_programmes_own(app, zone, counted):
    programme_with(period={"kind": "month"})
    set_zone(zone)
    member = trader()
    earn(member, 30, datetime(2026, 6, 30, 14, 59, tzinfo=UTC))  # a minute before July in Tokyo
    earn(member, 60, datetime(2026, 6, 30, 15, 0, tzinfo=UTC))
    assert wallet(member).qualifying == counted


def test_five_hundred_and_thirty_in_june_is_platinum_from_the_first_of_july(app):
    programme_with(*PLATINUM, period={"kind": "month"}, promotion="next_period")
    member = trader()
    earn(member, 530, JUNE)
    assert level(member) == "bronze"
    assert history(member) == [("platinum", JULY_BEGINS)]
    night(JULY_BEGINS + timedelta(minutes=5))
    assert (level(member), wallet(member).qualifying) == ("platinum", 0)
    assert history(member) == [("platinum", JULY_BEGINS)]
    assert told(member) == ["tier.reached"]


def test_the_first_activity_of_a_period_finds_the_level_without_a_night(app):
    programme_with(*PLATINUM, period={"kind": "month"}, promotion="next_period")
    member = trader()
    earn(member, 530, JUNE)
    earn(member, 1, JULY_BEGINS)
    assert (level(member), wallet(member).qualifying) == ("platinum", 1)


def test_what_was_taken_back_before_the_period_began_is_no_level(app):
    programme_with(*PLATINUM, period={"kind": "month"}, promotion="next_period")
    member = trader()
    said = earn(member, 530, JUNE)
    take_back(member, said, JUNE + timedelta(days=1))
    night(JULY_BEGINS + timedelta(minutes=5))
    assert level(member) == "bronze"
    assert history(member) == [("platinum", JULY_BEGINS), ("bronze", JULY_BEGINS)]


def test_points_that_come_late_to_a_month_still_count_for_it(app):
    programme_with(*PLATINUM, period={"kind": "month"})
    member = trader()
    earn(member, 400, JUNE)
    night(JULY_BEGINS)
    late = JULY_BEGINS + timedelta(days=3)
    earn(member, 130, JUNE + timedelta(days=2), now=late)
    assert (level(member), wallet(member).qualifying) == ("platinum", 0)
    night(late + timedelta(days=1))
    assert level(member) == "platinum"


def test_held_points_qualify_when_they_are_released_for_the_day_they_were_earned(app):
    programme_with(*PLATINUM, period={"kind": "month"})
    publish("held", {"kind": "custom.held", "base": {"kind": "count", "rate": "1"}, "hold_days": 5})
    member = trader()
    earn(member, 1, JULY_BEGINS - timedelta(days=20))
    said = merit(520, JULY_BEGINS - timedelta(days=2))
    said = type(said)(said.data, "custom.held", said.at)
    assert report(member, said, now=said.at) == ["accepted"]
    pipeline.drain()
    night(JULY_BEGINS)
    assert level(member) == "bronze"
    released = JULY_BEGINS + timedelta(days=4)
    lapsing.release_due(released)
    assert (level(member), history(member)) == ("platinum", [("platinum", released)])
    assert told(member) == ["tier.reached", "released.points"]


def test_a_late_crossing_lifts_at_once_where_levels_wait_for_the_next_period(app):
    programme_with(*PLATINUM, period={"kind": "month"}, promotion="next_period")
    member = trader()
    earn(member, 150, JUNE)
    night(JULY_BEGINS)
    earn(member, 60, JUNE + timedelta(days=5), now=JULY_BEGINS + timedelta(days=2))
    assert level(member) == "gold"
    assert history(member) == [("silver", JULY_BEGINS), ("gold", JULY_BEGINS)]


def test_a_senders_clock_that_is_ahead_opens_the_next_month(app):
    programme_with(*PLATINUM, period={"kind": "month"})
    member = trader()
    earn(member, 90, JUNE)
    earn(member, 20, JULY_BEGINS + timedelta(minutes=2), now=JULY_BEGINS - timedelta(minutes=1))
    assert (wallet(member).qualifying, level(member)) == (20, "bronze")


def test_everything_counts_for_ever_in_a_lifetime_window(app):
    programme_with(period={"kind": "lifetime"})
    member = trader()
    earn(member, 60, JUNE - timedelta(days=4000), now=JUNE)
    earn(member, 40, JUNE)
    assert level(member) == "silver"


def test_a_reversal_never_demotes_at_once(app):
    programme_with()
    member = trader()
    said = earn(member, 160, JUNE)
    take_back(member, said, JUNE + timedelta(hours=1))
    assert (wallet(member).qualifying, level(member)) == (0, "gold")
    night(JUNE + timedelta(days=1))
    assert level(member) == "silver"


def test_a_new_ladder_finds_its_members(app):
    programme_with()
    member = trader()
    earn(member, 90, JUNE)
    climb(("bronze", 0, None), ("silver", 50, None))
    night(JUNE + timedelta(days=1))
    assert level(member) == "silver"
