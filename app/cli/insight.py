"""`insight …`: the figures of the overview."""

import click

from app.cli.command import Answer, command
from app.gamification.insight import rebuild as counting
from app.gamification.insight import rollup
from app.lib import clock

insight = click.Group("insight", help="The figures of the overview: bring them up to date, or count them again.")


@command(
    "fold",
    example="insight fold",
    help="Count now what has been recorded since the last minute; the worker does the same every minute.",
)
def fold() -> Answer:
    folded = rollup.fold(clock.now())
    return Answer({"folded": folded}, (f"{folded:,} transactions counted.",))


@command(
    "rebuild",
    example="insight rebuild",
    help="Count all figures again from the ledger and the decisions: once after an update from a version without "
    "them. Members can go on meanwhile; on SQLite what they do waits. Interrupted, it has changed nothing.",
)
def rebuild() -> Answer:
    counted = counting.rebuild(clock.now())
    line = f"{counted.decisions:,} decisions and {counted.transfers:,} transfers counted."
    return Answer(counted._asdict(), (line,))


for one in (fold, rebuild):
    insight.add_command(one)

commands: list[click.Command] = [insight]
