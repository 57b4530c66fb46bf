"""The ladder's own arithmetic, without a member."""

from datetime import date
from typing import Any

import pytest

from app.gamification.tiers.ladder import FOREVER, BadLadder, Ladder, read_ladder
from app.lib.clock import from_day, to_day

IDS = {"bronze": 1, "silver": 2, "gold": 3, "platinum": 4}


def ladder(**more: Any) -> Ladder:
    levels = [
        {"key": "bronze", "name": {"en": "Bronze"}, "threshold": 0},
        {"key": "silver", "name": {"en": "Silver"}, "threshold": 100, "keep": 60},
        {"key": "gold", "name": {"en": "Gold"}, "threshold": 150, "keep": 75},
        {"key": "platinum", "name": {"en": "Platinum"}, "threshold": 500},
    ]
    return read_ladder(1, {"period": {"kind": "rolling", "days": 180}, "levels": levels, **more}, IDS)


@pytest.mark.parametrize(
    ("policy", "qualifying", "stands_on"),
    [
        ("one_level", 80, "gold"),
        ("one_level", 75, "gold"),
        ("one_level", 74, "silver"),
        ("one_level", 0, "silver"),
        ("to_balance", 74, "silver"),
        ("to_balance", 60, "silver"),
        ("to_balance", 59, "bronze"),
        ("never", 0, "gold"),
        ("one_level", 500, "platinum"),
        ("never", 500, "platinum"),
    ],
)
def test_gold_is_kept_lost_or_passed(policy, qualifying, stands_on):
    steps = ladder(downgrade=policy)
    assert steps.after_review(steps.levels[2], qualifying).key == stands_on


def test_a_level_that_the_ladder_no_longer_has_is_the_lowest():
    assert ladder().level(99).key == "bronze"


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("month", date(2026, 5, 1), date(2026, 6, 1)),
        ("quarter", date(2026, 4, 1), date(2026, 7, 1)),
        ("year", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_a_calendar_window_is_its_period(kind, start, end):
    steps, day = ladder(period={"kind": kind}), to_day(date(2026, 5, 31))
    assert (from_day(steps.window_start(day)), from_day(steps.window_end(day))) == (start, end)


def test_a_rolling_window_holds_its_last_day_and_never_closes():
    steps = ladder(period={"kind": "rolling", "days": 3})
    assert (steps.window_start(10), steps.window_end(10)) == (8, FOREVER)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"levels": []}, "everyone stands somewhere"),
        ({"levels": [{"key": "gold", "name": {}, "threshold": 5}]}, "everyone stands somewhere"),
        (
            {"levels": [{"key": "bronze", "name": {}, "threshold": 0}, {"key": "gold", "name": {}, "threshold": 0}]},
            "must rise",
        ),
        (
            {
                "levels": [
                    {"key": "bronze", "name": {}, "threshold": 0},
                    {"key": "gold", "name": {}, "threshold": 5, "keep": 6},
                ]
            },
            "cannot need more",
        ),
        ({"promotion": "next_period"}, "has a next period"),
        ({"promotion": "some day"}, "promotion"),
        ({"period": {"kind": "rolling", "days": 0}}, "days"),
    ],
)
def test_a_ladder_nobody_could_stand_on_is_refused(change, complaint):
    with pytest.raises(BadLadder, match=complaint):
        ladder(**change)
