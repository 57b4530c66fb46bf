"""Two people at the same thing in the same moment."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.gamification import keys
from app.gamification.errors.desk import TooManyKeys
from app.lib import clock
from app.lib.sealing import Sealer
from app.models.activity import ApiKey, BrokerTerm
from app.models.base import read_one, transaction
from app.models.people import LegalEntity
from tests.support.cast import Person, post, sign_in_staff
from tests.support.filling import forms
from tests.support.together import together


def statuses(made: list[TestResponse | Exception]) -> list[int]:
    for one in made:
        if isinstance(one, Exception):
            raise one
    return sorted(one.status_code for one in made if not isinstance(one, Exception))


def test_of_two_who_save_at_once_the_second_is_told(app: Flask, browser: Callable[[], FlaskClient], dana: Person):
    desks = [sign_in_staff(browser(), dana) for _ in range(2)]
    filled = [forms(desk.get("/admin/entities/1/edit"))["/admin/entities/1"] for desk in desks]
    made = together(
        app,
        [
            lambda desk=desk, form=form, name=name: post(desk, "/admin/entities/1", form | {"name": name})
            for desk, form, name in zip(desks, filled, ("First Ltd", "Second Ltd"), strict=True)
        ],
    )
    assert statuses(made) == [303, 409]
    winner = "First Ltd" if made[0].status_code == 303 else "Second Ltd"  # type: ignore[union-attr]
    assert read_one(select(LegalEntity.name).where(LegalEntity.id == 1))[0] == winner


def test_of_two_presses_of_one_button_one_makes_something(app: Flask, browser: Callable[[], FlaskClient], mia: Person):
    desk = sign_in_staff(browser(), mia)
    form = forms(desk.get("/admin/terms/new"))["/admin/terms"] | {"kind": "lesson", "key": "x", "name_en": "X"}
    desks = [sign_in_staff(browser(), mia) for _ in range(4)]
    form.pop("csrf_token")
    made = together(app, [lambda one=one: post(one, "/admin/terms", form) for one in desks])
    assert statuses(made) == [303] * 4
    assert len({one.location for one in made}) == 1  # type: ignore[union-attr]
    assert read_one(select(func.count()).select_from(BrokerTerm))[0] == 1


def test_of_two_who_name_one_key_one_is_told_that_it_is_taken(
    app: Flask, browser: Callable[[], FlaskClient], mia: Person, omar: Person
):
    desks = [sign_in_staff(browser(), person) for person in (mia, omar)]
    form = {"kind": "lesson", "key": "x", "name_en": "X"}
    made = together(app, [lambda one=one: post(one, "/admin/terms", form) for one in desks])
    assert statuses(made) == [303, 422]


def test_no_third_key_comes_in_by_being_quick(app: Flask, dana: Person, browser: Callable[[], FlaskClient]):
    sealer = Sealer(app.extensions["laurel_settings"].installation_secret)

    def make() -> str:
        with transaction():
            return keys.create("Bridge", sealer, now=clock.now()).key

    made = together(app, [make for _ in range(5)])
    assert sum(isinstance(one, TooManyKeys) for one in made) == 3
    assert read_one(select(func.count()).select_from(ApiKey))[0] == 2
