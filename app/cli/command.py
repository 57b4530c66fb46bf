"""How every command behaves: an example under --help, --json for machines, refusals as sentences and exit code 1."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import click
from alembic.util import CommandError
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.gamification.errors import Refusal
from app.gamification.programme import NotSetUp
from app.lib.amounts import plain
from app.lib.i18n import Sentence

PREPARE = "Run `flask --app wsgi prepare` first."
FINISH = "Finish its setup in a browser: `flask --app wsgi setup-link` prints the address."


@dataclass(frozen=True)
class Answer:
    """What a command has to say: figures for machines, lines for people, and whether all is well."""

    facts: Mapping[str, Any]
    lines: tuple[str, ...] = field(default=())
    ok: bool = True


class Problem(Exception):
    """Something that only the one at the console can mend; the message says how."""

    code = "problem"


class NotPrepared(Problem):
    """The database has no tables, no programme, or those of another version."""

    code = "not_prepared"


class Unreachable(Problem):
    """The database does not answer."""

    code = "database_unreachable"


class Command(click.Command):
    """A command that returns an `Answer`."""

    def __init__(self, *args: Any, example: str, **attributes: Any) -> None:
        # \b keeps the line whole however narrow the console is.
        attributes["epilog"] = f"\b\nExample:\n  flask --app wsgi {example}"
        super().__init__(*args, **attributes)
        self.params.append(click.Option(["--json", "as_json"], is_flag=True, help="Answer in JSON, errors too."))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        as_json = "--json" in args
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if not as_json:
                raise
            say_json({"error": "usage", "message": error.format_message()})
            ctx.exit(error.exit_code)

    def invoke(self, ctx: click.Context) -> None:
        as_json = ctx.params.pop("as_json")
        try:
            answer = answer_or_problem(lambda: super(Command, self).invoke(ctx))
        except (Problem, Refusal) as problem:
            if not as_json:
                raise click.ClickException(message_of(problem)) from problem
            say_json({"error": code_of(problem), "message": message_of(problem)})
            ctx.exit(1)
        if as_json:
            say_json(answer.facts)
        else:
            for line in answer.lines:
                say(line)
        ctx.exit(0 if answer.ok else 1)


def command(name: str, *, example: str, **attributes: Any) -> Callable[[Callable[..., Answer]], Command]:
    """Decorate a function that returns an Answer; it runs inside an application context."""

    def decorate(function: Callable[..., Answer]) -> Command:
        return click.command(name, cls=Command, example=example, **attributes)(with_appcontext(function))

    return decorate


def answer_or_problem(run: Callable[[], Answer]) -> Answer:
    """The answer, or what stands in its way in words that say what to do."""
    try:
        return run()
    except NotSetUp as error:
        raise NotPrepared(f"There is no programme in this database yet. {FINISH}") from error
    except CommandError as error:
        raise NotPrepared(f"The database is not of this version: {error}") from error
    except (OperationalError, ProgrammingError) as error:
        reason = str(error.orig).strip().splitlines()[0]
        if re.search(r"no such (table|column)|(relation|column) .* does not exist", reason):
            raise NotPrepared(f"The database lacks tables or columns ({reason}). {PREPARE}") from error
        if isinstance(error, OperationalError):
            raise Unreachable(f"The database does not answer: {reason}") from error
        raise


def in_english(sentence: Sentence) -> str:
    """A sentence as the console says it."""
    return sentence.msgid % {name: written(value) for name, value in sentence.values.items()}


def written(value: Any) -> str:
    """A value as the console writes it."""
    if isinstance(value, Sentence):
        return in_english(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S UTC")
    return str(value)


def table(rows: list[tuple[Any, ...]], heads: tuple[str, ...]) -> tuple[str, ...]:
    """Rows as lines in columns, below their heads; numbers to the right."""
    cells = [tuple(heads), *(tuple(written(value) for value in row) for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(heads))]
    right = [bool(rows) and all(isinstance(row[place], int) for row in rows) for place in range(len(heads))]

    def line(row: tuple[str, ...]) -> str:
        places = zip(row, widths, right, strict=True)
        return "  ".join(cell.rjust(width) if to_right else cell.ljust(width) for cell, width, to_right in places)

    return tuple(line(row).rstrip() for row in cells)


def read_password(from_stdin: bool) -> str | None:
    """The first line of standard input when it was announced; None otherwise."""
    if not from_stdin:
        return None
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise Problem("No password came in: --password-stdin reads the first line of standard input.")
    return password


def code_of(problem: Problem | Refusal) -> str:
    """The error's name for machines: `EmailTaken` is `email_taken`."""
    if isinstance(problem, Problem):
        return problem.code
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(problem).__name__).lower()


def message_of(problem: Problem | Refusal) -> str:
    """The error's sentence."""
    return in_english(problem.sentence) if isinstance(problem, Refusal) else str(problem)


def say(line: str) -> None:
    """Write a line, whatever the console's encoding can show."""
    encoding = sys.stdout.encoding or "ascii"
    click.echo(line.encode(encoding, "replace").decode(encoding))


def report(line: str) -> None:
    """Tell a person what is going on, beside the answer."""
    click.echo(line, err=True)


def say_json(facts: Mapping[str, Any]) -> None:
    """Write one JSON object on one line."""
    click.echo(as_json_line(facts))


def as_json_line(facts: Mapping[str, Any]) -> str:
    """JSON that any console can show; instants as RFC 3339, decimals as strings."""
    return json.dumps(facts, ensure_ascii=True, default=to_json_value)


def to_json_value(value: Any) -> str:
    """What JSON has no word for."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Sentence):
        return in_english(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
