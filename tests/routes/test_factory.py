"""The application finds its parts by where they lie."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from pydantic import ValidationError

from app.config import Settings
from app.factory import blueprints, create_app, without_query
from tests.support.cast import Person, sign_in_staff


def test_every_blueprint_is_registered(app: Flask):
    written = {
        module.name
        for module in pkgutil.walk_packages(importlib.import_module("app.routes").__path__, "app.routes.")
        if isinstance(getattr(importlib.import_module(module.name), "bp", None), Blueprint)
    }
    registered = {blueprint.import_name for blueprint in app.blueprints.values()}
    assert written == registered == {module.__name__ for module, _ in blueprints()}


def test_only_machines_post_without_a_token(app: Flask):
    exempt = {blueprint.name for blueprint in app.extensions["csrf"]._exempt_blueprints}
    machines = {name for name, one in app.blueprints.items() if one.import_name.startswith("app.routes.api")}
    # A mailbox that stops mails by one press has no session; the token in the address is its right.
    assert exempt == machines | {"unsubscribing"}


def test_secrets_are_made_once_in_the_data_folder(tmp_path: Path):
    first = create_app(Settings(_env_file=None, env="test", data=tmp_path))  # type: ignore[call-arg]
    second = create_app(Settings(_env_file=None, env="test", data=tmp_path))  # type: ignore[call-arg]
    assert len(first.secret_key or "") >= 48 and first.secret_key == second.secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("weak", ["changeme", "x" * 31, "secret"])
def test_a_weak_secret_does_not_start_in_production(tmp_path: Path, weak: str):
    with pytest.raises(ValidationError, match="too weak"):
        Settings(_env_file=None, env="production", data=tmp_path, secret_key=weak)  # type: ignore[call-arg]


def test_several_processes_need_a_shared_store(tmp_path: Path):
    with pytest.raises(ValidationError, match="LAUREL_REDIS_URL"):
        Settings(_env_file=None, data=tmp_path, web_processes=2)  # type: ignore[call-arg]


@pytest.mark.parametrize("number", ["2147483648", "9" * 19, "9" * 400, "9" * 9000])
def test_a_number_that_no_column_holds_is_no_address(client: FlaskClient, dana: Person, number: str):
    sign_in_staff(client, dana)
    assert client.get(f"/admin/entities/{number}").status_code == 404
    assert client.get(f"/admin/members/{number}").status_code == 404


def test_a_report_of_a_failure_leaves_out_what_stood_behind_the_address():
    told = {"request": {"url": "https://rewards.example/auth/handoff", "query_string": "token=secret"}}
    assert without_query(told, {}) == {"request": {"url": "https://rewards.example/auth/handoff"}}
    assert without_query({}, {}) == {}
