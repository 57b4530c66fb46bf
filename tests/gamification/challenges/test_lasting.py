"""What can be done only once and was done before joining: it counts, however late it is reported, while it stands."""

from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import LessonPassed
from app.gamification.challenges.entry import EntryState
from app.gamification.challenges.page import challenge_page
from app.gamification.ledger.verify import verify
from app.models import bulk
from app.models.base import connection, transaction
from app.models.people import ClientClass
from tests.gamification.ledger.reading import english, owner
from tests.support.play import NOON, Said, balances, play, report, trader
from tests.support.playing import badge, challenge, entry, join, levels_held, messages, progress, state

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW: dict[str, Any] = {"claim": False, "reward": {"points": 100, "badge": "medal"}}


def passing(target: int, *only: str, **more: Any) -> dict[str, Any]:
    return {"kind": "lessons_passed", "settings": {"target": target, "only": list(only)}, **more}


def lesson(key: str, hours: int, **more: Any) -> Said:
    return Said(LessonPassed(key), "lesson.passed", NOON + hours * HOUR, **more)


def bust(said: Said, hours: int) -> Said:
    return Said(kind="lesson.passed", at=NOON + hours * HOUR, busts=said.id)


def done(member: int, *keys: str) -> list[Said]:
    """Lessons passed in the hours before noon."""
    found = [lesson(key, place - len(keys)) for place, key in enumerate(keys)]
    for one in found:
        play(member, one)
    return found


def why(member: int, challenge_id: int) -> list[tuple[bool, str]]:
    activities = challenge_page(owner(member), challenge_id, NOON + 9 * HOUR).activities
    assert activities is not None
    return [(row.counted, english(row.why)) for row in activities.rows]


def test_what_is_busted_counts_no_more(app: Flask):
    member, course = trader(), challenge("course", passing(3))
    risk, _ = done(member, "risk", "costs")
    join(member, course)
    play(member, bust(risk, 1))
    assert progress(member, course) == [1]
    play(member, lesson("leverage", 2))
    play(member, lesson("risk", 3))
    assert (state(member, course), progress(member, course)) == (EntryState.COMPLETED, [3])


@pytest.mark.parametrize("at_once", [True, False])
def test_a_completion_that_it_brought_is_withdrawn_with_its_reward(app: Flask, at_once: bool):
    medal = badge("medal", {"kind": "given"}, "1")
    member, course = trader(), challenge("course", passing(2), **NOW)
    before = balances(member)[0]
    risk, _ = done(member, "risk", "costs")
    join(member, course)
    assert (state(member, course), levels_held(member)) == (EntryState.CLAIMED, {medal: 1})
    for one in (bust(risk, 1), lesson("leverage", 2)):
        report(member, one, now=one.at)
        if not at_once:
            pipeline.drain()
    pipeline.drain()
    assert (state(member, course), progress(member, course)) == (EntryState.CLAIMED, [2])
    play(member, bust(lesson("leverage", 2, id="none"), 3))
    assert messages(member).count("challenge.withdrawn") == 1
    assert balances(member)[0] == before + 100
    assert levels_held(member) == {medal: 1}
    assert verify().bad is None


def test_more_than_was_needed_keeps_it_completed(app: Flask):
    member, course = trader(), challenge("course", passing(1), **NOW)
    risk, _ = done(member, "risk", "costs")
    join(member, course)
    play(member, bust(risk, 1))
    assert (state(member, course), progress(member, course)) == (EntryState.CLAIMED, [1])
    assert "challenge.withdrawn" not in messages(member)


def test_what_comes_and_goes_after_it_was_completed_by_joining_is_nothing_to_it(app: Flask):
    member, course = trader(), challenge("course", passing(1), **NOW)
    done(member, "risk")
    join(member, course)
    later = lesson("costs", 1)
    play(member, later)
    play(member, bust(later, 2))
    assert (state(member, course), progress(member, course)) == (EntryState.CLAIMED, [1])
    assert "challenge.withdrawn" not in messages(member)


def test_a_correction_counts_in_the_place_of_what_it_corrects(app: Flask):
    member = trader()
    course, named = challenge("course", passing(3)), challenge("named", passing(2, "risk", "costs"))
    risk, _ = done(member, "risk", "costs")
    for one in (course, named):
        join(member, one)
    play(member, lesson("risk", 1, corrects=risk.id, id="same"))
    assert (progress(member, course), state(member, named)) == ([2], EntryState.COMPLETED)
    play(member, lesson("leverage", 2, corrects="same", id="other"))
    assert (progress(member, course), progress(member, named)) == ([2], [1])
    assert state(member, named) == EntryState.JOINED
    play(member, lesson("costs", 3, corrects="other", id="twice"))
    assert progress(member, course) == [1]
    play(member, lesson("risk", 4, corrects="twice"))
    assert (progress(member, course), state(member, named)) == ([2], EntryState.COMPLETED)


def test_of_two_reports_the_other_one_counts(app: Flask):
    member, course = trader(), challenge("course", passing(3))
    first, second = done(member, "risk", "risk")
    join(member, course)
    third = lesson("risk", 1)
    play(member, third)
    assert progress(member, course) == [1]
    play(member, bust(first, 2))
    assert progress(member, course) == [1]
    play(member, bust(second, 3))
    assert progress(member, course) == [1]
    assert why(member, course) == [(True, "Counted")]
    play(member, bust(third, 4))
    assert progress(member, course) == [0]


@pytest.mark.parametrize(("days", "left"), [(3, 0), (32, 1)])
def test_what_has_ended_is_counted_again_for_a_month(app: Flask, days: int, left: int):
    member, course = trader(), challenge("course", passing(3), window={"kind": "personal", "days": 2})
    (risk,) = done(member, "risk")
    join(member, course)
    play(member, bust(risk, 24 * days))
    assert (state(member, course), progress(member, course)) == (EntryState.EXPIRED, [left])


def test_what_is_reported_after_joining_counts_though_it_was_done_before(app: Flask):
    member, course = trader(), challenge("course", passing(2), {"kind": "points_earned", "settings": {"target": 500}})
    join(member, course)
    late = lesson("risk", -5)
    play(member, late, now=NOON + HOUR)
    assert progress(member, course) == [1, 0]
    assert why(member, course) == [(True, "Counted for step 1")]
    play(member, bust(late, 2))
    assert progress(member, course) == [0, 0]
    play(member, lesson("costs", -4), now=NOON + 3 * HOUR)
    assert progress(member, course) == [1, 0]


def test_what_is_reported_late_completes_and_is_withdrawn_like_anything_else(app: Flask):
    member, course = trader(), challenge("course", passing(1))
    join(member, course)
    late = lesson("risk", -5)
    play(member, late, now=NOON + HOUR)
    assert state(member, course) == EntryState.COMPLETED
    play(member, bust(late, 2))
    assert (state(member, course), progress(member, course)) == (EntryState.JOINED, [0])
    assert (found := entry(member, course)) is not None
    assert found.completed_at is None


def test_of_what_comes_again_each_run_counts_what_was_done_in_it(app: Flask):
    member = trader()
    weekly = challenge("weekly", passing(2), window={"kind": "personal", "days": 7}, recurrence="end")
    join(member, weekly)
    play(member, lesson("risk", -5), now=NOON + HOUR)
    assert progress(member, weekly) == [0]
    assert why(member, weekly) == [(False, "Before you joined")]


AUTOMATIC: dict[str, Any] = {"automatic": True, **NOW}


def test_who_is_taken_in_without_joining_has_passed_what_they_passed_before(app: Flask):
    member = trader()
    done(member, "risk", "costs")
    course = challenge("course", passing(3), **AUTOMATIC)
    assert entry(member, course) is None
    play(member, lesson("risk", 1))  # once more: it counts once
    assert (state(member, course), progress(member, course)) == (EntryState.JOINED, [2])
    play(member, lesson("leverage", 2))
    assert (state(member, course), progress(member, course)) == (EntryState.CLAIMED, [3])


def test_who_had_passed_all_of_it_completes_it_with_the_next_thing_it_looks_at(app: Flask):
    member = trader()
    done(member, "risk", "costs")
    course = challenge("course", passing(2), {"kind": "journal_entries", "settings": {"target": 1}}, **AUTOMATIC)
    play(member, Said(kind="journal.written", at=NOON + HOUR))
    assert (state(member, course), progress(member, course)) == (EntryState.CLAIMED, [2, 1])


def test_one_that_comes_again_begins_anew(app: Flask):
    member = trader()
    done(member, "risk", "costs")
    course = challenge("course", passing(3), recurrence="completion", **AUTOMATIC)
    play(member, lesson("leverage", 1))
    assert progress(member, course) == [1]


@pytest.mark.parametrize("limit", [1, 100])
@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (3, 0, 1, 4, 2), (0, 4, 2, 1, 3)])
def test_what_it_began_with_is_taken_back_in_one_round_as_one_by_one(app: Flask, limit: int, order: tuple[int, ...]):
    member = trader()
    risk, costs = done(member, "risk", "costs")
    course = challenge("course", passing(3), **AUTOMATIC)
    said = [
        lesson("leverage", 1, id="leverage"),
        bust(risk, 1),
        lesson("margin", 1),
        bust(costs, 1),
        lesson("risk", 1, id="again"),
    ]
    report(member, *(said[place] for place in order), now=NOON + HOUR)
    while pipeline.run(limit):
        pass
    assert (state(member, course), progress(member, course)) == (EntryState.CLAIMED, [3])
    assert verify().bad is None


VISITS = {"kind": "visits", "settings": {"target": 9}}
FIXED = {"kind": "fixed", "first": "2026-03-20", "last": "2026-03-25"}


@pytest.mark.parametrize(
    "more",
    [
        {"audience": {"countries": ["JP"]}},
        {"audience": {"classes": [int(ClientClass.RETAIL)]}},
        {"window": FIXED | {"first": "2026-02-01", "last": "2026-03-01"}},
        {"window": FIXED},
    ],
)
def test_nobody_s_history_is_read_for_what_they_cannot_be_taken_into(app: Flask, more: dict[str, Any]):
    member = trader()
    done(member, "risk")
    course = challenge("course", passing(9), VISITS, **AUTOMATIC, **more)
    days = [NOON + hours * HOUR for hours in (1, 30, 60)]
    assert read_while(member, *days) == 0
    assert entry(member, course) is None
    challenge("other", passing(9), VISITS, **AUTOMATIC)
    assert read_while(member, *(day + 4 * HOUR for day in days)) == 1


def test_nobody_s_history_is_read_who_may_not_take_part(app: Flask):
    retail = trader("CY", ClientClass.RETAIL, "eu")
    blocked = trader()
    with transaction():
        connection().execute(text("UPDATE member SET earning_blocked = true WHERE id = :m"), {"m": blocked})
    challenge("trades", passing(9), {"kind": "first_trade"}, VISITS, **AUTOMATIC)
    assert [read_while(member, NOON, NOON + 30 * HOUR) for member in (retail, blocked)] == [0, 0]


def test_who_is_taken_in_while_it_is_on_begins_with_what_they_had_passed_before(app: Flask):
    member = trader()
    done(member, "risk")
    course = challenge("course", passing(9), VISITS, window=FIXED, **AUTOMATIC)
    at = NOON + 16 * DAY
    assert read_while(member, at) == 1
    assert progress(member, course) == [1, 1]
    assert read_while(member, at + DAY) == 0


def read_while(member: int, *visits: datetime) -> int:
    """How often the history is read while somebody visits."""
    with mock.patch.object(bulk, "tuples_by_keys", wraps=bulk.tuples_by_keys) as read:
        for at in visits:
            play(member, Said(kind="visit", at=at), now=at)
    return sum("d.seq > keys.seq" in call.args[1] for call in read.call_args_list)
