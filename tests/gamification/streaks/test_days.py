"""Which day a lesson is practice of, where the member moved: none is lived twice, none is reached before the clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from flask import Flask
from hypothesis import strategies as st
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import LessonPassed
from app.gamification.streaks.days import lived
from app.lib.clock import DAY, to_micros
from app.lib.periods import day_at
from app.models.base import connection, read_all, transaction
from tests.support.play import NOON, Said, play, report, trader

HOUR = timedelta(hours=1)
EAST, WEST, HOME = "Pacific/Kiritimati", "Etc/GMT+12", "UTC"
AN_HOUR = DAY // 24


def move(member: int, zone: str) -> None:
    with transaction():
        connection().execute(text("UPDATE member SET time_zone = :z WHERE id = :m"), {"z": zone, "m": member})


def days(member: int) -> list[int]:
    found = read_all(text("SELECT DISTINCT day FROM habit_day WHERE member_id = :m ORDER BY day"), {"m": member})
    return [row.day for row in found]


def lesson(member: int, key: str, at: datetime) -> None:
    play(member, Said(LessonPassed(key), "lesson.passed", at))


@pytest.mark.parametrize("zones", [(WEST, HOME, EAST), (EAST, HOME, WEST), (HOME, EAST, WEST), (EAST, WEST, EAST)])
def test_three_lessons_of_one_hour_are_practice_of_two_days_at_most(app: Flask, zones: tuple[str, ...]):
    member = trader()
    for number, zone in enumerate(zones):
        move(member, zone)
        lesson(member, f"lesson{number}", NOON + number * timedelta(minutes=10))
    assert len(days(member)) <= 2
    move(member, EAST)
    lesson(member, "next", NOON + HOUR)
    assert len(days(member)) <= 2


def test_who_really_moves_loses_no_day(app: Flask):
    member = trader()
    for number, zone in enumerate((HOME, EAST, WEST, HOME)):
        move(member, zone)
        lesson(member, f"lesson{number}", NOON + number * timedelta(days=2))
    assert len(days(member)) == 4


def test_a_day_of_the_journal_binds_lessons_too(app: Flask):
    member = trader()
    move(member, EAST)
    play(member, Said(kind="journal.written"))
    move(member, WEST)
    lesson(member, "risk", NOON + HOUR)
    assert len(days(member)) == 1


@pytest.mark.parametrize("limit", [1, 100])
def test_within_one_round_as_one_by_one(app: Flask, limit: int):
    member = trader()
    move(member, EAST)
    lesson(member, "first", NOON)
    move(member, WEST)
    said = [
        Said(LessonPassed(f"lesson{hours}"), "lesson.passed", NOON + hours * HOUR, id=f"at{hours}")
        for hours in (1, 9, 26, 50)
    ]
    report(member, *said, Said(busts="at9", at=NOON), now=NOON + 60 * HOUR)
    while pipeline.run(limit):
        pass
    today = day_at(to_micros(NOON), ZoneInfo(EAST))
    found = read_all(text("SELECT day FROM habit_day WHERE member_id = :m ORDER BY activity_id"), {"m": member})
    assert [row.day for row in found] == [today, today, today, today + 1]


moments = st.lists(st.tuples(st.integers(0, 240), st.integers(-12, 14)), min_size=1, max_size=12)


@hypothesis.given(moments)
def test_days_go_the_way_of_the_instants_and_no_faster(plan: list[tuple[int, int]]):
    """However somebody moves between any lessons; each is folded when it occurs."""
    near: list[tuple[int, int]] = []
    for hour, offset in sorted(plan):
        at = hour * AN_HOUR
        near.append((at, lived((at + offset * AN_HOUR) // DAY, at, near)))
    for place, (at, day) in enumerate(near):
        for later, other in near[place:]:
            assert day <= other <= day + 1 + (later - at) // (23 * AN_HOUR)


@hypothesis.given(st.lists(st.integers(0, 24 * 20), min_size=1, max_size=12), st.integers(-12, 14))
def test_who_stays_at_home_lives_the_days_of_their_clock_in_any_order(hours: list[int], offset: int):
    near: list[tuple[int, int]] = []
    for hour in hours:
        at = hour * AN_HOUR
        day = (at + offset * AN_HOUR) // DAY
        assert lived(day, at, near) == day
        near.append((at, day))
