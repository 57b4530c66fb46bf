"""A lesson is passed once: reported by the broker and passed here, or reported twice, it pays once and counts once."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.gamification import pipeline
from app.gamification.accrual.rule import REFUSED
from app.gamification.activities import LessonPassed
from app.gamification.challenges.entry import EntryState
from app.gamification.ledger.missed import missed
from app.gamification.ledger.verify import verify
from app.gamification.lessons import reads
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import to_micros
from app.models.activity import Reason
from tests.gamification.ledger.reading import english, owner
from tests.gamification.lessons.test_passing import answer, offer
from tests.support.play import NOON, Said, balances, decided, play, report, trader
from tests.support.playing import badge, challenge, join, levels_held, progress, state
from tests.support.programmes import end_all_rules, publish

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ONE = {"kind": "lessons_passed", "settings": {"target": 1}}


@pytest.fixture
def tara(app: Flask) -> int:
    return trader()


def lesson(key: str = "risk", score: int = 90, hours: int = 0, **more: Any) -> Said:
    return Said(LessonPassed(key, score), "lesson.passed", NOON + hours * HOUR, **more)


def bust(said: Said, hours: int) -> Said:
    return Said(kind="lesson.passed", at=NOON + hours * HOUR, busts=said.id)


def shown(member_id: int, key: str = "risk") -> reads.Card:
    me: SignedIn = owner(member_id)
    return next(card for card in reads.shelf(me, NOON + 9 * HOUR).cards if card.key == key)


def test_what_the_broker_reported_pays_no_more_when_it_is_passed_here(tara: int):
    revision = offer()
    play(tara, lesson())
    before = balances(tara)
    answer(tara, revision, now=NOON + HOUR)
    pipeline.drain()
    assert balances(tara) == before
    assert (shown(tara).earned, shown(tara).passed_at) == (0, NOON + HOUR)
    (why,) = missed(owner(tara), "REPEATED").rows
    assert english(why.reason.headline) == "This lesson counted on 4 Mar already: it counts once"
    assert english(why.reason.note) == "Lessons passed, revision 1"


def test_what_was_passed_here_pays_no_more_when_the_broker_reports_it(tara: int):
    answer(tara, offer())
    pipeline.drain()
    before = balances(tara)
    found = play(tara, lesson(hours=30))
    assert (found.earned, found.reason) == (0, Reason.REPEATED)
    assert found.entry[1:] == [REFUSED, int(Reason.REPEATED), to_micros(NOON)]
    assert balances(tara) == before


def test_a_lesson_that_was_paid_for_promises_no_points(tara: int):
    offer()
    assert shown(tara).worth.points == 50
    first = lesson()
    play(tara, first)
    assert (shown(tara).worth.later, shown(tara).passed_at) == (0, None)
    play(tara, bust(first, 1))
    assert shown(tara).worth.points == 50


def test_in_one_round_it_pays_once_as_well(tara: int):
    first, second = lesson(id="r1"), lesson(id="r2", hours=1)
    report(tara, first, second, now=NOON + 2 * HOUR)
    pipeline.drain()
    assert [(found.earned, found.reason) for id in ("r1", "r2") if (found := decided(id))] == [
        (50, Reason.EARNED),
        (0, Reason.REPEATED),
    ]


def test_other_lessons_and_other_members_are_nothing_to_it(tara: int):
    play(tara, lesson())
    assert play(tara, lesson("risk-2", hours=1)).earned == 50
    assert play(trader(), lesson(hours=2)).earned == 50


def test_too_few_right_answers_are_no_lesson_passed(tara: int):
    assert play(tara, lesson(score=48)).reason == Reason.CONDITION
    assert play(tara, lesson(score=78, hours=1)).earned == 50
    assert play(tara, lesson(score=48, hours=2)).reason == Reason.CONDITION


def test_what_a_cap_has_cut_is_not_paid_on_another_day(tara: int):
    end_all_rules()
    definition: dict[str, Any] = {"kind": "lesson.passed", "base": {"kind": "fixed", "rate": "50"}}
    publish("few", definition | {"caps": [{"per": "day", "points": 50}]})
    play(tara, lesson("costs"))
    assert play(tara, lesson(hours=1)).reason == Reason.CAP
    assert play(tara, lesson(hours=40)).reason == Reason.REPEATED


def test_a_correction_is_paid_in_the_place_of_what_it_corrects(tara: int):
    first, second = lesson(), lesson(hours=1)
    before = balances(tara)[3]
    play(tara, first)
    play(tara, second)
    assert play(tara, lesson(score=95, hours=2, corrects=first.id)).earned == 50
    assert play(tara, lesson(score=95, hours=3, corrects=second.id)).reason == Reason.REPEATED
    assert play(tara, lesson("costs", hours=4, corrects=second.id)).earned == 50
    assert balances(tara)[3] == before + 100
    assert verify().bad is None


def test_a_bust_of_what_was_paid_pays_nothing_else_and_the_next_report_is_paid(tara: int):
    first, second = lesson(), lesson(hours=1)
    before = balances(tara)
    play(tara, first)
    play(tara, second)
    play(tara, bust(first, 2))
    assert balances(tara) == before
    assert play(tara, lesson(hours=3)).earned == 50


def test_a_bust_of_what_was_not_paid_takes_nothing(tara: int):
    first, second = lesson(), lesson(hours=1)
    play(tara, first)
    before = balances(tara)
    play(tara, second)
    play(tara, bust(second, 2))
    assert balances(tara) == before
    assert play(tara, lesson(hours=3)).reason == Reason.REPEATED


def test_a_bust_and_a_new_report_in_one_delivery(tara: int):
    first = lesson()
    play(tara, first)
    before = balances(tara)
    report(tara, bust(first, 1), lesson(id="anew", hours=2), lesson(id="again", hours=3), now=NOON + 4 * HOUR)
    pipeline.drain()
    assert balances(tara) == before
    anew, again = decided("anew"), decided("again")
    assert anew is not None and again is not None
    assert (anew.earned, again.reason) == (50, Reason.REPEATED)


def test_challenges_and_badges_go_on_counting_what_is_left_of_two_reports(tara: int):
    scholar, learned = badge("scholar", ONE, "1"), challenge("learned", ONE, claim=False)
    join(tara, learned)
    first, second = lesson(), lesson(hours=1)
    play(tara, first)
    play(tara, second)
    play(tara, bust(first, 2))
    assert (state(tara, learned), progress(tara, learned)) == (EntryState.CLAIMED, [1])
    assert levels_held(tara) == {scholar: 1}
    play(tara, bust(second, 3))
    assert (state(tara, learned), progress(tara, learned)) == (EntryState.JOINED, [0])
    assert levels_held(tara) == {}
