"""How every command behaves."""

import json
from collections.abc import Iterator

import click
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.cli.command import Answer, Command, NotPrepared, Unreachable, answer_or_problem, command, table
from app.gamification.errors.members import EmailTaken
from app.gamification.programme import NotSetUp
from tests.cli.conftest import Told


def ours(group: click.Group | Flask, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    """Every command of the house with the words that call it."""
    commands = group.cli.commands if isinstance(group, Flask) else group.commands
    for name, one in commands.items():
        if isinstance(one, Command):
            yield (*path, name), one
        elif isinstance(one, click.Group):
            yield from ours(one, (*path, name))


def test_every_command_helps_with_an_example_that_is_its_own(app: Flask, cli: FlaskCliRunner):
    commands = dict(ours(app))
    assert len(commands) >= 15
    for words, one in commands.items():
        said = cli.invoke(args=[*words, "--help"]).output
        assert f"flask --app wsgi {' '.join(words)}" in said, words
        assert "--json" in said, words
        assert one.help, words


def test_a_group_lists_its_commands_with_a_line_each(app: Flask, cli: FlaskCliRunner):
    said = cli.invoke(args=["members", "--help"]).output
    assert "create" in said
    assert "Make a trading account a member's" in said


def test_a_wrong_option_is_told_in_json_too(told: Told):
    assert told("members", "create", "ann@example.com", "--client-class", "rich", code=2)["error"] == "usage"
    assert "EMAIL" in told("members", "show", code=2)["message"]


def test_a_refusal_is_a_sentence_or_json(app: Flask):
    @command("refuse", example="refuse")
    def refuse() -> Answer:
        raise EmailTaken(email="ann@example.com")

    app.cli.add_command(refuse)
    try:
        plain = app.test_cli_runner().invoke(args=["refuse"])
        assert plain.exit_code == 1
        assert plain.stderr == "Error: There is a member with the address ann@example.com already.\n"
        machine = app.test_cli_runner().invoke(args=["refuse", "--json"])
        assert machine.exit_code == 1
        assert json.loads(machine.stdout)["error"] == "email_taken"
    finally:
        app.cli.commands.pop("refuse")


@pytest.mark.parametrize(
    ("raised", "becomes", "says"),
    [
        (NotSetUp("no programme"), NotPrepared, "setup-link"),
        (OperationalError("", {}, Exception("no such table: member")), NotPrepared, "prepare"),
        (ProgrammingError("", {}, Exception('relation "member" does not exist\nLINE 1')), NotPrepared, "prepare"),
        (OperationalError("", {}, Exception("connection refused")), Unreachable, "connection refused"),
    ],
)
def test_a_database_that_is_not_ready_is_named(raised: Exception, becomes: type[Exception], says: str):
    def fail() -> Answer:
        raise raised

    with pytest.raises(becomes, match=says):
        answer_or_problem(fail)


def test_a_table_keeps_its_columns():
    assert table([("a", 7), ("bcd", 1200)], ("name", "points")) == ("name  points", "a          7", "bcd    1,200")
    assert table([], ("name",)) == ("name",)
