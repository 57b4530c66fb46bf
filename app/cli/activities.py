"""`activities …`: what waits to be processed, and what failed."""

import click

from app.cli.command import Answer, command, table
from app.cli.members import find
from app.gamification import backlog, pipeline
from app.lib import clock
from app.models.base import transaction

activities = click.Group("activities", help="Watch the processing of activities, and repeat what failed.")


@command("status", example="activities status --json", help="Say what waits, for how long, and what went wrong.")
def status() -> Answer:
    now, found = clock.now(), backlog.read()
    facts = {
        "queued": found.queued,
        "oldest_seconds": round(found.age_seconds(now)),
        "failed": found.failed,
        "quarantined": found.quarantined,
        "unlinked_accounts": found.unlinked,
    }
    meanings = {
        "queued": "activities wait for the worker",
        "oldest_seconds": "seconds the oldest of them has waited",
        "failed": "activities failed; `activities reprocess --failed` tries them again",
        "quarantined": "activities came again under a known id with another content",
        "unlinked_accounts": "trading accounts belong to no member yet",
    }
    return Answer(facts, table([(facts[name], meaning) for name, meaning in meanings.items()], ("now", "")))


@command(
    "reprocess",
    example="activities reprocess --failed",
    help="Queue activities once more whose processing failed; the worker does the rest. Nothing is counted twice.",
)
@click.option("--failed", is_flag=True, help="What is done anyway: only failed activities can be processed again.")
@click.option("--member", "email", metavar="EMAIL", help="Only those of this member.")
def reprocess(failed: bool, email: str | None) -> Answer:
    member_id = find(email) if email else None
    with transaction():
        queued = pipeline.reprocess(member_id)
    return Answer({"queued": queued}, (f"{queued} queued again.",))


for one in (status, reprocess):
    activities.add_command(one)

commands: list[click.Command] = [activities]
