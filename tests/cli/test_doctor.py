"""The doctor: well where all is well, and what to do where it is not."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskCliRunner

from app.cli import doctor
from app.config import Settings
from app.lib import clock
from app.models import schema
from app.routes import settings as kept_settings
from app.tasks.queue import current_bell
from app.tasks.smtp import init_mail
from tests.cli.conftest import Told
from tests.support.queue import forget_what_was_rung
from tests.support.smtp import postbox


@pytest.fixture(autouse=True)
def quiet(app: Flask) -> Iterator[None]:
    forget_what_was_rung()
    yield
    forget_what_was_rung()


@pytest.fixture
def with_settings(app: Flask) -> Iterator[Any]:
    """Lets the application run with other settings for a while."""
    before: Settings = app.extensions[kept_settings.KEY]

    def use(**changes: Any) -> None:
        changed = before.model_copy(update=changes)
        kept_settings.install(app, changed)
        init_mail(app, changed)

    yield use
    kept_settings.install(app, before)
    init_mail(app, before)


def states(facts: dict[str, Any]) -> dict[str, str]:
    return {name: found["state"] for name, found in facts["looks"].items()}


def test_a_prepared_installation_is_well_but_for_what_it_does_without(told: Told):
    found = told("doctor")
    assert found["ok"]
    assert [name for name, state in states(found).items() if state == "warn"] == ["worker", "mail"]
    assert all(look["remedy"] for look in found["looks"].values() if look["state"] != "ok")


def test_a_person_reads_a_line_each_and_what_to_do(cli: FlaskCliRunner):
    result = cli.invoke(args=["doctor"])
    assert result.exit_code == 0
    assert "ok    database" in result.output
    assert "→ Start it: `flask --app wsgi worker`" in result.output


def test_a_worker_that_fell_silent_is_a_failure(told: Told):
    current_bell().beat(clock.to_micros(clock.now() - timedelta(seconds=5)))
    assert states(told("doctor"))["worker"] == "ok"
    current_bell().beat(int(time.time() - 300) * 1_000_000)
    found = told("doctor", code=1)
    assert not found["ok"]
    assert states(found)["worker"] == "fail"


def test_a_queue_that_nobody_serves_is_a_failure(told: Told):
    told("members", "create", "ann@example.com")
    assert states(told("doctor"))["queue"] == "ok"
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        assert states(told("doctor", code=1))["queue"] == "fail"


def test_a_database_of_another_version_is_a_failure(told: Told, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(schema, "needed_revision", lambda: "9999")
    found = told("doctor", code=1)["looks"]["migrations"]
    assert "9999" in found["found"]
    assert "prepare" in found["remedy"]


def test_a_data_folder_that_is_gone_is_a_failure(told: Told, with_settings: Any, tmp_path: Path):
    with_settings(data=tmp_path / "gone")
    assert states(told("doctor", code=1))["data folder"] == "fail"


def test_a_secret_that_others_can_read_is_a_warning(told: Told, with_settings: Any, tmp_path: Path):
    with_settings(data=tmp_path)
    (tmp_path / "secret_key").write_text("x" * 40)
    (tmp_path / "secret_key").chmod(0o644)
    look = told("doctor")["looks"]["data folder"]
    assert (look["state"], look["remedy"]) == ("warn", f"chmod 600 {tmp_path / 'secret_key'}")


@pytest.mark.parametrize(
    ("url", "secure", "state"),
    [
        ("http://127.0.0.1:8000", False, "ok"),
        ("http://rewards.example.com", False, "warn"),
        ("https://rewards.example.com", False, "warn"),
        ("https://rewards.example.com", True, "ok"),
    ],
)
def test_pages_for_others_are_served_by_https(told: Told, with_settings: Any, url: str, secure: bool, state: str):
    with_settings(public_url=url, secure_cookies=secure)
    assert states(told("doctor"))["settings"] == state


def test_a_mail_server_is_called(told: Told, with_settings: Any):
    with postbox() as box:
        with_settings(mail_server="127.0.0.1", mail_port=box.port, mail_use_tls=False)
        assert states(told("doctor"))["mail"] == "ok"
        assert box.conversations == 1
    with_settings(mail_server="127.0.0.1", mail_port=1, mail_use_tls=False)
    assert states(told("doctor", code=1))["mail"] == "fail"


def test_redis_is_called(told: Told, with_settings: Any, redis_url: str):
    with_settings(redis_url=redis_url)
    assert states(told("doctor"))["redis"] == "ok"
    with_settings(redis_url="redis://127.0.0.1:1/0")
    assert states(told("doctor", code=1))["redis"] == "fail"


def test_whatever_a_look_stumbles_over_is_its_finding():
    def stumble() -> doctor.Finding:
        raise PermissionError("not for you\nand more")

    found = doctor.examine(stumble)
    assert (found.state, found.found) == (doctor.State.FAIL, "PermissionError: not for you")


@pytest.mark.postgres
def test_a_clock_that_differs_from_the_databases_is_a_failure(told: Told):
    with time_machine.travel(clock.now() + timedelta(seconds=30)):
        assert states(told("doctor", code=1))["clock"] == "fail"
