"""The demo season by command: into an empty house only, once, and again from nothing when it was interrupted."""

from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import programme
from app.models.base import db, read_one
from app.seeds import demo
from tests.cli.conftest import Told
from tests.cli.test_prepare import fresh, run

__all__ = ["fresh"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A season of the cast and very few others."""
    monkeypatch.setattr(demo, "seed_demo", partial(demo.seed_demo, crowd=2))


@pytest.mark.sqlite
def test_prepare_plays_the_season_and_names_who_may_sign_in(fresh: Flask):
    prepared = run(fresh, "--demo")
    assert prepared["seeded"] is True
    assert {"email", "password", "about"} <= set(prepared["sign_ins"][0])
    assert len(prepared["sign_ins"]) >= 6
    assert run(fresh, "--demo") == prepared | {"seeded": False}
    assert run(fresh)["sign_ins"] == []
    with fresh.app_context():
        assert programme.current().demo
    listed = fresh.test_cli_runner().invoke(args=["demo", "sign-ins"]).output
    assert all(one["password"] in listed for one in prepared["sign_ins"])


@pytest.mark.sqlite
def test_the_season_is_played_into_a_prepared_house_once(fresh: Flask):
    run(fresh, "--base")
    runner = fresh.test_cli_runner()
    first = runner.invoke(args=["demo", "seed", "--json"])
    assert first.exit_code == 0, first.output
    with fresh.app_context():
        before = read_one(text("SELECT count(*) FROM activity"))[0]
    assert runner.invoke(args=["demo", "seed", "--json"]).stdout == first.stdout
    with fresh.app_context():
        assert before == read_one(text("SELECT count(*) FROM activity"))[0] > 0


def test_real_members_are_left_alone(told: Told):
    told("members", "create", "ann@example.com")
    assert "LAUREL_DATA" in told("demo", "seed", code=1)["message"]
    assert not programme.current().demo


def test_without_a_season_nobody_signs_in_to_it(told: Told):
    assert told("demo", "sign-ins", code=1)["error"] == "problem"


@pytest.mark.sqlite
def test_an_interrupted_season_is_played_again_from_nothing(fresh: Flask, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_arguments: Any) -> None:
        with db.engine.connect() as connection:
            connection.execute(text("UPDATE programme SET brand_name = 'Half'"))
            connection.commit()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(demo, "seed_demo", interrupted)
        assert fresh.test_cli_runner().invoke(args=["prepare", "--demo"]).exit_code != 0
    assert run(fresh, "--demo")["seeded"] is True
    with fresh.app_context():
        assert read_one(text("SELECT brand_name FROM programme"))[0] != "Half"
