"""`demo …`: the season of invented members at real prices, and who may sign in to it."""

import click

from app.cli.command import Answer, Problem, command, report, table
from app.cli.prepare import unfinished_mark
from app.gamification import programme
from app.routes.settings import settings
from app.seeds.demo import NotEmpty, is_loaded, seed_demo, sign_ins

HEADS = ("email", "password", "about", "name")

demo = click.Group("demo", help="The demo season: play it, show its sign-ins.")


@command(
    "seed",
    example="demo seed",
    short_help="Fill a programme without members with the demo season.",
    help="Fill a programme that has no members yet with the demo season: invented people, months of what they did at "
    "real prices, through the real pipeline. Stop web and worker meanwhile. Does nothing where the season is loaded. "
    "Prints who may sign in.",
)
def seed() -> Answer:
    programme.current()  # says what to do where there is none
    try:
        loaded = is_loaded()
    except NotEmpty as error:
        raise Problem(
            "This programme has members already, and invented ones must not stand among them. "
            "Choose another data folder: LAUREL_DATA=… flask --app wsgi prepare --demo"
        ) from error
    if not loaded:
        mark = unfinished_mark(settings())
        mark.touch()
        report("Playing the demo season; this takes some seconds …")
        seed_demo()
        mark.unlink()
    return _told(sign_ins())


@command("sign-ins", example="demo sign-ins", help="Show who may sign in to the demo, with their passwords.")
def show_sign_ins() -> Answer:
    doors = sign_ins()
    if not doors:
        raise Problem("There is no demo season in this data folder. Load one with: flask --app wsgi demo seed")
    return _told(doors)


def _told(doors: list[dict[str, str]]) -> Answer:
    return Answer({"sign_ins": doors}, table([tuple(door[head] for head in HEADS) for door in doors], HEADS))


for one in (seed, show_sign_ins):
    demo.add_command(one)

commands: list[click.Command] = [demo]
