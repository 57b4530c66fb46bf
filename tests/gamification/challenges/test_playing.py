"""A challenge from joining to its reward, and back when what completed it is taken back."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.gamification.activities import LessonPassed
from app.gamification.challenges.entry import EntryState
from app.gamification.errors.challenges import ChallengeForbidden, ChallengeFull, JoinedAlready, NothingToClaim
from app.models.people import ClientClass
from tests.support.play import NOON, Said, balances, play, trade, trader, transfers
from tests.support.playing import (
    JOURNAL,
    LESSONS,
    LOTS,
    badge,
    challenge,
    claim,
    entry,
    join,
    levels_held,
    messages,
    progress,
)

LATER = NOON + timedelta(hours=1)
POINTS = {"reward": {"points": 250}}


def lots(lots: str, minutes: int = 5, **more: object) -> Said:
    at = NOON + timedelta(minutes=minutes)
    return Said(trade(lots=lots, at=at), at=at, **more)  # type: ignore[arg-type]


def state(member: int, challenge_id: int, run: int = 0) -> EntryState:
    found = entry(member, challenge_id, run)
    assert found is not None
    return EntryState(found.state)


def test_what_was_done_before_joining_is_the_baseline(app: Flask):
    member, volume = trader(), challenge()
    play(member, lots("2.00", minutes=-5))
    join(member, volume)
    assert progress(member, volume) == [0]
    play(member, lots("2.00"))
    assert progress(member, volume) == [2 * 10**8]


def test_a_reward_is_claimed_once(app: Flask):
    member, volume = trader(), challenge(**POINTS)
    join(member, volume)
    play(member, lots("3.00"))
    assert state(member, volume) == EntryState.COMPLETED
    before = balances(member)[3]
    claim(member, volume, LATER)
    assert balances(member)[3] == before + 250
    with pytest.raises(NothingToClaim):
        claim(member, volume, LATER)
    assert state(member, volume) == EntryState.CLAIMED
    assert "challenge.completed" in messages(member)


def test_an_automatic_reward_is_given_at_once_and_may_count_towards_the_levels(app: Flask):
    member, volume = trader(), challenge(claim=False, reward={"points": 250, "qualifying": True})
    join(member, volume)
    before = balances(member)[3]
    earned = play(member, lots("3.00")).earned
    assert balances(member)[3] == before + earned + 250
    assert sum(row.amount for row in transfers(member) if row.unit_id == 2 and row.cause == 9) == 250


def test_a_bust_withdraws_completion_and_reward(app: Flask):
    member, volume = trader(), challenge(claim=False, **POINTS)
    join(member, volume)
    before, first = balances(member), lots("3.00")
    play(member, first)
    assert state(member, volume) == EntryState.CLAIMED
    play(member, Said(busts=first.id, at=first.at), now=LATER)
    assert state(member, volume) == EntryState.JOINED
    assert progress(member, volume) == [0]
    assert balances(member) == before
    play(member, lots("3.00", minutes=50))
    assert state(member, volume) == EntryState.CLAIMED
    assert sum(row.amount for row in transfers(member) if row.cause == 9) == 500


def test_a_bust_that_leaves_enough_withdraws_nothing(app: Flask):
    member, volume = trader(), challenge(claim=False, **POINTS)
    join(member, volume)
    first = lots("2.00")
    play(member, first)
    for minutes in (10, 15):
        play(member, lots("2.00", minutes=minutes))
    play(member, Said(busts=first.id, at=first.at), now=LATER)
    assert state(member, volume) == EntryState.CLAIMED
    assert progress(member, volume) == [4 * 10**8]


def test_the_law_forbids_joining_what_pays_for_trading(app: Flask):
    member = trader("CY", ClientClass.RETAIL, "eu")
    with pytest.raises(ChallengeForbidden):
        join(member, challenge())
    join(member, challenge("habit", JOURNAL))


def test_the_last_place_goes_once(app: Flask):
    volume = challenge(places=1)
    first, second = trader(), trader()
    join(first, volume)
    with pytest.raises(ChallengeFull):
        join(second, volume)
    with pytest.raises(JoinedAlready):
        join(first, volume)


def test_a_quest_opens_its_steps_one_after_the_other(app: Flask):
    member = trader()
    quest = challenge("quest", LOTS, {**JOURNAL, "after": [0]})
    join(member, quest)
    play(member, Said(kind="journal.written", at=NOON + timedelta(minutes=1)))
    assert progress(member, quest) == [0, 0]
    play(member, lots("3.00"))
    for day in (1, 2):
        play(member, Said(kind="journal.written", at=NOON + timedelta(days=day)))
    assert state(member, quest) == EntryState.COMPLETED


def test_a_challenge_gives_a_badge_and_a_bust_takes_it(app: Flask):
    member = trader()
    medal = badge("medal", {"kind": "given"}, "1")
    volume = challenge(claim=False, reward={"badge": "medal"})
    join(member, volume)
    first = lots("3.00")
    play(member, first)
    assert levels_held(member) == {medal: 1}
    play(member, Said(busts=first.id, at=first.at), now=LATER)
    assert levels_held(member) == {}


def test_who_takes_part_stays_on_the_revision_they_joined(app: Flask):
    member, volume = trader(), challenge()
    join(member, volume)
    assert challenge("lots", {**LOTS, "settings": {"target": "100"}}) == volume
    play(member, lots("3.00"))
    assert state(member, volume) == EntryState.COMPLETED


def test_time_alone_ends_a_window_a_day_after_its_last_moment(app: Flask):
    member, volume = trader(), challenge(window={"kind": "personal", "days": 2})
    join(member, volume)
    play(member, lots("1.00", minutes=60 * 24 * 3))
    assert state(member, volume) == EntryState.EXPIRED


def lesson(key: str, minutes: int) -> Said:
    return Said(LessonPassed(key), kind="lesson.passed", at=NOON + timedelta(minutes=minutes))


def test_lessons_passed_before_joining_are_part_of_the_baseline(app: Flask):
    """They are passed once for good: whoever did it before joining could never do it again."""
    member, course = trader(), challenge("course", {"kind": "lessons_passed", "settings": {"target": 3}})
    first = lesson("risk", -20)
    play(member, first)
    play(member, lesson("costs", -10))
    join(member, course)
    assert progress(member, course) == [2]
    play(member, lesson("risk", 1))
    assert progress(member, course) == [2]
    last = lesson("leverage", 5)
    play(member, last)
    assert state(member, course) == EntryState.COMPLETED
    play(member, Said(busts=last.id, at=last.at), now=LATER)
    assert (state(member, course), progress(member, course)) == (EntryState.JOINED, [2])


def test_who_has_passed_everything_completes_it_by_joining(app: Flask):
    member = trader()
    quest = challenge(
        "quest",
        {"kind": "lessons_passed", "settings": {"target": 1, "only": ["risk"]}},
        {"kind": "lessons_passed", "settings": {"target": 1, "only": ["costs"]}, "after": [0]},
    )
    for key in ("costs", "risk"):
        play(member, lesson(key, -5))
    join(member, quest)
    assert state(member, quest) == EntryState.COMPLETED


@pytest.mark.parametrize(
    "more", [{"recurrence": "completion"}, {"recurrence": "end", "window": {"kind": "personal", "days": 14}}]
)
def test_lessons_that_brought_a_reward_bring_it_only_once(app: Flask, more: dict[str, Any]):
    member, course = trader(), challenge("course", LESSONS, claim=False, reward={"points": 100}, **more)
    for key in ("risk", "costs"):
        play(member, lesson(key, -5))
    join(member, course)
    assert state(member, course) == EntryState.CLAIMED
    join(member, course, NOON + timedelta(days=20))
    assert (state(member, course, 1), progress(member, course, 1)) == (EntryState.JOINED, [0])


def test_a_lesson_counts_for_a_step_that_waits_for_another(app: Flask):
    member = trader()
    quest = challenge("quest", JOURNAL, {"kind": "lessons_passed", "settings": {"target": 1}, "after": [0]})
    join(member, quest)
    play(member, lesson("risk", 1))
    assert progress(member, quest) == [0, 1]
    for day in (1, 2):
        play(member, Said(kind="journal.written", at=NOON + timedelta(days=day)))
    assert state(member, quest) == EntryState.COMPLETED
