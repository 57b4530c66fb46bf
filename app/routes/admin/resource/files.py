"""A resource as a file: what the list shows now, with everything that a form would ask, so that it can come back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import Response

from app.lib import clock
from app.lib.i18n import pick
from app.lib.spreadsheet import written
from app.models.base import read_all
from app.routes.admin.growing import cells_of, names_of
from app.routes.admin.resource.described import Column, Resource
from app.routes.admin.resource.listing import asked_of
from app.routes.formats import say_plainly
from app.routes.language import language

MOST_EXPORTED = 100_000


def export_of(resource: Resource) -> Response:
    """The rows that this request asks for, as a file to keep.

    What can be set stands under the names that an import knows; what is only shown, after it, under its column's key.
    """
    rows = read_all(resource.matching(asked_of(resource)).limit(MOST_EXPORTED))
    if resource.Settings is None:
        titles = [language().text(column.title) for column in resource.columns]
        return csv_file(resource.key, titles, (_shown(resource.columns, row) for row in rows))
    shown = shown_only(resource)
    headings = [*settable(resource), *(column.key for column in shown)]
    return csv_file(resource.key, headings, _whole(resource, shown, rows))


def settable(resource: Resource) -> list[str]:
    """The headings of what can be set."""
    return [] if resource.Settings is None else [name for name, _, _ in names_of(resource.Settings)]


def shown_only(resource: Resource) -> list[Column]:
    """The columns of the list that say something which no form asks."""
    asked = set() if resource.Settings is None else {field.name for _, field, _ in names_of(resource.Settings)}
    return [column for column in resource.columns if column.key not in asked]


def _whole(resource: Resource, shown: Sequence[Column], rows: Iterable[Any]) -> Iterator[list[Any]]:
    for row in rows:
        yield [*cells_of(resource.values_of(row)).values(), *_shown(shown, row)]


def _shown(columns: Sequence[Column], row: Any) -> list[Any]:
    return [plain_cell(column.kind, column.cell(row)) for column in columns]


def plain_cell(kind: str, value: Any) -> Any:
    """A cell as a file holds it."""
    if value is None:
        return ""
    if kind == "moment":
        return value.isoformat(timespec="seconds")
    if kind == "tone":
        value = value[0]
    if kind in ("words", "tone"):
        return language().text(value) if isinstance(value, str) else say_plainly(value)
    if kind == "texts" and isinstance(value, Mapping):
        return pick(dict(value), language().code)
    return value


def csv_file(name: str, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A CSV file to keep, its formulas defused."""
    stamp = clock.now().strftime("%Y%m%d-%H%M")
    headers = {"Content-Disposition": f'attachment; filename="laurel-{name}-{stamp}.csv"'}
    return Response("".join(written(titles, rows)), mimetype="text/csv; charset=utf-8", headers=headers)
