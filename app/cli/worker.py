"""`worker`: the process that turns activities into points."""

import click
from flask import current_app

from app.cli.command import Answer, command
from app.routes.settings import settings


@command(
    "worker",
    example="worker",
    short_help="Process activities, mail and nightly work.",
    help="Process activities, deliver mail and do the nightly work, until Ctrl-C or SIGTERM. On PostgreSQL with Redis "
    "any number may run, on any number of machines.",
)
def worker() -> Answer:
    # Here, because no other command needs the handlers of every job.
    from app.worker import Worker

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    code = Worker(app, settings().round_activities).run()
    return Answer({"exit_code": code}, ok=code == 0)


commands: list[click.Command] = [worker]
