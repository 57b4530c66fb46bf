"""Counts what a page asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from app.models.base import db, reader


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collects every statement that is sent on either engine inside the block."""
    seen: list[str] = []

    def sent(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(" ".join(statement.split()))

    engines = (db.engine, reader())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", sent)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", sent)
