"""Badges that say where a member stands follow the level, by day and by night, and pay once."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import text

from app.gamification import programme
from app.gamification.badges.review import review
from app.models.base import transaction
from tests.support.play import NOON, Said, play, trade, trader, wallet
from tests.support.playing import LOTS, badge, levels_held, messages

CLIMBER = {"kind": "level_reached"}


def stand_on(member: int, position: int) -> None:
    """Put a member on a level, as a review of the ladder would."""
    with transaction() as conn:
        values: dict[str, Any] = {"level": programme.current().ladder.levels[position].id, "m": member}
        conn.execute(text("UPDATE wallet SET level_id = :level WHERE id = :m"), values)


def test_who_rose_by_night_is_given_the_badge(app: Flask):
    member, climber = trader(), badge("climber", CLIMBER, "1", "2")
    stand_on(member, 1)
    assert review() == 1
    assert levels_held(member) == {climber: 1}
    assert review() == 0


def test_one_that_is_not_temporary_stays_when_the_level_goes(app: Flask):
    member, climber = trader(), badge("climber", CLIMBER, "1", "2")
    stand_on(member, 2)
    review()
    stand_on(member, 0)
    assert review() == 0
    assert levels_held(member) == {climber: 2}


def test_a_temporary_one_comes_and_goes_and_pays_each_level_once(app: Flask):
    member, climber = trader(), badge("climber", CLIMBER, "1", "2", temporary=True, points=[10, 20])
    before = wallet(member).available
    stand_on(member, 2)
    review()
    stand_on(member, 0)
    assert review() == 1
    assert levels_held(member) == {}
    assert wallet(member).available == before + 30
    stand_on(member, 1)
    earned = play(member, Said(kind="visit")).earned  # at once, where something comes in
    assert levels_held(member) == {climber: 1}
    assert wallet(member).available == before + 30 + earned
    assert messages(member).count("badge.taken") == 1


def test_a_revision_that_asks_for_more_takes_no_temporary_badge(app: Flask):
    member, climber = trader(), badge("climber", CLIMBER, "1", "2", temporary=True)
    stand_on(member, 2)
    review()
    badge("climber", CLIMBER, "3", "4", temporary=True)
    assert review() == 0
    play(member, Said(kind="visit"))
    assert levels_held(member) == {climber: 2}
    stand_on(member, 1)
    assert review() == 1
    assert levels_held(member) == {}


def test_nobody_whom_staff_have_blocked_is_given_a_badge(app: Flask):
    member = trader()
    badge("climber", CLIMBER, "1")
    volume = badge("volume", LOTS, "1")
    with transaction() as conn:
        conn.execute(text("UPDATE member SET earning_blocked = true WHERE id = :m"), {"m": member})
    stand_on(member, 1)
    assert review() == 0
    play(member, Said(trade(lots="2.00")))
    assert levels_held(member) == {}
    with transaction() as conn:
        conn.execute(text("UPDATE member SET earning_blocked = false WHERE id = :m"), {"m": member})
    later = NOON + timedelta(hours=1)
    play(member, Said(trade(lots="0.10", at=later), at=later))
    assert volume in levels_held(member)
