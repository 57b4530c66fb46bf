"""Badges count what members do, give their levels, and take them back with what they brought."""

from datetime import timedelta

from flask import Flask

from app.gamification.activities import LessonPassed
from app.models.people import ClientClass
from tests.support.play import NOON, Said, balances, play, trade, trader, wallet
from tests.support.playing import LESSONS, badge, levels_held, messages

LATER = NOON + timedelta(hours=1)


def lots(lots: str, minutes: int = 5) -> Said:
    at = NOON + timedelta(minutes=minutes)
    return Said(trade(lots=lots, at=at), at=at)


def test_every_level_on_the_way_is_given(app: Flask):
    member, volume = trader(), badge(points=[10, 20, 30])
    before = balances(member)[3]
    earned = play(member, lots("4.00")).earned
    assert levels_held(member) == {volume: 2}
    assert balances(member)[3] == before + earned + 30
    assert messages(member).count("badge.awarded") == 1  # one message, of the highest


def test_points_of_badges_move_no_level(app: Flask):
    member = trader()
    badge(points=[100_000, 0, 0])
    play(member, Said(kind="journal.written"))
    before = wallet(member)
    play(member, lots("1.00"))
    assert wallet(member).available == before.available + 100_000
    assert wallet(member).qualifying == before.qualifying  # what the trade itself brought is held
    assert wallet(member).level_id == before.level_id


def test_a_bust_takes_the_level_and_its_points_and_both_can_be_had_again(app: Flask):
    member, volume = trader(), badge(points=[10, 20, 30])
    before, first = balances(member), lots("4.00")
    play(member, first)
    play(member, Said(busts=first.id, at=first.at), now=LATER)
    assert levels_held(member) == {}
    assert balances(member) == before
    again = play(member, lots("4.00", minutes=90))
    assert levels_held(member) == {volume: 2}
    assert balances(member)[3] == before[3] + again.earned + 30


def test_of_different_things_each_counts_once(app: Flask):
    member, scholar = trader("CY", ClientClass.RETAIL, "eu"), badge("scholar", LESSONS, "1", "2", "3")
    first = Said(LessonPassed("risk"), kind="lesson.passed")
    play(member, first)
    play(member, Said(LessonPassed("risk"), kind="lesson.passed"))
    assert levels_held(member) == {scholar: 1}
    play(member, Said(busts=first.id), now=LATER)
    assert levels_held(member) == {scholar: 1}
    play(member, Said(LessonPassed("costs"), kind="lesson.passed"))
    assert levels_held(member) == {scholar: 2}


def test_the_law_forbids_a_badge_for_trading_where_it_forbids_trading(app: Flask):
    member = trader("CY", ClientClass.RETAIL, "eu")
    badge()
    play(member, lots("4.00"))
    assert levels_held(member) == {}
