"""Answering: every try is kept, a lesson is passed once, and what it brings follows the rules and the law."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Row, text

from app.gamification import catalogue, pipeline
from app.gamification.errors.lessons import (
    LessonChanged,
    LessonNotFound,
    LessonRetired,
    NotAnswered,
    TooManyTries,
)
from app.gamification.errors.members import MemberNotFound
from app.gamification.lessons import passing
from app.gamification.lessons.starting import starting_lessons
from app.gamification.members import erasure
from app.models.base import read_all, read_one, transaction
from tests.support.cast import Person
from tests.support.play import NOON, batches, trader, wallet
from tests.support.programmes import end_all_rules, publish
from tests.support.together import no_errors, together

RISK = starting_lessons()["risk"]
RIGHT = [question["right"] for question in RISK["questions"]]
WRONG = [RIGHT[0], (RIGHT[1] + 1) % 3, RIGHT[2]]
NICOSIA = ZoneInfo("Asia/Nicosia")


@pytest.fixture
def risk(app: Flask) -> int:
    """The lesson about risk; its newest revision."""
    return offer()


def offer(key: str = "risk", **changes: Any) -> int:
    with transaction():
        catalogue.publish(catalogue.LESSONS, key, {**RISK, **changes}, now=NOON)
    row = read_one(text("SELECT max(id) AS id FROM lesson_revision"))
    return int(row.id)


def answer(
    member_id: int,
    revision: int,
    answers: list[Any] | None = None,
    number: int = 0,
    now: datetime = NOON,
    key: str = "risk",
) -> passing.Made:
    with transaction():
        said = RIGHT if answers is None else answers
        return passing.answer(member_id, NICOSIA, key, revision, number, said, now=now)


def tries(member_id: int) -> list[Row[Any]]:
    return list(read_all(text("SELECT * FROM lesson_attempt WHERE member_id = :m ORDER BY id"), {"m": member_id}))


def passes(member_id: int) -> list[Row[Any]]:
    return list(read_all(text("SELECT * FROM activity WHERE member_id = :m AND kind = 5"), {"m": member_id}))


def earned(member_id: int) -> int:
    """The points that lessons have brought."""
    pipeline.drain()
    row = read_one(
        text(
            "SELECT coalesce(sum(d.earned), 0) AS points FROM decision d JOIN activity a ON a.id = d.activity_id"
            " WHERE d.member_id = :m AND a.kind = 5"
        ),
        {"m": member_id},
    )
    return int(row.points)


def test_all_answers_right_pass_and_earn(risk: int):
    member = trader()
    made = answer(member, risk)
    assert (made.right, made.passed, made.is_first) == (3, True, True)
    assert earned(member) == 50
    assert [row.data for row in passes(member)] == ['["risk",100]']


def test_a_wrong_answer_is_kept_and_earns_nothing(risk: int):
    member = trader()
    made = answer(member, risk, WRONG)
    assert (made.right, made.passed) == (2, False)
    assert earned(member) == 0
    assert passes(member) == []
    assert answer(member, risk, number=1).is_first


def test_passing_twice_earns_once(risk: int):
    member = trader()
    answer(member, risk)
    again = answer(member, risk, number=1, now=NOON + timedelta(days=3))
    assert (again.passed, again.is_first) == (True, False)
    assert earned(member) == 50
    assert len(tries(member)) == 2
    assert len(passes(member)) == 1


def test_the_same_form_sent_twice_is_one_try(risk: int):
    member = trader()
    assert answer(member, risk, WRONG).id == answer(member, risk, WRONG).id
    assert len(tries(member)) == 1


def test_an_older_form_with_other_answers_is_a_try_of_its_own(risk: int):
    member = trader()
    answer(member, risk, WRONG)
    assert answer(member, risk, RIGHT, number=0).passed
    assert len(tries(member)) == 2


def test_at_the_same_moment_it_is_passed_once(app: Flask, risk: int):
    member = trader()
    made = no_errors(together(app, [lambda number=n: answer(member, risk, number=number) for n in (0, 0, 7, 7)]))
    assert sum(one.is_first for one in made) == 1
    assert earned(member) == 50
    assert len(passes(member)) == 1


def test_ten_tries_a_day_in_the_members_own_zone(risk: int):
    member = trader()
    for number in range(passing.MOST_TRIES):
        answer(member, risk, WRONG, number=number)
    with pytest.raises(TooManyTries):
        answer(member, risk, number=10)
    midnight = NOON.replace(hour=21, minute=59)  # a minute before midnight in Nicosia
    with pytest.raises(TooManyTries):
        answer(member, risk, number=10, now=midnight)
    assert answer(member, risk, number=10, now=midnight + timedelta(minutes=1)).is_first


def test_tries_at_other_lessons_are_counted_apart(risk: int):
    member, other = trader(), offer("other")
    for number in range(passing.MOST_TRIES):
        answer(member, risk, WRONG, number=number)
    assert answer(member, other, key="other").passed


@pytest.mark.parametrize("answers", [[], [0, None, 0], [0, 9, 0], [0, -1, 0], [None] * 10])
def test_a_question_left_out_counts_as_no_try(risk: int, answers: list[Any]):
    member = trader()
    with pytest.raises(NotAnswered):
        answer(member, risk, answers)
    assert tries(member) == []


def test_fewer_right_answers_may_be_enough(app: Flask):
    revision, member = offer(needed=2), trader()
    assert answer(member, revision, WRONG).is_first
    assert [row.data for row in passes(member)] == ['["risk",66]']


def test_what_was_changed_meanwhile_is_asked_anew(risk: int):
    newer, member = offer(minutes=9), trader()
    with pytest.raises(LessonChanged):
        answer(member, risk)
    assert answer(member, newer).is_first


def test_a_new_revision_does_not_pay_again(risk: int):
    member = trader()
    answer(member, risk)
    assert not answer(member, offer(minutes=9), number=1).is_first


def test_what_is_retired_or_unknown_cannot_be_answered(risk: int):
    member = trader()
    with transaction():
        catalogue.retire(catalogue.LESSONS, 1, now=NOON)
    with pytest.raises(LessonRetired):
        answer(member, risk)
    with pytest.raises(LessonNotFound):
        answer(member, risk, key="nothing")


def test_who_was_erased_answers_nothing(risk: int, bob: Person, dana: Person):
    with transaction():
        erasure.erase(dana.id, bob.id, now=NOON)
    with pytest.raises(MemberNotFound):
        answer(bob.id, risk)


def test_a_retail_client_in_cyprus_earns_points_for_services_alone(risk: int, bob: Person):
    pipeline.drain()
    before = wallet(bob.id).available
    answer(bob.id, risk)
    pipeline.drain()
    assert wallet(bob.id).available == before + 50
    assert batches(bob.id)[-1].service_only
    assert wallet(bob.id).qualifying == 50


def test_a_rule_looks_at_the_score(app: Flask):
    end_all_rules()
    publish(
        "distinction",
        {
            "kind": "lesson.passed",
            "conditions": [[{"field": "score", "op": ">=", "value": "90"}]],
            "base": {"kind": "fixed", "rate": "100"},
        },
    )
    revision = offer(needed=2)
    careless, careful = trader(), trader()
    answer(careless, revision, WRONG)
    answer(careful, revision)
    assert (earned(careless), earned(careful)) == (0, 100)


def test_the_order_of_answers_lasts_for_a_try_and_changes_with_the_next():
    orders = [tuple(passing.order(7, 1, number, 0, 4)) for number in range(30)]
    assert orders == [tuple(passing.order(7, 1, number, 0, 4)) for number in range(30)]
    assert all(sorted(one) == [0, 1, 2, 3] for one in orders)
    assert len(set(orders)) > 8
    assert {one.index(0) for one in orders} == {0, 1, 2, 3}, "the first stands at every place"
