"""`statements import`: an account statement of MetaTrader 4, 5 or cTrader into a member's history."""

from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import click

from app.cli.command import Answer, Problem, command, report, table
from app.cli.members import find
from app.gamification import ingest, pipeline
from app.gamification.ingest import Result
from app.gamification.statements import importing, reading
from app.gamification.statements.clock import NEW_YORK_CLOSE, server_clock
from app.gamification.statements.reading import Account, Reading
from app.lib import clock
from app.models.base import transaction
from app.platforms.detect import read_statement
from app.platforms.hints import Dates, Hints, Marks
from app.platforms.statement import Statement, totals
from app.platforms.unreadable import UnreadableStatement

MOST_TOLD = 5

MEANINGS = {
    "rows_read": "rows read",
    "closed": "closed trades, archived sums included",
    "cancelled": "orders that never traded",
    "balance_rows": "rows that moved money without a trade",
    "archived": "sums of archived trades: money, no trades",
    "open": "trades still open: reported when they close",
    "lots": "lots closed",
    "commission": "commission",
    "swap": "swap",
    "profit": "profit",
    "earning": "closed trades that earn points",
    "duplicates": "closed trades that were known already",
}

statements = click.Group("statements", help="Import account statements of trading platforms.")


class UnreadableFile(Problem):
    """The file is no statement; the message says what to do."""

    code = "unreadable_statement"


# Doubts that are settled by the member's accounts, or told of in a line of their own.
OF_THE_ACCOUNT = {"login", "server"}


@command(
    "import",
    example="statements import ReportHistory.html --member ann@example.com --dry-run",
    help="Import a statement of MetaTrader 4 or 5 (HTML, XLSX, CSV) or cTrader (CSV). Each row is kept once, "
    "however often and in whatever overlapping reports it comes. Imports by staff are verified: "
    "their points need no review.",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--member", "email", required=True, metavar="EMAIL", help="Whose it is: address or external id.")
@click.option("--account", "login", metavar="LOGIN", help="Login of the account; needed where the file names none.")
@click.option("--server", metavar="SERVER", help="The platform's server, where the file names none (MT4).")
@click.option(
    "--zone",
    default=NEW_YORK_CLOSE,
    show_default=True,
    metavar="ZONE",
    help="Clock of the broker's server: an IANA zone such as Europe/Athens, or new-york+7, which most brokers keep.",
)
@click.option("--currency", metavar="CODE", help="Currency of the account, where the file names none (CSV).")
@click.option("--marks", type=click.Choice(get_args(Marks)), help="Its decimal mark, where that is in doubt (CSV).")
@click.option("--dates", type=click.Choice(get_args(Dates)), help="Order of its dates, where in doubt (CSV).")
@click.option("--dry-run", is_flag=True, help="Say what it would give, and store nothing.")
def import_(
    file: Path, email: str, login: str | None, server: str | None, zone: str, dry_run: bool, **told: Any
) -> Answer:
    now, server_time, member_id = clock.now(), server_clock(zone), find(email)
    statement = _read(file, Hints(login, server, **told))
    account = importing.account_of(statement, member_id, login, server)
    for line in _remarks(statement, account):
        report(line)
    if dry_run:
        rows = reading.read(statement, account, server_time, now)
        outcome = importing.try_out(rows, account, member_id, now)
    else:
        with transaction():
            account = importing.claim(account, member_id, statement.currency, now=now)
        rows = reading.read(statement, account, server_time, now)
        results = _store(rows, now)
        if not pipeline.catch_up(member_id):
            report("The worker has not finished yet: what is still to come counts as “waiting”.")
        outcome = importing.outcome_of(rows, results)
    for line in _unusable(rows):
        report(line)
    # Amounts as the report writes them: 2.00 stays 2.00.
    sums = {
        name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in asdict(totals(statement)).items()
    }
    facts = sums | asdict(outcome)
    facts["not_earning"] = dict(outcome.not_earning.most_common())
    return Answer(facts, _told(facts, dry_run))


def _read(file: Path, hints: Hints) -> Statement:
    try:
        return read_statement(file.read_bytes(), hints)
    except UnreadableStatement as error:
        raise UnreadableFile(str(error)) from error


def _store(rows: Reading, now: Any) -> list[Result]:
    results: list[Result] = []
    for delivery in rows.deliveries():
        with transaction():
            results += ingest.accept(ingest.source(ingest.STATEMENTS), delivery, now)
    return results


def _remarks(statement: Statement, account: Account) -> Iterator[str]:
    if statement.login is None and account.login.startswith("unnamed-"):
        yield f"The file does not name its account: it is kept as {account.login}. Name it with --account LOGIN."
    elif statement.login not in (None, account.login):
        yield f"The file is of account {statement.login}; it is imported as {account.login}, as told."
    if statement.adds_up is False:
        yield "The rows do not add up to the result that the report states: was it edited?"
    for doubt in statement.doubts:
        if doubt.key not in OF_THE_ACCOUNT:
            answer = f" Otherwise say --{doubt.key}." if doubt.question else ""
            yield f"{doubt.sentence.msgid % doubt.sentence.values}{answer}"


def _unusable(rows: Reading) -> Iterator[str]:
    yield from rows.unusable[:MOST_TOLD]
    if (more := len(rows.unusable) - MOST_TOLD) > 0:
        yield f"… and {more} more rows that could not be kept."


def _told(facts: dict[str, Any], dry_run: bool) -> tuple[str, ...]:
    lines = [(facts[name], meaning) for name, meaning in MEANINGS.items()]
    reasons = [(count, reason.replace("_", " ").replace(".", ": ")) for reason, count in facts["not_earning"].items()]
    why = ("", *table(reasons, ("closed", "that do not earn, and why"))) if reasons else ()
    return (*table(lines, ("figure", "in this report" + (" (a trial: nothing is stored)" if dry_run else ""))), *why)


statements.add_command(import_)

commands: list[click.Command] = [statements]
