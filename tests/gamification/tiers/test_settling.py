"""A ladder of another window: every sum is made again, whoever folds or reviews in the meantime."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.gamification import pipeline, programme
from app.gamification.tiers import settling
from app.gamification.tiers.recount import recount
from app.lib.periods import day_of
from app.models.base import read_one, transaction
from tests.gamification.tiers.climbing import (
    climb,
    drawn,
    earn,
    history,
    level,
    merit,
    night,
    programme_with,
    published,
    recounted,
)
from tests.support.cast import Person, make_staff
from tests.support.examples import examples
from tests.support.play import report, trader, wallet
from tests.support.together import no_errors, together

JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)
WINDOWS = (
    {"kind": "rolling", "days": 5},
    {"kind": "rolling", "days": 60},
    {"kind": "month"},
    {"kind": "quarter"},
    {"kind": "year"},
    {"kind": "lifetime"},
)


def settle() -> int:
    return settling.settle(pause=lambda seconds: None)


def right(member: int, now: datetime) -> int:
    """What the window in force should hold."""
    current = programme.current()
    return recounted(member, current.ladder.window_start(day_of(now, current.zone)))


@pytest.mark.parametrize("before", WINDOWS)
@pytest.mark.parametrize("after", WINDOWS)
def test_sums_are_those_of_the_new_window(app: Flask, mia: Person, omar: Person, before, after):
    programme_with(period=before)
    member = trader()
    for days in (400, 120, 70, 40, 20, 3, 0):
        earn(member, 10 + days, JUNE - timedelta(days=days))
    published(mia, omar, drawn(("bronze", 0, None), period=after), JUNE)
    settle()
    assert wallet(member).qualifying == right(member, JUNE)
    assert settling.under_way() is None
    assert settle() == 0


def test_the_same_window_needs_no_settling(app: Flask, mia: Person, omar: Person):
    programme_with()
    published(mia, omar, drawn(("bronze", 0, None), ("silver", 90, None)), JUNE)
    assert settling.under_way() is None


def test_a_round_that_comes_first_folds_into_the_new_window(app: Flask, mia: Person, omar: Person):
    programme_with(period={"kind": "lifetime"})
    member = trader()
    earn(member, 90, JUNE - timedelta(days=70))
    published(mia, omar, drawn(period={"kind": "month"}), JUNE)
    earn(member, 20, JUNE + timedelta(hours=1))
    assert (wallet(member).qualifying, level(member)) == (20, "bronze")
    settle()
    assert (wallet(member).qualifying, level(member)) == (20, "bronze")


def test_a_night_that_comes_first_settles_before_it_reviews(app: Flask, mia: Person, omar: Person):
    programme_with(period={"kind": "rolling", "days": 5})
    member = trader()
    earn(member, 90, JUNE - timedelta(days=70))
    earn(member, 20, JUNE)
    published(mia, omar, drawn(period={"kind": "lifetime"}), JUNE)
    assert night(JUNE + timedelta(days=1)).risen == 1
    assert (wallet(member).qualifying, level(member)) == (110, "silver")


def test_a_pass_that_was_killed_is_resumed(app: Flask, mia: Person, omar: Person, monkeypatch):
    monkeypatch.setattr(settling, "CHUNK_SQLITE", 2)
    monkeypatch.setattr(settling, "CHUNK_POSTGRESQL", 2)
    programme_with(period={"kind": "month"})
    members = [trader() for _ in range(5)]
    for member in members:
        earn(member, 30, JUNE - timedelta(days=60))
        earn(member, 10, JUNE)
    published(mia, omar, drawn(period={"kind": "lifetime"}), JUNE)
    with transaction() as conn:
        assert settling._chunk(conn) == 2  # and no more: here the worker is killed
    under_way = settling.under_way()
    assert under_way is not None
    assert under_way.settled_to == members[1]
    assert settle() == 3
    assert [wallet(member).qualifying for member in members] == [40] * 5


def test_a_publish_in_the_middle_of_a_settling_begins_it_anew(app: Flask, mia: Person, omar: Person, monkeypatch):
    monkeypatch.setattr(settling, "CHUNK_SQLITE", 1)
    monkeypatch.setattr(settling, "CHUNK_POSTGRESQL", 1)
    programme_with(period={"kind": "month"})
    members = [trader() for _ in range(3)]
    for member in members:
        earn(member, 30, JUNE - timedelta(days=60))
        earn(member, 10, JUNE)
    published(mia, omar, drawn(period={"kind": "lifetime"}), JUNE)
    with transaction() as conn:
        settling._chunk(conn)
    published(mia, omar, drawn(period={"kind": "month"}), JUNE + timedelta(minutes=1))
    settle()
    assert [wallet(member).qualifying for member in members] == [10] * 3


def test_a_promised_level_is_not_lost_with_its_period(app: Flask, mia: Person, omar: Person):
    programme_with(period={"kind": "month"}, promotion="next_period")
    member = trader()
    earn(member, 160, JUNE)
    assert level(member) == "bronze"
    published(mia, omar, drawn(period={"kind": "lifetime"}), JUNE)
    settle()
    assert level(member) == "gold"
    assert [key for key, _ in history(member)] == ["gold"]


def test_a_worker_that_read_the_old_programme_folds_by_the_new_one(app: Flask, mia: Person, omar: Person, monkeypatch):
    programme_with(period={"kind": "lifetime"})
    member = trader()
    earn(member, 90, JUNE - timedelta(days=70))
    assert report(member, merit(20, JUNE), now=JUNE) == ["accepted"]
    old = programme.current()
    published(mia, omar, drawn(period={"kind": "month"}), JUNE)
    asked = iter([old])
    real = programme.current
    monkeypatch.setattr(programme, "current", lambda: next(asked, None) or real())
    pipeline.drain()
    assert (wallet(member).qualifying, level(member)) == (20, "bronze")


def test_publishing_beside_workers_loses_nothing(app: Flask, mia: Person, omar: Person, monkeypatch):
    monkeypatch.setattr(settling, "CHUNK_SQLITE", 3)
    monkeypatch.setattr(settling, "CHUNK_POSTGRESQL", 3)
    programme_with(period={"kind": "lifetime"})
    members = [trader() for _ in range(8)]
    for number in range(6):
        for member in members:
            at = JUNE - timedelta(days=10 * number)
            assert report(member, merit(1 + number, at), now=JUNE + timedelta(seconds=number)) == ["accepted"]

    def fold() -> object:
        while read_one(text("SELECT 1 FROM activity_queue LIMIT 1")) is not None:
            pipeline.run(5)

    def change() -> object:
        for period in ({"kind": "month"}, {"kind": "rolling", "days": 25}):
            published(mia, omar, drawn(period=period), JUNE + timedelta(minutes=1))
            settle()

    no_errors(together(app, [fold, fold, change]))
    settle()
    assert [wallet(member).qualifying for member in members] == [right(member, JUNE) for member in members]
    assert {right(member, JUNE) for member in members} == {1 + 2 + 3}


@settings(max_examples=examples(25))
@given(
    st.sampled_from(WINDOWS),
    st.lists(st.sampled_from(WINDOWS), min_size=1, max_size=3),
    st.lists(st.tuples(st.sampled_from(["earn", "publish", "settle", "night"]), st.integers(0, 40)), max_size=12),
)
def test_in_any_order_the_sum_is_that_of_its_days(
    app: Flask, start_over: Callable[[], None], first: dict, windows: list[dict], plan: list[tuple[str, int]]
):
    start_over()
    programme_with(("bronze", 0, None), ("silver", 50, 30), period=first)
    mia, omar = make_staff("m@example.com", "Mia", "manager"), make_staff("o@example.com", "Omar", "approver")
    member, now = trader(), JUNE
    for step, (kind, number) in enumerate(plan):
        now += timedelta(hours=7)
        if kind == "earn":
            earn(member, 1 + number, now - timedelta(days=number), now)
        elif kind == "publish":
            levels = (("bronze", 0, None), ("silver", 51 + step, 30))
            published(mia, omar, drawn(*levels, period=windows[number % len(windows)]), now)
        elif kind == "settle":
            settle()
        else:
            night(now)
        if programme.current().settling_since is None:
            found = wallet(member)
            lifetime = programme.current().ladder.period.kind == "lifetime"
            assert found.qualifying == recounted(member, -(2**31) if lifetime else found.window_from)
    night(now + timedelta(days=1))
    assert wallet(member).qualifying == right(member, now + timedelta(days=1))


def test_a_command_that_recounts_finds_nothing_to_mend(app: Flask, mia: Person, omar: Person):
    programme_with()
    member = trader()
    earn(member, 30, JUNE - timedelta(days=20))
    climb(period={"kind": "rolling", "days": 60})
    published(mia, omar, drawn(period={"kind": "quarter"}), JUNE)
    settle()
    assert recount(JUNE) == 0
