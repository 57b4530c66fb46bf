"""`prepare`: everything a start needs, from nothing or from the version before; quick when there is nothing to do."""

from pathlib import Path

import click
from sqlalchemy import make_url, text

from app.cli.command import Answer, Problem, as_json_line, command, report
from app.config import Settings
from app.lib import clock
from app.models import schema
from app.models.base import db, is_sqlite, read_one, reader, transaction
from app.routes.settings import settings

_PROGRAMME = text("SELECT 1 FROM programme")


@command(
    "prepare",
    example="prepare --demo",
    short_help="Migrate, make secrets, seed a new database.",
    help="Bring the database up to date, make the secrets in the data folder, and configure a programme where there "
    "is none. Changes nothing when all is in place. The last line is JSON.",
)
@click.option("--demo", is_flag=True, help="Fill a new database with the demo season.")
def prepare(demo: bool) -> Answer:
    configured = settings()
    configured.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    set_aside_unfinished(configured)
    if not schema.is_current():
        report("Setting up the database …")
        schema.migrate()
    seeded = seed_programme(configured, demo)
    if seeded and demo:
        report("Playing the demo season; this takes some seconds …")
        play_demo(configured)
    facts = {"sign_ins": demo_sign_ins(configured) if demo else [], "seeded": seeded}
    return Answer(facts, (as_json_line(facts),))


def seed_programme(configured: Settings, demo: bool) -> bool:
    """Give a database its programme; returns False where there is one, or another process was first.

    Where the demo season is to follow, a mark in the data folder says that the database is not whole yet.
    """
    if read_one(_PROGRAMME) is not None:
        return False
    from app.seeds.base import seed_base

    with transaction() as connection:
        if not is_sqlite(connection):
            connection.execute(text("LOCK TABLE programme IN SHARE ROW EXCLUSIVE MODE"))
        if connection.execute(_PROGRAMME).first() is not None:
            return False
        seed_base(clock.now(), demo=demo)
        if demo:
            unfinished_mark(configured).touch()
    return True


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


commands: list[click.Command] = [prepare]
