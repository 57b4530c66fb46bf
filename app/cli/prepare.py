"""`prepare`: everything a start needs, from nothing or from the version before; quick when there is nothing to do."""

from pathlib import Path

import click
from sqlalchemy import make_url, text

from app.cli.command import Answer, Problem, as_json_line, command, report
from app.config import Settings
from app.gamification.errors.programme import AlreadySetUp
from app.gamification.setup.link import SetupLink
from app.lib import clock
from app.models import schema
from app.models.base import db, read_one, reader, transaction
from app.routes.settings import settings

_PROGRAMME = text("SELECT 1 FROM programme")


@command(
    "prepare",
    example="prepare --demo",
    short_help="Migrate, make secrets, open the setup of a new database.",
    help="Bring the database up to date, make the secrets in the data folder, and, where there is no programme, open "
    "the setup by a new one-time link. Changes nothing when all is in place. The last line is JSON.",
)
@click.option("--demo", is_flag=True, help="Fill a new database with the demo season instead.")
@click.option("--base", is_flag=True, help="Give a new database the invented broker's programme instead, for tests.")
def prepare(demo: bool, base: bool) -> Answer:
    configured = settings()
    configured.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    set_aside_unfinished(configured)
    if not schema.is_current():
        report("Setting up the database …")
        schema.migrate()
    seeded = (demo or base) and seed_programme(configured, demo)
    if seeded and demo:
        report("Playing the demo season; this takes some seconds …")
        play_demo(configured)
    facts = {
        "sign_ins": demo_sign_ins(configured) if demo else [],
        "seeded": seeded,
        "setup": setup_address(configured),
    }
    return Answer(facts, (as_json_line(facts),))


def seed_programme(configured: Settings, demo: bool) -> bool:
    """Give a database its programme; returns False where there is one, or another process was first.

    Where the demo season is to follow, a mark in the data folder says that the database is not whole yet.
    """
    if read_one(_PROGRAMME) is not None:
        return False
    from app.seeds.base import seed_base

    try:
        with transaction():
            seed_base(clock.now(), demo=demo)
            if demo:
                unfinished_mark(configured).touch()
    except AlreadySetUp:
        return False
    return True


def setup_address(configured: Settings) -> str | None:
    """Where the setup is finished, by a link made now; None where there is a programme."""
    link = SetupLink(configured.data)
    if read_one(_PROGRAMME) is not None:
        link.burn()
        return None
    return f"{configured.public_url.rstrip('/')}/setup?token={link.renew(clock.now())}"


@command(
    "setup-link",
    example="setup-link",
    short_help="Make a new one-time link to the setup.",
    help="Make a new one-time link to the setup of a new installation, good for 24 hours. The one before ends.",
)
def setup_link() -> Answer:
    address = setup_address(settings())
    if address is None:
        raise Problem("The programme is set up already. Sign in at /admin.")
    return Answer({"setup": address}, (address,))


def play_demo(configured: Settings) -> None:
    """Play the demo season to its end, with a mark that stands meanwhile; nothing where it has been played."""
    from app.seeds.demo import is_loaded, seed_demo

    if not is_loaded():
        unfinished_mark(configured).touch()
        seed_demo()
    unfinished_mark(configured).unlink(missing_ok=True)


def demo_sign_ins(configured: Settings) -> list[dict[str, str]]:
    """Who may sign in to the demo, with passwords; empty without a demo season."""
    from app.seeds.demo import sign_ins

    return sign_ins()


def unfinished_mark(configured: Settings) -> Path:
    """The file that stands while the demo season is being played."""
    return configured.data / "demo-unfinished"


def set_aside_unfinished(configured: Settings) -> None:
    """Start over where an earlier start was interrupted halfway through the demo season."""
    mark = unfinished_mark(configured)
    if not mark.exists():
        return
    url = make_url(configured.sqlalchemy_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Problem(
            "An earlier start was interrupted while it played the demo season, so this database is half full. "
            f"Start with an empty database, or keep it as it is by removing {mark}."
        )
    db.engine.dispose()
    reader().dispose()
    database = Path(url.database)
    for path in (database, *(database.with_name(database.name + ending) for ending in ("-wal", "-shm"))):
        if path.exists():
            path.replace(path.with_name(path.name.replace(database.name, f"{database.name}.unfinished")))
    mark.unlink()


commands: list[click.Command] = [prepare, setup_link]
