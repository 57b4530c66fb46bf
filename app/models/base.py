"""The database: the write engine with its one transaction, the read engine for pages, and the column types."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Engine,
    MetaData,
    SmallInteger,
    Text,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry
from sqlalchemy.sql import Executable
from sqlalchemy.types import TypeDecorator

from app.config import Settings
from app.lib.clock import from_micros, to_micros

Kept = TypeVar("Kept")
Pause = Callable[[float], None]

YIELD_SECONDS = 0.002


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as whole microseconds since 1970 so that both databases hold the same number."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else from_micros(value)


instant = Annotated[datetime, mapped_column(Instant)]
small = Annotated[int, mapped_column(SmallInteger)]
big = Annotated[int, mapped_column(BigInteger)]


class Base(DeclarativeBase):
    registry = registry(type_annotation_map={datetime: Instant, dict[str, Any]: JSON, list[Any]: JSON, str: Text})
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def init_database(app: Flask, url: str) -> None:
    """Bind the write engine and the read engine of one application."""
    sqlite = make_url(url).get_backend_name() == "sqlite"
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = (
        # pysqlite's own transaction handling is off: `BEGIN IMMEDIATE` below opens every transaction.
        {"connect_args": {"isolation_level": None, "timeout": 15, "cached_statements": 512}}
        if sqlite
        else {"pool_size": 16, "max_overflow": 24, "pool_pre_ping": True, "pool_recycle": 1800}
    )
    db.init_app(app)
    with app.app_context():
        if sqlite:
            event.listen(db.engine, "connect", _prepare_sqlite_writer)
            # Without it two transactions that read first and write later lose updates.
            event.listen(db.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    app.extensions["laurel_reader"] = _read_engine(url, sqlite)


# Every statement has its index. Without statistics the planner may scan a whole table to make one of its own, or a
# filter, for a handful of rows.
NO_SCANS = "automatic_index=OFF"


def _prepare_sqlite_writer(connection: Any, _record: Any) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        # Or INSERT OR REPLACE would drop rows past the triggers that refuse it.
        "recursive_triggers=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
        NO_SCANS,
        "wal_autocheckpoint=4000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _read_engine(url: str, sqlite: bool) -> Engine:
    # An engine of its own: an AUTOCOMMIT view of the write engine would still fire BEGIN IMMEDIATE on each page.
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
    if not sqlite:
        return create_engine(url, pool_size=16, max_overflow=24, pool_recycle=1800, **options)
    engine = create_engine(
        url, connect_args={"isolation_level": None, "timeout": 15, "cached_statements": 512}, **options
    )

    @event.listens_for(engine, "connect")
    def _read_only(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA query_only=ON")
        connection.execute(f"PRAGMA {NO_SCANS}")
        connection.execute("PRAGMA cache_size=-32768")
        connection.execute("PRAGMA mmap_size=268435456")

    return engine


def settings() -> Settings:
    """The settings of the running application."""
    found: Settings = current_app.extensions["laurel_settings"]
    return found


def reader() -> Engine:
    """The engine of pages: reads only, each statement sees what was committed before it."""
    engine: Engine = current_app.extensions["laurel_reader"]
    return engine


def kept_by_app(name: str, make: Callable[[], Kept]) -> Kept:
    """A value that lives as long as the application, made at the first call."""
    values = current_app.extensions.setdefault("laurel_kept", {})
    if name not in values:
        values.setdefault(name, make())
    kept: Kept = values[name]
    return kept


def read_all(statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """All rows of a statement built once at import."""
    with reader().connect() as connection:
        return connection.execute(statement, values or {}).all()


def read_one(statement: Executable, values: Mapping[str, Any] | None = None) -> Any:
    """The first row of a statement, or None."""
    with reader().connect() as connection:
        return connection.execute(statement, values or {}).first()


class NestedTransaction(RuntimeError):
    """A transaction was opened inside another: the caller no longer knows what is committed."""


class _Open(NamedTuple):
    connection: Connection
    after_commit: list[Callable[[], None]]


_open: ContextVar[_Open | None] = ContextVar("laurel_transaction", default=None)


@contextmanager
def transaction() -> Iterator[Connection]:
    """The only thing that commits; opened by a writing route, a task or a command, never inside another.

    A bare connection, because a session of the ORM costs a delivery of one activity a tenth more. What was handed to
    `after_commit` runs once the commit stands.
    """
    if in_transaction():
        raise NestedTransaction("a transaction is open already")
    callbacks: list[Callable[[], None]] = []
    with db.engine.connect() as opened, opened.begin():
        token = _open.set(_Open(opened, callbacks))
        try:
            yield opened
        finally:
            _open.reset(token)
    for callback in callbacks:
        callback()


def in_transaction() -> bool:
    """Whether a transaction is open here."""
    return _open.get() is not None


def after_commit(callback: Callable[[], None]) -> None:
    """Run once the open transaction is committed; never when it is rolled back."""
    opened = _open.get()
    if opened is None:
        raise RuntimeError("after_commit() outside a transaction")
    opened.after_commit.append(callback)


def connection() -> Connection:
    """The connection of the open transaction; raises outside of one."""
    opened = _open.get()
    if opened is None:
        raise RuntimeError("a write outside transaction()")
    return opened.connection


def is_sqlite(engine_or_connection: Engine | Connection) -> bool:
    """Whether the statements must be SQLite's."""
    return engine_or_connection.dialect.name == "sqlite"


def give_way(pause: Pause = time.sleep) -> None:
    """Between the transactions of a long job: SQLite has one writer, and pages would wait until the last of them."""
    if is_sqlite(db.engine):
        pause(YIELD_SECONDS)


def is_the_databases(failure: Exception) -> bool:
    """Whether the database is away, locked or full, which says nothing about the rows."""
    # By name, because the drivers' own errors come through beside SQLAlchemy's.
    return bool({"OperationalError", "InterfaceError"} & {kind.__name__ for kind in type(failure).__mro__})


def plain_json(stored: Any) -> dict[str, Any]:
    """JSON that a text statement read, which knows no types: SQLite's driver hands over text, PostgreSQL's a dict."""
    plain: dict[str, Any] = json.loads(stored) if isinstance(stored, str) else stored
    return plain


def to_json(value: Any) -> str:
    """Compact JSON for a statement's parameter."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
