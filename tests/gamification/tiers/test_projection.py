"""How much by when keeps a level, if nothing more is earned until then."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gamification.tiers.ladder import Ladder, read_ladder
from app.gamification.tiers.projection import Projection, project

IDS = {"bronze": 1, "silver": 2, "gold": 3}
TODAY = 20_000
MONTH_ENDS = 20_028  # the 1st of November 2024


@dataclass(frozen=True)
class Stands:
    qualifying: int
    window_from: int = TODAY - 40
    level_id: int = 3
    grace_until: int | None = None


def ladder(**more: Any) -> Ladder:
    levels = [
        {"key": "bronze", "name": {}, "threshold": 0},
        {"key": "silver", "name": {}, "threshold": 100, "keep": 50},
        {"key": "gold", "name": {}, "threshold": 150, "keep": 75},
    ]
    return read_ladder(1, {"period": {"kind": "rolling", "days": 30}, "levels": levels, **more}, IDS)


def test_the_day_that_leaves_too_much_is_named_and_what_it_takes():
    days = {TODAY - 25: 40, TODAY - 20: 60, TODAY - 2: 60}
    # 160 today; 120 after five days; 60 after ten: 15 are missing on the tenth, to be earned by the ninth.
    assert project(Stands(160), ladder(), TODAY, days) == Projection(15, TODAY + 9, False)


def test_grace_moves_the_day_and_counts_what_leaves_meanwhile():
    days = {TODAY - 25: 100, TODAY - 22: 60}
    assert project(Stands(160), ladder(grace_days=7), TODAY, days) == Projection(75, TODAY + 11, False)


def test_a_grace_that_runs_keeps_its_day():
    days = {TODAY - 25: 10, TODAY - 10: 50}
    stands = Stands(60, grace_until=TODAY + 3)
    assert project(stands, ladder(grace_days=7), TODAY, days) == Projection(15, TODAY + 2, True)


@pytest.mark.parametrize(
    ("stands", "more"),
    [
        (Stands(160), {"downgrade": "never"}),
        (Stands(0, level_id=1), {}),
        (Stands(160), {"period": {"kind": "lifetime"}}),
    ],
)
def test_what_cannot_be_lost_has_no_projection(stands, more):
    assert project(stands, ladder(**more), TODAY, {TODAY - 3: 160}) is None


@pytest.mark.parametrize(("qualifying", "needed"), [(60, 15), (75, 0), (200, 0)])
def test_a_month_asks_by_its_end(qualifying, needed):
    stands = Stands(qualifying, window_from=MONTH_ENDS - 31)
    found = project(stands, ladder(period={"kind": "month"}), TODAY, {})
    assert found == Projection(needed, MONTH_ENDS - 1, False)


@given(
    st.dictionaries(st.integers(TODAY - 29, TODAY), st.integers(1, 60), max_size=20),
    st.integers(0, 9),
)
def test_earning_what_is_missing_keeps_the_level_and_one_less_does_not(days, grace):
    steps = ladder(grace_days=grace)
    total = sum(days.values())
    if total < 75:
        return
    found = project(Stands(total), steps, TODAY, days)
    assert found is not None
    left = sum(points for day, points in days.items() if day >= steps.window_start(found.falls_on))
    assert left + found.needed == 75
    short_on = found.falls_on - grace
    assert sum(points for day, points in days.items() if day >= steps.window_start(short_on)) < 75
    assert sum(points for day, points in days.items() if day >= steps.window_start(short_on - 1)) >= 75
