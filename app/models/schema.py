"""The database's revision against the one this code needs, and the way from one to the other."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.models.base import db, reader

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


@cache
def needed_revision() -> str | None:
    """The newest revision in `migrations/`."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def present_revision() -> str | None:
    """The revision the database stands at; None for an empty one."""
    with reader().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current() -> bool:
    """Whether the database is the one this code was written for."""
    return present_revision() == needed_revision()


def migrate() -> bool:
    """Bring the database up to date; returns whether there was anything to do.

    Two processes that start together do it once: the second waits for the first. Raises alembic's CommandError when
    the database stands at a revision that this code does not know.
    """
    if is_current():
        return False
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    command.upgrade(config, "head")
    # What the readers know of the tables is from before.
    reader().dispose()
    db.engine.dispose()
    return True
