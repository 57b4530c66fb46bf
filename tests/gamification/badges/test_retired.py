"""A badge that was retired gives nothing more; what it was given for still decides whether it stays."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.gamification import catalogue
from app.gamification.activities import Data, LessonPassed
from app.gamification.badges import recounting
from app.gamification.ledger import wallets
from app.gamification.ledger.verify import verify
from app.models.base import transaction
from tests.support.play import NOON, Said, balances, play, trade, trader
from tests.support.playing import JOURNAL, LESSONS, badge, challenge, join, levels_held, messages

RETIRED, LATER, LAST = (NOON + timedelta(hours=hours) for hours in (1, 2, 3))


def lots(lots: str, **more: object) -> Said:
    return Said(trade(lots=lots, at=NOON), at=NOON, **more)  # type: ignore[arg-type]


def retire(badge_id: int, now: datetime = RETIRED) -> None:
    with transaction():
        catalogue.retire(catalogue.BADGES, badge_id, now=now)


def test_a_bust_takes_the_level_and_its_points(app: Flask):
    member, volume = trader(), badge(points=[10, 20, 30])
    before, first = balances(member), lots("4.00")
    play(member, first, now=NOON)
    retire(volume)
    assert levels_held(member) == {volume: 2}
    play(member, Said(busts=first.id, at=first.at), now=LATER)
    assert levels_held(member) == {}
    assert balances(member) == before
    assert messages(member).count("badge.taken") == 1


def test_a_level_that_the_rest_still_reaches_stays(app: Flask):
    member, volume = trader(), badge(points=[10, 20, 30])
    first = lots("3.00")
    play(member, lots("1.50"), now=NOON)
    play(member, first, now=NOON)
    retire(volume)
    play(member, Said(busts=first.id, at=first.at), now=LATER)
    assert levels_held(member) == {volume: 1}


def test_what_is_corrected_goes_on_counting_where_it_stood(app: Flask):
    member, volume = trader(), badge(points=[10, 20, 30])
    first = lots("4.00")
    play(member, first, now=NOON)
    retire(volume)
    play(member, lots("3.50", corrects=first.id), now=LATER)
    assert levels_held(member) == {volume: 2}
    play(member, lots("0.50", corrects=first.id), now=LAST)
    assert levels_held(member) == {}


def test_what_came_after_it_counts_for_nothing_and_takes_nothing(app: Flask):
    member, volume = trader(), badge(points=[10, 20, 30])
    play(member, lots("1.00"), now=NOON)
    retire(volume)
    second = lots("9.00")
    play(member, second, now=LATER)
    assert levels_held(member) == {volume: 1}
    play(member, Said(busts=second.id, at=second.at), now=LAST)
    assert levels_held(member) == {volume: 1}


def test_of_different_things_the_one_that_is_taken_back_is_missed(app: Flask):
    member, scholar = trader(), badge("scholar", LESSONS, "1", "2")
    for lesson in ("risk", "costs"):
        last = Said(LessonPassed(lesson), kind="lesson.passed")
        play(member, last, now=NOON)
    retire(scholar)
    play(member, Said(busts=last.id), now=LATER)
    assert levels_held(member) == {scholar: 1}


def test_one_for_completed_challenges_goes_with_them_and_grows_no_more(app: Flask):
    member, volume, first = trader(), challenge(), lots("3.00")
    join(member, volume)
    play(member, first, now=NOON)
    finisher = badge("finisher", {"kind": "challenges_completed"}, "1", "2", points=[5, 5])
    retire(finisher)
    journal = challenge("journal", JOURNAL)
    join(member, journal)
    for day in range(2):
        at = NOON + timedelta(days=day)
        play(member, Said(Data(), kind="journal.written", at=at), now=NOON + timedelta(days=3))
    assert levels_held(member) == {finisher: 1}
    play(member, Said(busts=first.id, at=first.at), now=NOON + timedelta(days=4))
    assert levels_held(member) == {finisher: 1}, "another one is completed"


def test_the_last_completed_challenge_takes_it_along(app: Flask):
    member, volume, first = trader(), challenge(), lots("3.00")
    join(member, volume)
    play(member, first, now=NOON)
    finisher = badge("finisher", {"kind": "challenges_completed"}, "1", points=[5])
    before = balances(member)[3]
    retire(finisher)
    play(member, Said(busts=first.id, at=first.at), now=LATER)
    assert levels_held(member) == {}
    assert balances(member)[3] < before


@pytest.mark.parametrize("spent", [False, True])
def test_who_is_counted_only_after_it_was_retired_loses_what_was_taken_back_meanwhile(app: Flask, spent: bool):
    """It had come back a moment ago, and nobody was counted for that yet."""
    members = trader(), trader()
    volume = badge(points=[10, 20, 30])
    said = [lots("4.00"), lots("4.00")]
    before = [balances(member) for member in members]
    for member, one in zip(members, said, strict=True):
        play(member, one, now=NOON)
        if spent:
            with transaction():
                wallets.redeem(member, balances(member)[0], member, NOON)
            assert balances(member)[0] == 0
    retire(volume)
    with transaction():
        catalogue.retire(catalogue.BADGES, volume, now=None)
    play(members[0], Said(busts=said[0].id, at=NOON), now=LATER)
    retire(volume, LATER)
    play(members[1], Said(busts=said[1].id, at=NOON), now=LAST)
    recounting.run()
    for member, was in zip(members, before, strict=True):
        assert levels_held(member) == {}
        assert messages(member).count("badge.taken") == 1
        available, pending, debt, lifetime = balances(member)
        # All there was is spent, with the points of the badge.
        assert (available + pending - debt, lifetime) == (-30 if spent else was[0], was[3])
    assert verify().bad is None
    recounting.run()
    assert messages(members[0]).count("badge.taken") == 1


def test_who_is_counted_after_it_was_retired_is_given_nothing_and_keeps_what_holds(app: Flask):
    member, held = trader(), trader()
    volume = badge(points=[10, 20, 30])
    play(held, lots("1.00"), now=NOON)
    retire(volume)
    with transaction():
        catalogue.retire(catalogue.BADGES, volume, now=None)
    play(member, lots("4.00"), now=LATER)
    play(held, lots("4.00", id="more"), now=LATER)
    retire(volume, LATER)
    play(held, lots("40.00"), now=LAST)  # reported behind it: counts for nothing
    recounting.run()
    assert (levels_held(member), levels_held(held)) == ({}, {volume: 1})
    play(held, Said(busts="more", at=NOON), now=LAST)
    assert levels_held(held) == {volume: 1}


def test_a_badge_for_completing_is_taken_back_from_who_was_not_counted_yet(app: Flask):
    member, finisher = trader(), badge("finisher", {"kind": "challenges_completed"}, "1", points=[5])
    one = challenge()
    join(member, one)
    first = lots("3.00")
    play(member, first, now=NOON)
    assert levels_held(member) == {finisher: 1}
    retire(finisher)
    with transaction():
        catalogue.retire(catalogue.BADGES, finisher, now=None)
    play(member, Said(busts=first.id, at=NOON), now=LATER)
    retire(finisher, LATER)
    recounting.run()
    assert levels_held(member) == {}
    assert verify().bad is None


def test_what_another_badge_pays_in_the_same_pass_goes_into_what_is_taken_back(app: Flask):
    """Points that were just given stand free: they are taken before anything becomes a debt."""
    member, held = trader(), badge(points=[50, 50, 50])
    first = lots("4.00")
    play(member, first, now=NOON)
    with transaction():
        wallets.redeem(member, balances(member)[0], member, NOON)
    play(member, lots("2.00"), now=NOON)
    retire(held)
    with transaction():
        catalogue.retire(catalogue.BADGES, held, now=None)
    fresh = badge("fresh", None, "1.5", points=[30], counted=False)
    play(member, Said(busts=first.id, at=NOON), now=LATER)
    owed = balances(member)
    recounting.run()
    assert levels_held(member) == {held: 1, fresh: 1}
    available, _, debt, _ = balances(member)
    assert available - debt == owed[0] - owed[2] - 50 + 30
    assert min(available, debt) == 0
    assert verify().bad is None
