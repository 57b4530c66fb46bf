"""A subject of what is known of a person, and how much of it is read at once."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from app.models.base import read_all

STRETCH = 500


class Part(NamedTuple):
    """One subject: its name, what it is in a sentence, what a table of it has for columns, and its entries.

    A column is the path to a value in an entry: `figures.lots`.
    """

    name: str
    about: str
    columns: tuple[str, ...]
    entries: Iterable[dict[str, Any]]


def table(name: str, about: str, statement: Any, member_id: int) -> Part:
    """A part that is rows under the names of their columns."""
    return Part(name, about, columns_of(statement), rows_of(statement, member_id))


def columns_of(statement: Any) -> tuple[str, ...]:
    """What the columns of a statement are called."""
    return tuple(statement.selected_columns.keys())


def rows_of(statement: Any, member_id: int) -> Iterator[dict[str, Any]]:
    """The rows of a statement about `of_member`; digests as hexadecimal text."""
    for row in read_all(statement, {"of_member": member_id}):
        yield {
            name: bytes(one).hex() if isinstance(one, bytes | memoryview) else one for name, one in row._mapping.items()
        }


def in_stretches(statement: Any, member_id: int) -> Iterator[Any]:
    """All rows of a statement that reads `most` rows of an `id` behind `after`."""
    after, most = 0, STRETCH
    while rows := read_all(statement, {"of_member": member_id, "after": after, "most": most}):
        yield from rows
        if len(rows) < most:
            return
        after = rows[-1].id
