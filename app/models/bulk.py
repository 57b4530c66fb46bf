"""Many rows in one statement, in the way each database likes best.

SQLite takes prepared statements in a tight loop inside the driver; PostgreSQL takes COPY for plain inserts and one JSON
parameter for everything else (arrays of parameters cost several times as much CPU, ORM objects forty times).
Rows are tuples of plain values: int, str, bytes, bool, None. Instants are microseconds, see models/base.py.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.models.base import is_sqlite

Row = tuple[Any, ...]

_encoder = msgspec.json.Encoder()


def select_by_ids(connection: Connection, statement: str, ids: Iterable[int], *more: Any) -> Sequence[Any]:
    """All rows of a statement that joins the table `ids(id)`; further values stand as `?` in the statement.

    Write `FROM ids CROSS JOIN other ON …`: SQLite then keeps the ids outside and looks each one up by index.
    """
    return execute(connection, *_joining(connection, statement, "ids(id)", "bigint", ids, more)).all()


def select_by_texts(connection: Connection, statement: str, texts: Iterable[str], *more: Any) -> Sequence[Any]:
    """All rows of a statement that joins the table `texts(value)`; like select_by_ids."""
    return execute(connection, *_joining(connection, statement, "texts(value)", "text", texts, more)).all()


def tuples_by_ids(connection: Connection, statement: str, ids: Iterable[int], *more: Any) -> list[Row]:
    """What select_by_ids returns, as the driver's plain tuples: a third of the cost, for what every round reads."""
    return tuples(connection, *_joining(connection, statement, "ids(id)", "bigint", ids, more))


def tuples_by_texts(connection: Connection, statement: str, texts: Iterable[str], *more: Any) -> list[Row]:
    """What select_by_texts returns, as plain tuples."""
    return tuples(connection, *_joining(connection, statement, "texts(value)", "text", texts, more))


def tuples_by_keys(
    connection: Connection, statement: str, columns: dict[str, str], keys: Iterable[Row], *more: Any
) -> list[Row]:
    """All rows, as plain tuples, of a statement that joins the table `keys` of these columns.

    `columns`: name → PostgreSQL type. Only as a whole does a key find its row by an index of several columns.
    """
    names, rows = ", ".join(columns), list(keys)
    if is_sqlite(connection):
        places = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(columns)))
        source = f"SELECT {places} FROM json_each(?)"
        values: Row = (_encode(rows), *more)
    else:
        arrays = ", ".join(f"?::{type_}[]" for type_ in columns.values())
        source, statement = f"SELECT * FROM unnest({arrays})", statement.replace("CROSS JOIN", "JOIN")
        values = (*([row[place] for row in rows] for place in range(len(columns))), *more)
    return tuples(connection, f"WITH keys({names}) AS ({source}) {statement}", values)


def execute(connection: Connection, statement: str, values: Row = ()) -> Any:
    """One statement with `?` places on either database."""
    if not is_sqlite(connection):
        statement = statement.replace("?", "%s")
    return connection.exec_driver_sql(statement, values)


def tuples(connection: Connection, statement: str, values: Row = ()) -> list[Row]:
    """All rows of one statement with `?` places, as the driver's plain tuples."""
    if not is_sqlite(connection):
        statement = statement.replace("?", "%s")
    cursor = _cursor(connection)
    try:
        cursor.execute(statement, values)
        rows: list[Row] = cursor.fetchall()
    except _driver(connection).Error as error:
        raise _named(connection, statement, error) from error
    finally:
        cursor.close()
    return rows


def _joining(
    connection: Connection, statement: str, table: str, type_: str, keys: Iterable[Any], more: Row
) -> tuple[str, Row]:
    if is_sqlite(connection):
        return f"WITH {table} AS (SELECT value FROM json_each(?)) {statement}", (_encode(list(keys)), *more)
    statement = statement.replace("CROSS JOIN", "JOIN")
    return f"WITH {table} AS (SELECT unnest(?::{type_}[])) {statement}", (list(keys), *more)


def insert(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows that are known to be new."""
    if not rows:
        return
    names = ", ".join(columns)
    if is_sqlite(connection):
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))
        return
    statement = f"COPY {table} ({names}) FROM STDIN"
    try:
        with _cursor(connection).copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except _driver(connection).Error as error:
        raise _named(connection, statement, error) from error


def insert_new(connection: Connection, table: str, columns: dict[str, str], rows: Sequence[Row]) -> int:
    """Insert rows unless a unique key has them already; how many were new. `columns`: name → PostgreSQL type.

    Hand the rows over sorted by key: two deliveries that insert the same keys in different orders would deadlock.
    """
    if not rows:
        return 0
    names = ", ".join(columns)
    if is_sqlite(connection):
        marks = ", ".join("?" * len(columns))
        # Not OR IGNORE, which would pass over a broken CHECK as well.
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        done = connection.exec_driver_sql(statement, list(rows))
    else:
        statement = f"INSERT INTO {table} ({names}) SELECT {names} FROM {_records(columns)} ON CONFLICT DO NOTHING"
        done = connection.exec_driver_sql(statement, (_json_rows(columns, rows),))
    return int(done.rowcount)


def upsert(
    connection: Connection, table: str, columns: dict[str, str], keys: Sequence[str], change: str, rows: Sequence[Row]
) -> None:
    """Insert rows, or make the change (`sum = t.sum + excluded.sum`) to the row `t` of the same key; sorted by key."""
    if not rows:
        return
    names = ", ".join(columns)
    conflict = f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {change}"
    if is_sqlite(connection):
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} AS t ({names}) VALUES ({marks}) {conflict}", list(rows))
    else:
        statement = f"INSERT INTO {table} AS t ({names}) SELECT {names} FROM {_records(columns)} {conflict}"
        connection.exec_driver_sql(statement, (_json_rows(columns, rows),))


def update(
    connection: Connection, table: str, keys: dict[str, str], columns: dict[str, str], rows: Sequence[Row]
) -> None:
    """Set the columns of the rows named by the keys; each tuple holds the columns' values, then the keys'."""
    if not rows:
        return
    if is_sqlite(connection):
        sets = ", ".join(f"{name} = ?" for name in columns)
        where = " AND ".join(f"{name} = ?" for name in keys)
        connection.exec_driver_sql(f"UPDATE {table} SET {sets} WHERE {where}", list(rows))
        return
    sets = ", ".join(f"{name} = new.{name}" for name in columns)
    where = " AND ".join(f"{table}.{name} = new.{name}" for name in keys)
    both = {**columns, **keys}
    connection.exec_driver_sql(
        f"UPDATE {table} SET {sets} FROM {_records(both, 'new')} WHERE {where}", (_json_rows(both, rows),)
    )


def delete(connection: Connection, table: str, keys: dict[str, str], rows: Sequence[Row]) -> None:
    """Delete the rows named by their keys."""
    if not rows:
        return
    if is_sqlite(connection):
        where = " AND ".join(f"{name} = ?" for name in keys)
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE {where}", list(rows))
        return
    where = " AND ".join(f"{table}.{name} = old.{name}" for name in keys)
    connection.exec_driver_sql(
        f"DELETE FROM {table} USING {_records(keys, 'old')} WHERE {where}", (_json_rows(keys, rows),)
    )


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()


def _driver(connection: Connection) -> Any:
    return connection.dialect.loaded_dbapi


def _named(connection: Connection, statement: str, error: Exception) -> BaseException:
    """The driver's error as SQLAlchemy names it, so that whoever catches one need not know how rows are sent."""
    return DBAPIError.instance(statement, None, error, _driver(connection).Error, dialect=connection.dialect)


def _records(columns: dict[str, str], alias: str = "new") -> str:
    # JSON has no bytes: a bytea column travels in base 64 and is decoded on the way out of the record set.
    inner = ", ".join(f"{name} {'text' if type_ == 'bytea' else type_}" for name, type_ in columns.items())
    if "bytea" not in columns.values():
        return f"json_to_recordset(%s::json) AS {alias}({inner})"
    outer = ", ".join(f"decode({name}, 'base64') AS {name}" if t == "bytea" else name for name, t in columns.items())
    return f"(SELECT {outer} FROM json_to_recordset(%s::json) AS raw({inner})) AS {alias}"


def _json_rows(columns: dict[str, str], rows: Sequence[Row]) -> str:
    names = tuple(columns)
    return _encode([dict(zip(names, row, strict=True)) for row in rows])


def _encode(value: Any) -> str:
    return _encoder.encode(value).decode()
