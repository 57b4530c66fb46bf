"""Logs: one line an event, and nobody's secrets."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.lib import logs


@pytest.fixture(autouse=True)
def afterwards_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, settings = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:], root.level = handlers, level
    # Not the library's own defaults: tests after these rely on what the application configured.
    structlog.configure(**settings)


def test_machines_get_a_line_of_json_with_the_request(capsys: pytest.CaptureFixture[str]):
    logs.configure("INFO", "json")
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        structlog.get_logger("test").info("request", status=200)
        logging.getLogger("library").warning("from a library: %s", 7)
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["status"], ours["request_id"], ours["level"]) == ("request", 200, "abc", "info")
    assert (theirs["event"], theirs["logger"], theirs["request_id"]) == ("from a library: 7", "library", "abc")


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_no_values(capsys: pytest.CaptureFixture[str], form: str):
    logs.configure("INFO", form)  # type: ignore[arg-type]
    password = "hunter" + "2"
    try:
        raise ValueError("it broke", len(password))
    except ValueError:
        structlog.get_logger("test").exception("request failed")
    said = capsys.readouterr().err
    assert "it broke" in said and "hunter2" not in said


def test_the_level_is_a_choice(capsys: pytest.CaptureFixture[str]):
    logs.configure("WARNING", "json")
    structlog.get_logger("test").info("quiet")
    assert capsys.readouterr().err == ""
