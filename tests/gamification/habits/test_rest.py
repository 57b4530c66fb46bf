"""Rest days: planned before they begin, kept without a trade, decided once."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.errors.habits import EnoughRest, RestHasBegun, RestOverlaps, RestTooFar, RestTooLate
from app.gamification.habits import rest
from app.gamification.members import erasure
from app.gamification.streaks.rules import STARTING, Rule, Rules
from app.gamification.streaks.weeks import by_week, streak
from app.lib.periods import day_of, start_of
from app.models.base import read_all, transaction
from tests.support.play import NOON, Said, report, trade, trader
from tests.support.together import no_errors, together

UTC_ZONE, EAST, WEST = ZoneInfo("UTC"), ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")
TODAY = day_of(NOON, UTC_ZONE)  # a Wednesday
TOMORROW = TODAY + 1
DECIDED = start_of(TOMORROW + 1, UTC_ZONE) + rest.DECIDED_AFTER


@pytest.fixture
def tara(app: Flask) -> int:
    return trader()


def plan(member_id: int, *days: int, zone: ZoneInfo = UTC_ZONE, now: datetime = NOON) -> None:
    for day in days:
        with transaction():
            rest.plan(member_id, day, zone=zone, now=now)


def decide(now: datetime = DECIDED) -> tuple[int, int]:
    return rest.decide(now, lambda _: None)


def kept(member_id: int) -> dict[int, bool | None]:
    rows = read_all(text("SELECT day, kept FROM rest_day WHERE member_id = :m ORDER BY day"), {"m": member_id})
    return {row.day: None if row.kept is None else bool(row.kept) for row in rows}


def practised(member_id: int) -> list[int]:
    pipeline.drain()
    rows = read_all(text("SELECT day FROM habit_day WHERE member_id = :m ORDER BY day"), {"m": member_id})
    return [row.day for row in rows]


def traded(member_id: int, opened: datetime, closed: datetime, id: str = "t", recorded: datetime | None = None) -> None:
    said = Said(trade(at=closed, seconds=(closed - opened).total_seconds()), at=closed, id=id)
    report(member_id, said, now=recorded or closed)
    pipeline.drain()


def test_a_day_without_a_trade_is_kept_and_is_practice(tara: int):
    plan(tara, TOMORROW)
    assert decide(DECIDED - timedelta(seconds=1)) == (0, 0)
    assert decide() == (1, 0) and decide() == (0, 0)
    assert kept(tara) == {TOMORROW: True} and practised(tara) == [TOMORROW]


@pytest.mark.parametrize(
    ("opened", "closed", "holds"),
    [
        (-1, 0, False), (0, 1, False), (23, 25, False), (-2, 26, True), (-2, -1 / 3600, True), (24, 25, True), (5, 6, False),
    ],
)  # fmt: skip
def test_no_trade_may_be_opened_or_closed_on_it(tara: int, opened: float, closed: float, holds: bool):
    """Hours from the beginning of the day; one that is open all the while does no harm."""
    begins = start_of(TOMORROW, UTC_ZONE)
    plan(tara, TOMORROW)
    traded(tara, begins + timedelta(hours=opened), begins + timedelta(hours=closed))
    assert decide() == ((1, 0) if holds else (0, 1))
    assert kept(tara) == {TOMORROW: holds} and practised(tara) == ([TOMORROW] if holds else [])


def test_a_trade_of_somebody_else_does_no_harm(tara: int):
    plan(tara, TOMORROW)
    at = start_of(TOMORROW, UTC_ZONE) + timedelta(hours=9)
    traded(trader(), at, at + timedelta(hours=1))
    assert decide() == (1, 0)


def test_a_trade_that_was_cancelled_in_time_does_no_harm(tara: int):
    plan(tara, TOMORROW)
    at = start_of(TOMORROW, UTC_ZONE) + timedelta(hours=9)
    traded(tara, at, at + timedelta(hours=1), id="wrong")
    report(tara, Said(None, at=at, id="no", busts="wrong"), now=at + timedelta(hours=2))
    pipeline.drain()
    assert decide() == (1, 0)


def test_what_is_reported_late_counts_for_six_hours_and_changes_nothing_later(tara: int):
    other, at = trader(), start_of(TOMORROW, UTC_ZONE) + timedelta(hours=9)
    plan(tara, TOMORROW)
    plan(other, TOMORROW)
    traded(tara, at, at + timedelta(hours=1), "late", recorded=DECIDED - timedelta(minutes=1))
    assert decide() == (1, 1)
    traded(other, at, at + timedelta(hours=1), "too late", recorded=DECIDED + timedelta(minutes=1))
    assert decide(DECIDED + timedelta(days=1)) == (0, 0)
    assert kept(tara) == {TOMORROW: False} and kept(other) == {TOMORROW: True}


def test_what_still_waits_in_the_queue_is_waited_for(tara: int):
    plan(tara, TOMORROW)
    at = start_of(TOMORROW, UTC_ZONE) + timedelta(hours=9)
    report(tara, Said(trade(at=at), at=at, id="waits"), now=at)
    assert decide() == (0, 0)
    pipeline.drain()
    assert decide() == (0, 1)


def test_two_workers_decide_a_day_once(app: Flask, tara: int):
    plan(tara, TOMORROW)
    no_errors(together(app, [decide, decide]))
    assert kept(tara) == {TOMORROW: True} and practised(tara) == [TOMORROW]


def test_a_rest_day_is_planned_before_it_begins_and_not_too_far_ahead(tara: int):
    for day in (TODAY, TODAY - 1, 0, -5):
        with pytest.raises(RestTooLate):
            plan(tara, day)
    with pytest.raises(RestTooFar):
        plan(tara, TODAY + 15)
    plan(tara, TODAY + 14)


def test_days_begin_where_the_member_is(tara: int):
    """At noon in Greenwich it is Thursday in the far east, and still Wednesday in the far west."""
    with pytest.raises(RestTooLate):
        plan(tara, TOMORROW, zone=EAST)
    plan(tara, TOMORROW, zone=WEST)


def test_three_days_a_week_and_planning_twice_is_planning_once(tara: int):
    friday = TODAY + 2
    plan(tara, TOMORROW, friday, friday, friday + 1)
    with pytest.raises(EnoughRest):
        plan(tara, friday + 2)
    plan(tara, friday + 3, friday + 4, friday + 5)
    with pytest.raises(EnoughRest):
        plan(tara, friday + 6)
    assert len(kept(tara)) == 6


def test_of_plans_sent_at_once_three_stay(app: Flask, tara: int):
    monday = TODAY + 5

    made = together(app, [partial(plan, tara, day) for day in range(monday, monday + 5)])
    assert sum(isinstance(one, EnoughRest) for one in made) == 2
    assert len(kept(tara)) == 3


def test_it_is_cancelled_until_it_begins(tara: int):
    plan(tara, TOMORROW)
    begins = start_of(TOMORROW, UTC_ZONE)
    with pytest.raises(RestHasBegun), transaction():
        rest.cancel(tara, TOMORROW, now=begins)
    for _ in range(2):
        with transaction():
            rest.cancel(tara, TOMORROW, now=begins - timedelta(seconds=1))
    assert kept(tara) == {}


def test_hours_are_rested_once_however_the_zone_changes(tara: int):
    plan(tara, TOMORROW + 1, zone=EAST)
    with pytest.raises(RestOverlaps):
        plan(tara, TOMORROW, zone=UTC_ZONE)
    with pytest.raises(RestOverlaps):
        plan(tara, TOMORROW, zone=WEST)


@pytest.mark.parametrize("moved_to", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Dubai"])
def test_a_rest_day_counts_on_its_day_where_the_member_moved_to_if_it_can(tara: int, moved_to: str):
    plan(tara, TOMORROW)
    with transaction() as conn:
        conn.execute(text("UPDATE member SET time_zone = :zone"), {"zone": moved_to})
    assert decide() == (1, 0)
    assert practised(tara) == [TOMORROW]


def test_a_night_of_daylight_saving_is_a_day_of_its_own_length(tara: int):
    berlin = ZoneInfo("Europe/Berlin")
    with transaction() as conn:
        conn.execute(text("UPDATE member SET time_zone = 'Europe/Berlin'"))
    sunday = day_of(datetime(2026, 3, 29, 12, tzinfo=berlin), berlin)
    plan(tara, sunday, zone=berlin, now=start_of(sunday - 1, berlin))
    (row,) = read_all(text("SELECT starts_at, ends_at FROM rest_day"))
    assert row.ends_at - row.starts_at == 23 * 3600 * 1_000_000
    assert decide(start_of(sunday + 1, berlin) + rest.DECIDED_AFTER) == (1, 0)
    assert practised(tara) == [sunday]


def test_rest_alone_keeps_a_week_unless_more_is_asked_for_than_can_be_planned(tara: int):
    for day in range(TOMORROW, TOMORROW + rest.MOST_A_WEEK):
        plan(tara, day)
    with pytest.raises(EnoughRest):
        plan(tara, TOMORROW + rest.MOST_A_WEEK)
    assert decide(DECIDED + timedelta(days=2)) == (3, 0)
    week, today = by_week(practised(tara)), TOMORROW + rest.MOST_A_WEEK
    assert streak(week, today, STARTING).current == 1
    assert streak(week, today, Rules((0,), (Rule(days_needed=rest.MOST_A_WEEK + 1),))).current == 0


def test_nothing_is_reported_of_who_was_erased(tara: int):
    plan(tara, TOMORROW)
    with transaction():
        erasure.erase(None, tara, now=NOON)
    assert decide() == (0, 0) and practised(tara) == []


def test_many_days_are_decided_in_chunks(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rest, "CHUNK", 2)
    for _ in range(5):
        plan(trader(), TOMORROW)
    assert decide() == (5, 0)
