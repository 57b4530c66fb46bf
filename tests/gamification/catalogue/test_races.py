"""Two of the staff at the same moment: nothing is asked for twice, and nobody's act is lost."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import catalogue
from app.gamification.catalogue import CHALLENGES, LESSONS, writing
from app.gamification.errors.desk import ProposedAlready
from app.gamification.lessons import publishing
from app.gamification.lessons.starting import starting_lessons
from app.lib import clock
from app.models.base import read_all, transaction
from tests.support.cast import Person
from tests.support.play import NOON
from tests.support.playing import challenge
from tests.support.proposals import approve, state_of
from tests.support.together import no_errors, together

NAME = {"en": "Lots", "ar": "عقود", "zh": "手数"}


def turning(by: Person, challenge_id: int, to: str) -> Callable[[], int]:
    def turn() -> int:
        with transaction():
            return writing.propose_turn(CHALLENGES, by.id, challenge_id, to, "", now=clock.now())

    return turn


def lessons() -> list[int]:
    return [row.id for row in read_all(text("SELECT id FROM lesson ORDER BY place, id"))]


@pytest.mark.parametrize("to", [writing.RETIRED, writing.OFFERED])
def test_two_who_ask_for_the_same_at_once_ask_for_it_once(app: Flask, mia: Person, dana: Person, omar: Person, to: str):
    lots = challenge("lots", name=NAME)
    if to == writing.OFFERED:
        approve(omar, turning(mia, lots, writing.RETIRED)())
    made = together(app, [turning(mia, lots, to), turning(dana, lots, to)] * 3)
    (found,) = [one for one in made if isinstance(one, int)]
    assert {type(one) for one in made if one != found} == {ProposedAlready}
    assert state_of(found) == "open"


def test_of_two_who_move_lessons_at_once_neither_is_lost(app: Flask, mia: Person, dana: Person):
    for _ in range(4):
        with transaction() as conn:
            conn.execute(text("UPDATE lesson SET retired_at = 1"))
            for key in "abcde":
                catalogue.publish(LESSONS, key, starting_lessons()["risk"], now=NOON)
        a, b, c, d, e = (one for one in lessons() if one in offered())

        def move(by: Person, lesson_id: int, way: str) -> Callable[[], None]:
            def work() -> None:
                with transaction():
                    publishing.move(by.id, lesson_id, way, now=clock.now())  # type: ignore[arg-type]

            return work

        no_errors(together(app, [move(mia, a, "down"), move(dana, e, "up")]))
        assert [one for one in lessons() if one in offered()] == [b, a, c, e, d]


def offered() -> set[int]:
    return {row.id for row in read_all(text("SELECT id FROM lesson WHERE retired_at IS NULL"))}
