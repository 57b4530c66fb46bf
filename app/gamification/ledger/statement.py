"""Statements of pages, built once at import."""

from sqlalchemy import TextualSelect, column, text


def statement(sql: str, names: str) -> TextualSelect:
    """A statement and the names of its answer's columns, which SQLAlchemy otherwise works out at every page (60 µs)."""
    return text(sql).columns(*(column(name) for name in names.split()))
