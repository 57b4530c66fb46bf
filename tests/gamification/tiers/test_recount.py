"""Sums made again from their days, when the ladder gets another window or a sum was wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.gamification.tiers.recount import recount
from app.models.base import transaction
from tests.gamification.tiers.climbing import climb, earn, level, night, programme_with
from tests.support.play import trader, wallet

JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "qualifying"),
    [
        ({"kind": "rolling", "days": 60}, 90),
        ({"kind": "month"}, 40),
        ({"kind": "quarter"}, 90),
        ({"kind": "lifetime"}, 120),
    ],
)
def test_a_new_window_is_filled_from_the_days(app, period, qualifying):
    programme_with(period={"kind": "rolling", "days": 5})
    member = trader()
    earn(member, 30, JUNE - timedelta(days=100))
    earn(member, 50, JUNE - timedelta(days=20))
    earn(member, 40, JUNE)
    climb(period=period)
    recount(JUNE)
    assert wallet(member).qualifying == qualifying
    assert recount(JUNE) == 0
    night(JUNE + timedelta(days=1))
    assert level(member) == ("silver" if qualifying >= 100 else "bronze")


def test_a_wrong_sum_is_mended_and_a_right_one_left_alone(app):
    programme_with()
    right, wrong = trader(), trader()
    earn(right, 30, JUNE)
    earn(wrong, 30, JUNE)
    with transaction() as conn:
        conn.execute(text("UPDATE wallet SET qualifying = 7 WHERE id = :id"), {"id": wrong})
    assert recount(JUNE) == 1
    assert (wallet(right).qualifying, wallet(wrong).qualifying) == (30, 30)


def test_a_month_that_waits_for_its_review_stays_open(app):
    programme_with(period={"kind": "month"})
    member = trader()
    earn(member, 150, JUNE)
    assert recount(JUNE + timedelta(days=30)) == 0
    night(JUNE + timedelta(days=30))
    assert level(member) == "gold"
