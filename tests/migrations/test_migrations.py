"""What the migrations build is what the models describe, and they can be walked both ways."""

import re
import subprocess
import sys
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.util import CommandError
from flask import Flask
from sqlalchemy import Connection, inspect

import app.models  # noqa: F401
from app.models import schema
from app.models.base import db, is_sqlite, reader
from tests.house.source import ROOT

MIGRATE = """
import sys
from flask import Flask
from app.models import schema
from app.models.base import init_database
app = Flask("bare")
init_database(app, sys.argv[1])
with app.app_context():
    schema.migrate()
"""
OUTER_COMMA = re.compile(r",(?![^(]*\))")
ALL_INDEXES = "SELECT tablename || ': ' || indexdef FROM pg_indexes WHERE schemaname = 'public'"
ALL_CONSTRAINTS = """
SELECT conrelid::regclass || ': ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace"""
ALL_COLUMNS = """
SELECT concat_ws(' ', table_name, column_name, data_type, column_default, is_nullable, is_identity)
FROM information_schema.columns WHERE table_schema = 'public'"""
ALL_SEQUENCES = "SELECT concat_ws(' ', sequencename, start_value, increment_by) FROM pg_sequences"
ALL_FILLFACTORS = "SELECT relname || ': ' || reloptions::text FROM pg_class WHERE reloptions::text LIKE '%fillfactor%'"
ALL_TABLES = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger'"


def description(connection: Connection) -> set[str]:
    """Everything there is in a database, said by itself, in words that can be compared."""
    queries = (
        [ALL_TABLES]
        if is_sqlite(connection)
        else [ALL_INDEXES, ALL_CONSTRAINTS, ALL_COLUMNS, ALL_SEQUENCES, ALL_FILLFACTORS]
    )
    said = {text for query in queries for (text,) in connection.exec_driver_sql(query.replace("%", "%%")).all()}
    return {sorted_lines(text) for text in said if "alembic_version" not in text}


def sorted_lines(statement: str) -> str:
    """A statement with its parts in order of the alphabet: SQLite keeps what was added later on the last line."""
    head, _, body = " ".join(statement.split()).partition("(")
    *columns, last = OUTER_COMMA.split(body.replace("( ", "(").replace(" )", ")"))
    column, _, options = last.rpartition(")")
    return "\n".join([head.strip(), *sorted(part.strip() for part in [*columns, column]), options.strip()])


def described() -> set[str]:
    with reader().connect() as connection:
        return description(connection)


def walk_to(revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.FOLDER))
    (command.upgrade if revision == "head" else command.downgrade)(config, revision)
    db.engine.dispose()
    reader().dispose()


# What these leave out, indexes over an expression on SQLite, is compared as SQL below.
@pytest.mark.filterwarnings("ignore:autogenerate skipping", "ignore:Skipped unsupported reflection")
def test_a_migrated_database_is_what_the_models_describe(bare_app: Flask):
    schema.migrate()
    migrated = described()
    with db.engine.connect() as connection:
        options: dict[str, Any] = {"compare_type": True, "compare_server_default": True}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)
    assert differences == []
    walk_to("base")
    db.metadata.create_all(db.engine)
    assert migrated == described()


def test_it_can_be_walked_back_and_forth(bare_app: Flask):
    walk_to("head")
    there = described()
    walk_to("base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    walk_to("head")
    assert described() == there


def test_a_second_migration_finds_nothing_to_do(bare_app: Flask):
    assert schema.present_revision() is None
    assert not schema.is_current()
    assert schema.migrate() is True
    assert schema.is_current()
    assert schema.migrate() is False


def test_two_processes_that_start_together_migrate_once(bare_app: Flask):
    command_line = [sys.executable, "-c", MIGRATE, bare_app.config["SQLALCHEMY_DATABASE_URI"]]
    both = [subprocess.Popen(command_line, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate()[1] for process in both] == ["", ""]
    assert schema.is_current()


def test_a_database_from_the_future_is_refused(bare_app: Flask):
    schema.migrate()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CommandError, match="9999"):
        schema.migrate()


@pytest.mark.postgres
def test_the_queue_is_vacuumed_early(bare_app: Flask):
    schema.migrate()
    with reader().connect() as connection:
        options = connection.exec_driver_sql(
            "SELECT reloptions FROM pg_class WHERE relname = 'activity_queue'"
        ).scalar()
    assert "autovacuum_vacuum_scale_factor=0" in options
