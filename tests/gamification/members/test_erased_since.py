"""What happens after somebody was erased leaves nothing behind but what the ledger proves."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import catalogue, pipeline
from app.gamification.activities import Custom, LessonPassed
from app.gamification.badges import recounting, review
from app.gamification.ledger import lapsing
from app.gamification.ledger.verify import verify
from app.gamification.lessons.starting import starting_lessons
from app.gamification.members import erasure
from app.models.base import read_all, transaction
from tests.gamification.members.test_erasure import REACHED
from tests.gamification.tiers.climbing import earn, night, programme_with, told
from tests.support.play import NOON, Said, balances, play, report, trade, trader
from tests.support.playing import badge, challenge
from tests.support.programmes import end_all_rules, publish


def erase(member: int) -> None:
    with transaction():
        erasure.erase(None, member, now=NOON)


def left(member: int) -> set[str]:
    """The tables in which erasing drops rows, and that have one of the member's."""
    return {
        table
        for table in REACHED["dropped"]
        if read_all(text(f"SELECT 1 FROM {table} WHERE member_id = :m LIMIT 1"), {"m": member})
    }


@pytest.fixture
def member(app: Flask) -> int:
    end_all_rules()
    base = {"base": {"kind": "count", "rate": "1"}}
    publish("gain", {"kind": "custom.gain", **base})
    publish("held", {"kind": "custom.held", **base, "hold_days": 3})
    return trader()


def test_what_waits_to_be_folded_is_no_practice_and_counts_for_nothing(member: int):
    challenge("auto", {"kind": "visits", "settings": {"target": 5}}, automatic=True)
    badge("symbols", {"kind": "instruments"}, "1", "2", points=[5, 5])
    badge("weeks", {"kind": "streak_weeks"}, "1", "2")
    with transaction():
        catalogue.publish(catalogue.LESSONS, "risk", starting_lessons()["risk"], now=NOON)
    play(member, Said(trade()))
    for said in (
        Said(kind="visit"),
        Said(kind="journal.written"),
        Said(LessonPassed("risk"), "lesson.passed"),
        Said(trade("GBPUSD")),
    ):
        report(member, said)
    erase(member)
    assert pipeline.drain() == 4
    badge("late", {"kind": "visits"}, "1", points=[10])
    recounting.run()
    review.review()
    assert left(member) == set()
    assert verify().bad is None


def test_what_is_released_later_is_told_to_nobody(member: int):
    other = trader()
    for one in (member, other):
        play(one, Said(Custom(count=60), "custom.held"))
    erase(member)
    lapsing.release_due(NOON + timedelta(days=5))
    assert (balances(member)[0] >= 60, left(member)) == (True, set())
    assert "message" in left(other)


def test_a_level_that_is_lost_later_is_told_to_nobody(app: Flask):
    programme_with()
    members = trader(), trader()
    for one in members:
        earn(one, 160, NOON)
    erase(members[0])
    assert night(NOON + timedelta(days=180)).fallen == 2
    assert left(members[0]) == set()
    assert told(members[1]) == ["tier.reached", "tier.lost"]
