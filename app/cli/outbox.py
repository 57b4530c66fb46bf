"""`outbox …`: mail that waits, was sent or was given up; without a mail server this is where it is read."""

import click

from app.cli.command import Answer, Problem, command, table
from app.lib import clock
from app.models.base import transaction
from app.tasks import outbox as mails

outbox = click.Group("outbox", help="Read the mail that was written, and send it.")


@command("list", example="outbox list --count 5", help="List the newest mails first.")
@click.option("--count", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many at most.")
def list_(count: int) -> Answer:
    heads = ("id", "created_at", "recipient", "subject", "state", "error")
    rows = [
        (row.id, row.created_at, row.recipient, row.subject, mails.state_of(row).value, row.error)
        for row in mails.newest(count)
    ]
    return Answer({"mails": [dict(zip(heads, row, strict=True)) for row in rows]}, table(rows, heads))


@command("show", example="outbox show 7", help="Show one mail whole, with the links in it.")
@click.argument("id", type=int)
def show(id: int) -> Answer:
    row = mails.find(id)
    if row is None:
        raise Problem(f"There is no mail {id}. `outbox list` names those there are.")
    names = ("id", "recipient", "subject", "body", "html", "created_at", "due_at", "attempts", "done_at", "error")
    facts = {name: getattr(row, name) for name in names} | {"state": mails.state_of(row).value}
    lines = (f"To:      {row.recipient}", f"Subject: {row.subject}", f"State:   {facts['state']}", "", row.body)
    return Answer(facts, lines)


@command(
    "send",
    example="outbox send 7",
    help="Send everything that is due now; with an id that mail once more, even if it was sent or given up.",
)
@click.argument("id", type=int, required=False)
def send(id: int | None) -> Answer:
    if not mails.is_set_up():
        raise Problem("There is no mail server. Set LAUREL_MAIL_SERVER, or read the mail by `outbox show`.")
    if id is not None:
        if mails.find(id) is None:
            raise Problem(f"There is no mail {id}. `outbox list` names those there are.")
        with transaction():
            mails.send_again(id, clock.now())
    sent = mails.deliver()
    failure = mails.find(id) if id is not None else None
    if failure is not None and failure.error:
        raise Problem(f"Mail {id} was not sent: {failure.error}")
    return Answer({"sent": sent}, (f"{sent} sent.",))


for one in (list_, show, send):
    outbox.add_command(one)

commands: list[click.Command] = [outbox]
