"""`staff …`: who runs the programme."""

import sys

import click

from app.cli.command import Answer, Problem, command, read_password, table
from app.gamification.audit import log
from app.gamification.staff import people, second_factor
from app.gamification.staff.rights import ROLES
from app.lib import clock
from app.models.base import transaction

staff = click.Group("staff", help="The people who run the programme.")


@command(
    "create",
    example="staff create dana@example.com --name 'Dana Fox' --role manager --password-stdin < password.txt",
    help="Add somebody to the staff. Asks for the password, or reads it from standard input.",
)
@click.argument("email")
@click.option("--name", help="Full name; the address up to the @ when left out.")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may do.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
def create(email: str, name: str | None, role: str, password_stdin: bool) -> Answer:
    password = read_password(password_stdin) or ask_password()
    name = name or email.partition("@")[0]
    now = clock.now()
    with transaction():
        staff_id = people.create(email, name, role, password, now=now)
        log.record(None, "staff.create", "staff", staff_id, now=now, after={"role": role})
    return Answer({"id": staff_id, "email": email, "role": role}, (f"{email} is on the staff as {role}.",))


def ask_password() -> str:
    """The password as typed twice at the console."""
    if not sys.stdin.isatty():
        raise Problem("Give the password on the first line of standard input, with --password-stdin.")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


@command("list", example="staff list", help="Show who is on the staff, and who was.")
def list_people() -> Answer:
    rows = people.everyone()
    heads = ("email", "role", "second_factor", "last_seen", "left", "name")
    lines = [(row.email, row.role, row.totp_since is not None, row.last_seen, row.left_at, row.name) for row in rows]
    return Answer({"people": [dict(zip(heads, line, strict=True)) for line in lines]}, table(lines, heads))


@command(
    "reset-second-factor",
    example="staff reset-second-factor dana@example.com",
    help="Take the phone and the recovery codes off somebody who has lost both. Their browsers are signed out, and at "
    "the next sign-in they set up a phone again. Make sure that it is they who ask: the password alone lets in then.",
)
@click.argument("email")
def reset_second_factor(email: str) -> Answer:
    staff_id, now = people.id_of(email), clock.now()
    with transaction():
        second_factor.reset(None, staff_id, now=now)
    return Answer({"id": staff_id, "email": email}, (f"{email} sets up a phone at the next sign-in.",))


@command(
    "leave",
    example="staff leave dana@example.com",
    help="End somebody's access at once: browsers, phone, recovery codes and the invitations they sent.",
)
@click.argument("email")
def leave(email: str) -> Answer:
    staff_id, now = people.id_of(email), clock.now()
    with transaction():
        people.leave(None, staff_id, now=now)
    return Answer({"id": staff_id, "email": email}, (f"{email} is no longer on the staff.",))


for one in (create, list_people, reset_second_factor, leave):
    staff.add_command(one)

commands: list[click.Command] = [staff]
