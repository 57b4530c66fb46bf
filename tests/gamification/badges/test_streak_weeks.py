"""The badge for weeks in a row: given when a week is kept, kept when a streak ends, lost only with the practice itself."""

from datetime import timedelta

import pytest
from flask import Flask

from app.gamification import pipeline
from app.gamification.activities import LessonPassed
from app.gamification.badges import recounting
from app.gamification.streaks.weeks import monday_of, week_of
from app.lib.periods import day_of
from tests.support.habits import UTC_ZONE, practise
from tests.support.play import NOON, Said, play, report, trade, trader
from tests.support.playing import badge, levels_held

WEEKS = {"kind": "streak_weeks", "settings": {}}
THIS = week_of(day_of(NOON, UTC_ZONE))


@pytest.fixture
def tara(app: Flask) -> int:
    return trader()


def kept(member_id: int, *back: int) -> None:
    """Weeks before the present one that were kept, counted back from it."""
    practise(member_id, *(monday_of(THIS - week) + day for week in back for day in range(3)))


def passes(member_id: int, days_ago: int, id: str) -> None:
    play(member_id, Said(LessonPassed("risk", 100), "lesson.passed", NOON - timedelta(days=days_ago), id))


def test_a_kept_week_reaches_a_level_at_once(tara: int):
    weeks = badge("weeks", WEEKS, "2", "3")
    kept(tara, 1)
    for days_ago, held in ((2, {}), (1, {}), (0, {weeks: 1})):
        passes(tara, days_ago, f"l{days_ago}")
        assert levels_held(tara) == held
    play(tara, trade())
    assert levels_held(tara) == {weeks: 1}


def test_a_streak_that_ends_takes_nothing_away(tara: int):
    weeks = badge("weeks", WEEKS, "2")
    kept(tara, 6, 5)
    passes(tara, 0, "first again")
    assert levels_held(tara) == {weeks: 1}


@pytest.mark.parametrize("temporary", [False, True])
def test_practice_that_is_taken_back_takes_its_level_back(tara: int, temporary: bool):
    weeks = badge("weeks", WEEKS, "2", temporary=temporary)
    kept(tara, 1)
    for days_ago in (2, 1, 0):
        passes(tara, days_ago, f"l{days_ago}")
    play(tara, Said(None, "visit"))
    assert levels_held(tara) == {weeks: 1}
    report(tara, Said(None, "lesson.passed", id="undo", busts="l1"))
    pipeline.drain()
    assert levels_held(tara) == {}
    passes(tara, 1, "again")
    assert levels_held(tara) == {weeks: 1}


def test_a_new_badge_counts_what_was_practised_before(tara: int):
    kept(tara, 3, 2, 1)
    passes(tara, 0, "something")
    weeks = badge("weeks", WEEKS, "3")
    recounting.run(lambda _: None)
    assert levels_held(tara) == {weeks: 1}
