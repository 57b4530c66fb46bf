"""The clock: every turn is rung once, at the programme's own time, and a missed one when a worker is back."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.tasks.queue import Job, current_bell
from app.tasks.schedule import Schedule, turn
from tests.support.queue import do_what_was_rung, forget_what_was_rung, handlers, noted

DUBAI = ZoneInfo("Asia/Dubai")  # four hours ahead, no summer time
NEW_YORK = ZoneInfo("America/New_York")
OFTEN = Job("test.often", print, minutes=5)
NIGHTLY = Job("test.nightly", print, at=time(0, 10))
RUNG_ONLY = Job("test.rung", print)


def test_minutes_are_counted_in_turns():
    start = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    first = turn(OFTEN, start, DUBAI)
    assert first is not None
    assert turn(OFTEN, start + timedelta(minutes=4, seconds=59), DUBAI) == first
    assert turn(OFTEN, start + timedelta(minutes=5), DUBAI) == first + 1


def test_a_daily_turn_begins_at_its_time_in_the_programmes_zone():
    before = turn(NIGHTLY, datetime(2026, 2, 28, 20, 9, 59, tzinfo=UTC), DUBAI)
    after = turn(NIGHTLY, datetime(2026, 2, 28, 20, 10, tzinfo=UTC), DUBAI)
    assert before is not None
    assert after == before + 1


@pytest.mark.parametrize("at", [time(0, 10), time(1, 30), time(2, 30), time(23, 59)])
def test_every_day_has_one_turn_even_when_the_clocks_change(at: time):
    nightly = Job("test.nightly", print, at=at)
    start = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)  # summer time begins on the 8th
    turns = [turn(nightly, start + timedelta(minutes=10 * step), NEW_YORK) for step in range(6 * 24 * 3)]
    assert turns == sorted(turns)  # type: ignore[type-var]
    assert len(set(turns)) == 4


def test_a_job_that_is_only_rung_has_no_turns():
    assert turn(RUNG_ONLY, datetime(2026, 3, 1, tzinfo=UTC), DUBAI) is None


@pytest.fixture
def played(app: Flask) -> Iterator[list[str]]:
    """The names of the jobs that ran."""
    names: list[str] = []
    forget_what_was_rung()
    two = [
        Job(name, lambda name=name: names.append(name), job.minutes, job.at)
        for name, job in (("often", OFTEN), ("nightly", NIGHTLY))
    ]
    with handlers(*two, Job("rung", noted([]))):
        yield names
    forget_what_was_rung()


def test_two_workers_ring_a_turn_once(played: list[str]):
    one, other = Schedule(current_bell()), Schedule(current_bell())
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert one.ring_due(now, DUBAI) == ["nightly", "often"]
    assert other.ring_due(now, DUBAI) == []
    assert one.ring_due(now + timedelta(minutes=1), DUBAI) == []
    assert other.ring_due(now + timedelta(minutes=5), DUBAI) == ["often"]
    assert do_what_was_rung() == 3
    assert played == ["nightly", "often", "often"]


def test_a_night_that_was_slept_through_is_made_up_for(played: list[str]):
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    Schedule(current_bell()).ring_due(now, DUBAI)
    assert "nightly" in Schedule(current_bell()).ring_due(now + timedelta(days=3), DUBAI)
