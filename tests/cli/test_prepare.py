"""`prepare`: from nothing, from half, from before, and when all is in place."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.cli import prepare
from app.config import Settings
from app.factory import create_app
from app.gamification.setup.link import SetupLink, hash_of
from app.lib import clock
from app.models import schema
from app.models.base import db, read_one
from tests.conftest import let_go_of_connections
from tests.support import services
from tests.support.databases import ON_POSTGRES, empty_postgres


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Flask]:
    """An application whose data folder and database hold nothing yet."""

    def made(url: str) -> Flask:
        return create_app(Settings(_env_file=None, env="test", data=tmp_path / "data", database_url=url))  # type: ignore[call-arg]

    if not ON_POSTGRES:
        app = made("")
        yield app
        let_go_of_connections(app)
        return
    with empty_postgres(services.postgres_url(), f"{os.getpid()}_prepare") as database:
        app = made(database.url)
        yield app
        let_go_of_connections(app)


def run(app: Flask, *options: str) -> dict[str, Any]:
    """The last line that `prepare` prints."""
    result = app.test_cli_runner().invoke(args=["prepare", *options])
    assert result.exit_code == 0, result.output
    facts: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return facts


def test_from_nothing_to_an_open_setup(fresh: Flask):
    prepared = run(fresh)
    assert prepared["seeded"] is False
    assert prepared["setup"].startswith("http://127.0.0.1:8000/setup?token=")
    with fresh.app_context():
        assert schema.is_current()
        assert read_one(text("SELECT 1 FROM programme")) is None
    folder = fresh.extensions["laurel_settings"].data
    for kept in (folder / "secret_key", folder / "setup_link"):
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert prepared["setup"].rpartition("=")[2] not in (folder / "setup_link").read_text()


def test_each_start_renews_the_link_until_there_is_a_programme(fresh: Flask):
    first, second = run(fresh)["setup"], run(fresh)["setup"]
    assert first != second
    third = fresh.test_cli_runner().invoke(args=["setup-link"]).output.strip()
    assert third not in (first, second)
    link = SetupLink(fresh.extensions["laurel_settings"].data)
    opened = [link.is_opened_by(hash_of(one.rpartition("=")[2]), clock.now()) for one in (first, second, third)]
    assert opened == [False, False, True]
    assert run(fresh, "--base") == {"sign_ins": [], "seeded": True, "setup": None}
    assert not link.is_opened_by(hash_of(third.rpartition("=")[2]), clock.now())
    assert fresh.test_cli_runner().invoke(args=["setup-link"]).exit_code == 1


def test_a_second_time_changes_nothing(fresh: Flask, monkeypatch: pytest.MonkeyPatch):
    run(fresh, "--base")
    with fresh.app_context():
        with db.engine.connect() as connection:
            connection.execute(text("UPDATE programme SET brand_name = 'Ours'"))
            connection.commit()
        assert run(fresh, "--base") == run(fresh) == {"sign_ins": [], "seeded": False, "setup": None}
        assert read_one(text("SELECT brand_name FROM programme"))[0] == "Ours"


def test_a_database_of_the_future_is_named(fresh: Flask):
    run(fresh)
    with fresh.app_context(), db.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    result = fresh.test_cli_runner().invoke(args=["prepare"])
    assert result.exit_code == 1
    assert "9999" in result.stderr


@pytest.fixture
def interrupted(fresh: Flask) -> Flask:
    """An installation whose first start was ended in the middle of the demo season."""
    run(fresh, "--base")
    prepare.unfinished_mark(fresh.extensions["laurel_settings"]).touch()
    with fresh.app_context(), db.engine.connect() as connection:
        connection.execute(text("UPDATE programme SET brand_name = 'Half'"))
        connection.commit()
    let_go_of_connections(fresh)
    return fresh


@pytest.mark.sqlite
def test_a_start_that_was_interrupted_starts_over(interrupted: Flask):
    assert run(interrupted, "--base")["seeded"] is True
    with interrupted.app_context():
        assert read_one(text("SELECT brand_name FROM programme"))[0] != "Half"
    assert run(interrupted, "--base")["seeded"] is False
    assert (interrupted.extensions["laurel_settings"].data / "laurel.db.unfinished").exists()


@pytest.mark.postgres
def test_a_start_that_was_interrupted_is_named(interrupted: Flask):
    result = interrupted.test_cli_runner().invoke(args=["prepare"])
    assert result.exit_code == 1
    assert "demo-unfinished" in result.stderr


def test_starts_that_come_together_configure_one_programme(fresh: Flask):
    with fresh.app_context():
        schema.migrate()
        configured = fresh.extensions["laurel_settings"]
        assert prepare.seed_programme(configured, demo=False) is True
        assert prepare.seed_programme(configured, demo=False) is False
