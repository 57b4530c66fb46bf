"""Challenges that need no joining: who they are for is in them with the first thing they look at."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline, programme
from app.gamification.activities import Custom, LessonPassed
from app.gamification.challenges.definition import read_definition
from app.gamification.challenges.entry import EntryState
from app.gamification.challenges.readiness import advised
from app.gamification.errors.challenges import ChallengeNotOpen, JoinedAlready
from app.lib.clock import to_micros
from app.models.base import connection, read_all, transaction
from app.models.people import ClientClass
from tests.gamification.ledger.reading import english
from tests.support.play import NOON, Said, play, report, trade, trader
from tests.support.playing import LESSONS, challenge, entry, join, leave, progress, state
from tests.support.programmes import publish

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
VISITS = {"kind": "visits", "settings": {"target": 2}}
EVERYBODY = {"automatic": True, "claim": False, "reward": {"points": 5}}
WEEKLY = {"kind": "fixed", "first": "2026-03-02", "last": "2026-03-08"}


def visit(member: int, at: datetime, now: datetime | None = None) -> None:
    play(member, Said(kind="visit", at=at), now=now or at)


def test_who_joins_the_programme_is_on_the_way(app: Flask):
    first = {"kind": "first_trade"}
    quest = challenge("welcome", {"kind": "joined"}, first, window={"kind": "personal", "days": 14}, **EVERYBODY)
    member = trader()
    joined = NOON - 100 * DAY
    assert (state(member, quest), progress(member, quest)) == (EntryState.JOINED, [1, 0])
    assert (found := entry(member, quest)) is not None
    assert found.joined_at == to_micros(joined)
    at = joined + 3 * DAY
    play(member, Said(trade(at=at), at=at))
    assert state(member, quest) == EntryState.CLAIMED


def test_the_first_thing_it_looks_at_begins_it_and_counts(app: Flask):
    visits, member = challenge("visits", VISITS, **EVERYBODY), trader()
    play(member, Said(kind="journal.written"))
    assert entry(member, visits) is None
    visit(member, NOON)
    assert progress(member, visits) == [1]
    visit(member, NOON + DAY)
    visit(member, NOON + 2 * DAY)
    assert (state(member, visits), entry(member, visits, 1)) == (EntryState.CLAIMED, None)


def test_it_is_only_for_those_it_is_for(app: Flask):
    far, retail = trader(), trader("CY", ClientClass.RETAIL, "eu")
    japan = challenge("japan", VISITS, audience={"countries": ["JP"]}, **EVERYBODY)
    trades = challenge("trades", {"kind": "first_trade"}, **EVERYBODY)
    blocked = trader()
    with transaction():
        connection().execute(text("UPDATE member SET earning_blocked = true WHERE id = :m"), {"m": blocked})
    everyone = challenge("everyone", VISITS, **EVERYBODY)
    for member in (far, retail, blocked):
        visit(member, NOON)
        play(member, Said(trade(), at=NOON + HOUR), now=NOON + HOUR)
    assert [entry(far, japan), entry(retail, trades), entry(blocked, everyone)] == [None] * 3
    assert [state(far, trades), state(retail, everyone)] == [EntryState.CLAIMED, EntryState.JOINED]


def test_a_fixed_run_is_counted_from_its_beginning(app: Flask):
    weekly, member = challenge("weekly", VISITS, window=WEEKLY, recurrence="end", **EVERYBODY), trader()
    visit(member, NOON)
    visit(member, NOON - DAY, NOON + HOUR)  # of the same week, reported later
    assert state(member, weekly) == EntryState.CLAIMED
    visit(member, NOON + 6 * DAY)
    assert progress(member, weekly, 1) == [1]
    # Of a week that is over what is reported late still begins it, and completes it.
    visit(member, NOON + 41 * DAY)
    visit(member, NOON + 18 * DAY, NOON + 41 * DAY)
    assert (state(member, weekly, 1), progress(member, weekly, 6)) == (EntryState.EXPIRED, [1])
    assert progress(member, weekly, 2) == [1]
    visit(member, NOON + 17 * DAY, NOON + 41 * DAY)
    assert state(member, weekly, 2) == EntryState.CLAIMED
    visit(member, NOON + 25 * DAY, NOON + 60 * DAY)  # a month behind its end
    assert entry(member, weekly, 3) is None
    monday = NOON + 19 * DAY
    visit(other := trader(), monday)
    visit(other, monday - DAY, monday)
    assert [progress(other, weekly, run) for run in (2, 3)] == [[1], [1]]


def test_one_whose_days_change_goes_on_with_who_was_in_it(app: Flask):
    weekly, member = challenge("weekly", VISITS, window=WEEKLY, recurrence="end", **EVERYBODY), trader()
    visit(member, NOON)
    visit(member, NOON + 7 * DAY)
    days = {"kind": "fixed", "first": "2026-05-01", "last": "2026-05-31"}
    challenge("weekly", VISITS, window=days, recurrence="end", now=NOON + 8 * DAY, **EVERYBODY)
    visit(member, NOON + 60 * DAY)
    assert [state(member, weekly, run) for run in range(3)] == [*[EntryState.EXPIRED] * 2, EntryState.JOINED]


def test_who_moves_east_is_in_no_second_run_before_the_first_is_over(app: Flask):
    weekly, member = challenge("weekly", VISITS, window=WEEKLY, recurrence="end", **EVERYBODY), trader()
    move(member, "Pacific/Pago_Pago")
    visit(member, NOON)
    move(member, "Pacific/Kiritimati")  # where the next week has begun, a day before that of the member is over
    visit(member, NOON + 4 * DAY)
    assert (state(member, weekly), entry(member, weekly, 1)) == (EntryState.CLAIMED, None)
    visit(member, NOON + 5 * DAY)
    assert progress(member, weekly, 1) == [1]


def move(member: int, zone: str) -> None:
    with transaction():
        connection().execute(text("UPDATE member SET time_zone = :z WHERE id = :m"), {"z": zone, "m": member})


def test_one_that_repeats_when_completed_counts_each_activity_for_one_run(app: Flask):
    visits, member = challenge("visits", VISITS, recurrence="completion", **EVERYBODY), trader()
    for day in range(5):
        visit(member, NOON + day * DAY)
    assert [state(member, visits, run) for run in range(3)] == [EntryState.CLAIMED] * 2 + [EntryState.JOINED]
    assert progress(member, visits, 2) == [1]


def test_a_personal_one_that_repeats_begins_again_behind_its_end(app: Flask):
    days = challenge("days", VISITS, window={"kind": "personal", "days": 2}, recurrence="end", **EVERYBODY)
    member = trader()
    visit(member, NOON)
    visit(member, NOON + 4 * DAY)
    assert (state(member, days), progress(member, days, 1)) == (EntryState.EXPIRED, [1])


def test_a_long_history_of_before_begins_nothing_that_is_over(app: Flask):
    days = challenge("days", VISITS, window={"kind": "personal", "days": 2}, **EVERYBODY)
    member = trader()
    visit(member, NOON - 30 * DAY, NOON)
    assert entry(member, days) is None
    visit(member, NOON)
    assert progress(member, days) == [1]


def test_who_leaves_it_is_not_taken_in_again(app: Flask):
    visits, member = challenge("visits", VISITS, recurrence="completion", **EVERYBODY), trader()
    visit(member, NOON)
    leave(member, visits, NOON + HOUR)
    visit(member, NOON + DAY)
    assert (state(member, visits), entry(member, visits, 1)) == (EntryState.LEFT, None)


def test_nobody_joins_what_takes_them_in_by_itself(app: Flask):
    """Or what was learnt before would count for whoever sends the form, and for nobody else."""
    course, member = challenge("course", LESSONS, **EVERYBODY), trader()
    for key in ("risk", "costs"):
        play(member, Said(LessonPassed(key, 90), "lesson.passed", at=NOON - DAY), now=NOON - DAY)
    challenge("late", LESSONS, **EVERYBODY)
    for closed in (course, course + 1):
        with pytest.raises(JoinedAlready):
            join(member, closed)
    assert (state(member, course), entry(member, course + 1)) == (EntryState.CLAIMED, None)


def test_who_left_it_comes_back_by_joining(app: Flask):
    visits, member = challenge("visits", VISITS, recurrence="completion", **EVERYBODY), trader()
    visit(member, NOON)
    leave(member, visits, NOON + HOUR)
    join(member, visits, NOON + 2 * HOUR)
    for day in (1, 2, 3):
        visit(member, NOON + day * DAY)
    assert [state(member, visits, run) for run in (0, 1)] == [EntryState.CLAIMED, EntryState.JOINED]
    assert read_all(text("SELECT 1 FROM challenge_run WHERE taken > 0")) == []


def test_no_run_begins_that_has_no_number_of_its_own(app: Flask):
    """Its reward would have the reference of another challenge's."""
    again = challenge("again", VISITS, recurrence="completion", **EVERYBODY)
    joined = challenge("joined", VISITS, recurrence="completion")
    member = trader()
    visit(member, NOON)
    join(member, joined)
    with transaction() as conn:
        conn.execute(text("UPDATE challenge_entry SET run = 65535, state = 3, due_at = NULL"))
    visit(member, NOON + DAY)
    assert entry(member, again, 65536) is None
    with pytest.raises(ChallengeNotOpen):
        join(member, joined)


def test_a_bust_takes_out_what_began_it(app: Flask):
    visits, member = challenge("visits", VISITS, **EVERYBODY), trader()
    first = Said(kind="visit")
    for limit in (1, 100):
        said = Said(kind="visit", at=NOON + limit * DAY)
        report(member, said, now=said.at)
        report(member, Said(busts=said.id, at=said.at), now=said.at + HOUR)
        while pipeline.run(limit):
            pass
        assert (state(member, visits), progress(member, visits)) == (EntryState.JOINED, [0])
    report(member, first, now=NOON + 200 * DAY)
    pipeline.drain()
    assert progress(member, visits) == [0]  # of before it began


def test_a_broker_s_own_activities_all_count_towards_points(app: Flask):
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})
    points = challenge("points", {"kind": "points_earned", "settings": {"target": 30}}, **EVERYBODY)
    member = trader()
    play(member, Said(Custom(count=20), "custom.gain"))
    play(member, Said(Custom(count=5), "custom.other"))
    assert progress(member, points)[0] >= 20
    play(member, Said(Custom(count=20), "custom.gain", NOON + HOUR))
    assert state(member, points) == EntryState.CLAIMED


@pytest.mark.parametrize(
    ("step", "more", "told"),
    [
        (LESSONS, {"automatic": True}, "once the member does something else of it"),
        (LESSONS, {"automatic": True, "recurrence": "completion"}, "only for who joins"),
        (LESSONS, {}, None),
        (VISITS, {"automatic": True}, None),
    ],
)
def test_who_publishes_hears_for_whom_lessons_of_before_count(
    app: Flask, step: dict[str, Any], more: dict[str, Any], told: str | None
):
    said = read_definition({"name": {"en": "It"}, "steps": [step], **more})
    items = {english(item.words): item for item in advised(said, programme.current(), NOON)}
    item = items.get("What can be done only once counts whenever it was done")
    assert (None if item is None else english(item.note)) == told
    assert item is None or item.state == "advice"
