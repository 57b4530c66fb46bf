"""One page of a resource's list: what was asked for, found, and the addresses that sort, turn and export it."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy import func, select

from app.models.base import read_all, read_one
from app.routes.admin.resource.described import Column, Resource

PER_PAGE = 50
LONGEST_ASKED = 200


@dataclasses.dataclass(frozen=True)
class Listing:
    """One page of a list, with the addresses that sort, turn and export it."""

    rows: Sequence[Any]
    total: int
    number: int
    asked: Mapping[str, str]
    address: str

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))

    @property
    def first(self) -> int:
        return (self.number - 1) * PER_PAGE + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.total, self.number * PER_PAGE)

    def query(self, **changes: Any) -> str:
        """What follows the address: "?q=…", or "" where nothing is asked."""
        asked = {name: value for name, value in {**self.asked, **changes}.items() if value not in ("", None)}
        return f"?{urlencode(asked)}" if asked else ""

    def link(self, **changes: Any) -> str:
        """This list with something asked differently."""
        return self.address + self.query(**changes)

    def sorted_by(self, key: str) -> str:
        """The list sorted by a column, or the other way round where it is already."""
        return self.link(sort=f"-{key}" if self.asked.get("sort") == key else key, page="")

    def way(self, column: Column) -> str:
        """How the list is sorted by a column: ascending, descending or "" for not at all."""
        return {column.key: "ascending", f"-{column.key}": "descending"}.get(self.asked.get("sort", ""), "")

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter leaves rows out."""
        return any(value for name, value in self.asked.items() if name not in ("sort", "page"))


def asked_of(resource: Resource) -> dict[str, str]:
    """What this request asks of a list: search, order and filters."""
    names = ("q", "sort", *(choice.key for choice in resource.filters))
    # A text of PostgreSQL holds no zero byte.
    return {name: request.args.get(name, "").replace("\0", "")[:LONGEST_ASKED] for name in names}


def listing(resource: Resource, address: str) -> Listing:
    """The page of the list that this request asks for. Two statements."""
    asked = asked_of(resource)
    statement = resource.matching(asked)
    total: int = read_one(select(func.count()).select_from(statement.order_by(None).subquery()))[0]
    wanted = request.args.get("page", "1")
    last = max(1, -(-total // PER_PAGE))
    number = min(int(wanted) if wanted.isdecimal() and len(wanted) < 7 else 1, last) or 1
    rows = read_all(statement.limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return Listing(rows, total, number, asked | {"page": str(number) if number > 1 else ""}, address)
