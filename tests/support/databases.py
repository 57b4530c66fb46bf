"""A database for each test worker, prepared once and put back to that state before every test.

SQLite: the prepared file is the template, copied over the used one. PostgreSQL: what was prepared is kept in the
schema `pristine`; a reset empties the tables that were filled. With `session_replication_role = replica` neither
foreign keys nor the append-only triggers object, and a DELETE of a few rows is ten times quicker than a TRUNCATE.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL, make_url

ON_POSTGRES = "TEST_DATABASE_URL" in os.environ
PREFIX = "laurel_test_"
HOURS_KEPT = 6


class Database(Protocol):
    url: str

    def keep(self) -> None:
        """Remember the present state; called once, when the database is prepared."""

    def reset(self) -> None:
        """Go back to the remembered state. No connection may be in use."""


class SqliteDatabase:
    """A file; the remembered state is its copy."""

    def __init__(self, path: Path) -> None:
        self.path, self.template = path, path.with_suffix(".template")
        self.url = f"sqlite:///{path}"

    def keep(self) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.path, self.template)

    def reset(self) -> None:
        for ending in ("-wal", "-shm"):
            Path(f"{self.path}{ending}").unlink(missing_ok=True)
        # A new file instead of new bytes in the old one: a thread left over from the last test must not damage this.
        fresh = self.path.with_suffix(".fresh")
        shutil.copyfile(self.template, fresh)
        fresh.replace(self.path)


class PostgresDatabase:
    """A database of its own on the server of the tests; the remembered state is in the schema `pristine`."""

    def __init__(self, url: URL) -> None:
        self.url = url.render_as_string(hide_password=False)
        self._connection: Any = None  # kept for all resets: opening one takes longer than a reset

    def keep(self) -> None:
        import psycopg

        with psycopg.connect(self.url) as connection:
            connection.execute(KEEP)

    def reset(self) -> None:
        import psycopg

        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.url, autocommit=True)
            self._connection.execute("SET lock_timeout = '10s'")
        self._connection.execute("SELECT pristine.restore()")
        # What a test with many rows has deleted would be read by every later reset, until a vacuum comes round.
        for (table,) in self._connection.execute(SWOLLEN).fetchall():
            self._connection.execute(f"VACUUM (SKIP_LOCKED) {table}")


SWOLLEN = """
SELECT oid::regclass::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 400 * 1024
"""
KEEP = """
CREATE SCHEMA pristine;
CREATE TABLE pristine.sequence AS
    SELECT seqrelid::regclass AS name, 0::bigint AS value, false AS called FROM pg_sequence;
DO $$
DECLARE item record; filled boolean;
BEGIN
    FOR item IN SELECT name FROM pristine.sequence LOOP
        EXECUTE format('UPDATE pristine.sequence SET (value, called) = (SELECT last_value, is_called FROM %s)
                        WHERE name = %L::regclass', item.name, item.name);
    END LOOP;
    FOR item IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', item.name) INTO filled;
        IF filled THEN EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', item.name, item.name); END IF;
    END LOOP;
END $$;

-- All tables with rows by one statement that is planned once.
DO $$ BEGIN
    EXECUTE (
        SELECT 'CREATE VIEW pristine.filled AS ' || string_agg(
            format('SELECT %L AS name WHERE EXISTS (SELECT 1 FROM public.%I)', tablename, tablename), ' UNION ALL ')
        FROM pg_tables WHERE schemaname = 'public'
    );
END $$;
CREATE TABLE pristine.refill AS
    SELECT t.tablename AS name, format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM pristine.%I',
        t.tablename, c.columns, c.columns, t.tablename) AS statement
    FROM pg_tables t CROSS JOIN LATERAL (
        SELECT string_agg(quote_ident(attname), ', ') AS columns FROM pg_attribute
        WHERE attrelid = format('public.%I', t.tablename)::regclass
          AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    ) c
    WHERE t.schemaname = 'public' AND to_regclass(format('pristine.%I', t.tablename)) IS NOT NULL;

CREATE FUNCTION pristine.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE item record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR item IN SELECT name FROM pristine.filled LOOP
        EXECUTE format('DELETE FROM public.%I', item.name);
    END LOOP;
    FOR item IN SELECT statement FROM pristine.refill LOOP
        EXECUTE item.statement;
    END LOOP;
    PERFORM setval(name, value, called) FROM pristine.sequence;
END $$;
"""


@contextmanager
def empty_postgres(server_url: str, name: str) -> Iterator[PostgresDatabase]:
    """An empty database on the server, dropped at the end; also drops those that killed runs left hours ago."""
    import psycopg

    url = make_url(server_url).set(drivername="postgresql")
    full_name = f"{PREFIX}{int(time.time())}_{name}"
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as server:
        for (old,) in server.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [PREFIX + "%"]
        ).fetchall():
            made = old.removeprefix(PREFIX).partition("_")[0]
            if made.isdigit() and int(made) < time.time() - HOURS_KEPT * 3600:
                server.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{full_name}"')
        # A power cut may cost the tests their data.
        server.execute(f'ALTER DATABASE "{full_name}" SET synchronous_commit = off')
        try:
            yield PostgresDatabase(url.set(database=full_name))
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{full_name}" WITH (FORCE)')
