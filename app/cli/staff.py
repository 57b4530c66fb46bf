"""`staff …`: who runs the programme."""

import sys

import click

from app.cli.command import Answer, Problem, command, read_password
from app.gamification.staff import people
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
    with transaction():
        staff_id = people.create(email, name, role, password, now=clock.now())
    return Answer({"id": staff_id, "email": email, "role": role}, (f"{email} is on the staff as {role}.",))


def ask_password() -> str:
    """The password as typed twice at the console."""
    if not sys.stdin.isatty():
        raise Problem("Give the password on the first line of standard input, with --password-stdin.")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


staff.add_command(create)

commands: list[click.Command] = [staff]
