"""Commands as machines run them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskCliRunner

Told = Callable[..., dict[str, Any]]


@pytest.fixture
def told(cli: FlaskCliRunner) -> Told:
    """Runs a command with --json and returns what it says; `code` is the exit code it must end with."""

    def run(*arguments: str, code: int = 0, stdin: str | None = None) -> dict[str, Any]:
        result = cli.invoke(args=[*arguments, "--json"], input=stdin)
        assert result.exit_code == code, result.output + repr(result.exception)
        facts: dict[str, Any] = json.loads(result.stdout)
        return facts

    return run
