"""`demo …`: the season that shows what Laurel does before a broker's own data is in it."""

import click

from app.cli.command import Answer, Problem, command, table
from app.cli.prepare import demo_sign_ins, play_demo, seed_programme
from app.routes.settings import settings

demo = click.Group("demo", help="The demo season: play it, and see who may sign in.")


@command(
    "seed",
    example="demo seed",
    help="Play the demo season into a database without members: a broker, 300 members and three months of their "
    "activity, the same each time. Does nothing where it has been played.",
)
def seed() -> Answer:
    from app.seeds.demo import NotEmpty

    seed_programme(settings(), demo=True)
    try:
        play_demo(settings())
    except NotEmpty:
        message = "There are members in this database. Play the demo in a new one: set LAUREL_DATA to an empty folder."
        raise Problem(message) from None
    return sign_ins_answer()


@command("sign-ins", example="demo sign-ins", help="List who may sign in to the demo, with their passwords.")
def sign_ins() -> Answer:
    return sign_ins_answer()


def sign_ins_answer() -> Answer:
    """The demo's sign-ins for machines and people."""
    found = demo_sign_ins(settings())
    if not found:
        raise Problem("There is no demo season here. `demo seed` plays it into a database without members.")
    heads = ("email", "password", "about", "code_secret")
    return Answer({"sign_ins": found}, table([tuple(one[head] for head in heads) for one in found], heads))


for one in (seed, sign_ins):
    demo.add_command(one)

commands: list[click.Command] = [demo]
