"""One pattern for everything that is configured: list, new, edit, duplicate, retire, history, export.

A resource says what it is (columns, filters, a `Settings` dataclass, what creating and changing mean); addresses,
pages, forms, paging and files are the same for all, here.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, request, url_for
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.gamification.audit import reads as audit
from app.gamification.errors import NotFound, Refusal
from app.gamification.staff.rights import Right
from app.lib import clock
from app.lib.i18n import _l
from app.lib.spreadsheet import written
from app.models.base import read_all, read_one, transaction
from app.routes import htmx
from app.routes.admin.growing import form_of, settings_of
from app.routes.desk import current_staff
from app.routes.forms import Form
from app.routes.language import gettext
from app.routes.rendering import page

# A column of a model, or an expression of such.
Expression = ColumnElement[Any] | InstrumentedAttribute[Any]
PER_PAGE = 50
MOST_EXPORTED = 100_000


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of the list: `value` reads the cell from a row; `kind` says how it is drawn.

    Kinds: text, number, moment, words (marked for translation), texts (by language), tone ((words, tone of a pill)).
    """

    key: str
    title: str
    sort: Expression | None = None
    kind: str = "text"
    value: Callable[[Any], Any] | None = None

    def cell(self, row: Any) -> Any:
        """What stands in the cell."""
        return self.value(row) if self.value else getattr(row, self.key)


@dataclasses.dataclass(frozen=True)
class Filter:
    """A choice above the list: value → words, and what it asks of a row."""

    key: str
    title: str
    choices: Callable[[], Mapping[str, str]]
    clause: Callable[[str], ColumnElement[bool]]


class Resource:
    """What is configured. Subclasses fill the attributes and, where they can be written, the verbs."""

    key: ClassVar[str]  # last part of the address: /admin/<key>
    subject: ClassVar[str]  # what the audit log calls one
    title: ClassVar[str]
    one: ClassVar[str]  # "Legal entity"
    about: ClassVar[str] = ""
    icon: ClassVar[str] = "settings"
    write: ClassVar[Right] = Right.CONFIGURE
    rows: ClassVar[Any]  # a select(); its first column is the id
    columns: ClassVar[Sequence[Column]]
    search: ClassVar[Sequence[Expression]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    order: ClassVar[Expression]
    Settings: ClassVar[type | None] = None
    can_retire: ClassVar[bool] = False
    can_duplicate: ClassVar[bool] = False
    empty: ClassVar[str] = _l("Nothing here yet.")
    list_template: ClassVar[str] = "admin/resource/list.html"
    show_template: ClassVar[str] = "admin/resource/show.html"
    form_template: ClassVar[str] = "admin/resource/form.html"

    # What a subclass says

    def name_of(self, row: Any) -> str:
        """What one is called on its own page."""
        return str(row.name)

    def values_of(self, row: Any) -> Any:
        """The Settings of a stored row, for its form."""
        raise NotImplementedError

    def create(self, by: int, settings: Any) -> int:
        """Store a new one; its id. Inside an open transaction; may raise a Refusal."""
        raise NotImplementedError

    def update(self, by: int, row_id: int, settings: Any) -> None:
        """Store changes. Inside an open transaction; may raise a Refusal."""
        raise NotImplementedError

    def retire(self, by: int, row_id: int) -> None:
        """Take it out of use, or back into it. Inside an open transaction; may raise a Refusal."""
        raise NotImplementedError

    def copy_of(self, row: Any) -> Any:
        """The Settings that a duplicate's form starts with."""
        return self.values_of(row)

    def context(self, row: Any) -> dict[str, Any]:
        """What its own pages need beside the row."""
        return {}

    # What the pattern does with it

    @property
    def blueprint_name(self) -> str:
        return f"admin_{self.key.replace('-', '_')}"

    def address(self, verb: str = "index", **values: Any) -> str:
        """The address of one of its pages."""
        return url_for(f"{self.blueprint_name}.{verb}", **values)

    def find(self, row_id: int) -> Any:
        """One row by id; raises NotFound."""
        id_column = next(iter(self.rows.selected_columns))
        row = read_one(self.rows.where(id_column == row_id))
        if row is None:
            raise NotFound()
        return row

    def matching(self, asked: Mapping[str, str]) -> Any:
        """The rows that a search and its filters leave, in the order asked for."""
        statement = self.rows
        if (words := asked.get("q", "").strip()) and self.search:
            pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            statement = statement.where(or_(*(column.ilike(pattern, escape="\\") for column in self.search)))
        for choice in self.filters:
            if (value := asked.get(choice.key, "")) and value in choice.choices():
                statement = statement.where(choice.clause(value))
        id_column = next(iter(self.rows.selected_columns))
        return statement.order_by(self._order(asked.get("sort", "")), id_column)

    def _order(self, asked: str) -> Expression:
        sorts = {column.key: column.sort for column in self.columns if column.sort is not None}
        chosen = sorts.get(asked.removeprefix("-"))
        if chosen is None:
            return self.order
        return chosen.desc() if asked.startswith("-") else chosen.asc()


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

    def link(self, **changes: Any) -> str:
        """This list with something asked differently."""
        asked = {name: value for name, value in {**self.asked, **changes}.items() if value not in ("", None)}
        return f"{self.address}?{urlencode(asked)}" if asked else self.address

    def sorted_by(self, key: str) -> str:
        """The list sorted by a column, or the other way round where it is already."""
        return self.link(sort=f"-{key}" if self.asked.get("sort") == key else key, page="")

    @property
    def is_narrowed(self) -> bool:
        return any(value for name, value in self.asked.items() if name not in ("sort", "page"))


def listing(resource: Resource, address: str) -> Listing:
    """The page of the list that this request asks for."""
    names = ("q", "sort", *(choice.key for choice in resource.filters))
    asked = {name: request.args.get(name, "")[:200] for name in names}
    statement = resource.matching(asked)
    total: int = read_one(select(func.count()).select_from(statement.order_by(None).subquery()))[0]
    wanted = request.args.get("page", "1")
    last = max(1, -(-total // PER_PAGE))
    number = min(int(wanted) if wanted.isdecimal() and len(wanted) < 7 else 1, last) or 1
    rows = read_all(statement.limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return Listing(rows, total, number, asked | {"page": str(number) if number > 1 else ""}, address)


def blueprint(resource: Resource, import_name: str) -> Blueprint:
    """The pages of a resource under /admin/<key>; routes/access.py opens them."""
    bp = Blueprint(resource.blueprint_name, import_name, url_prefix=f"/admin/{resource.key}")

    @bp.get("")
    def index() -> Response:
        found = listing(resource, resource.address())
        return page(resource.list_template, "admin/resource/_list.html", resource=resource, listing=found)

    @bp.get("/export.csv")
    def export() -> Response:
        asked = {name: value[:200] for name, value in request.args.items()}
        rows = read_all(resource.matching(asked).limit(MOST_EXPORTED))
        return csv_file(resource.key, [gettext(one.title) for one in resource.columns], _cells(resource, rows))

    @bp.get("/<int:row_id>")
    def show(row_id: int) -> Response:
        row = resource.find(row_id)
        return page(resource.show_template, resource=resource, row=row, **resource.context(row))

    @bp.get("/<int:row_id>/history")
    def history(row_id: int) -> Response:
        row = resource.find(row_id)
        entries = audit.of_subject(resource.subject, row_id)
        return page("admin/resource/history.html", resource=resource, row=row, entries=entries)

    if resource.Settings is not None:
        _writing(bp, resource, resource.Settings)
    return bp


def _writing(bp: Blueprint, resource: Resource, settings: type) -> None:
    @bp.get("/new")
    def new() -> Response:
        source = request.args.get("from", "")
        values = resource.copy_of(resource.find(int(source))) if source.isdecimal() and len(source) < 12 else None
        return _form(resource, form_of(settings, values))

    @bp.post("")
    def create() -> Response:
        form = form_of(settings)
        try:
            if not form.validate():
                return _form(resource, form, status=422)
            with transaction():
                row_id = resource.create(current_staff().id, settings_of(form, settings))
        except Refusal as refusal:
            form.refuse(refusal)
            return _form(resource, form, status=422)
        flash(_l("Saved."))
        return htmx.see_other(resource.address("show", row_id=row_id))

    @bp.get("/<int:row_id>/edit")
    def edit(row_id: int) -> Response:
        row = resource.find(row_id)
        return _form(resource, form_of(settings, resource.values_of(row)), row)

    @bp.post("/<int:row_id>")
    def update(row_id: int) -> Response:
        row, form = resource.find(row_id), form_of(settings)
        try:
            if not form.validate():
                return _form(resource, form, row, status=422)
            with transaction():
                resource.update(current_staff().id, row_id, settings_of(form, settings))
        except Refusal as refusal:
            form.refuse(refusal)
            return _form(resource, form, row, status=422)
        flash(_l("Saved."))
        return htmx.see_other(resource.address("show", row_id=row_id))

    if resource.can_retire:

        @bp.post("/<int:row_id>/retirement")
        def retire(row_id: int) -> Response:
            resource.find(row_id)
            with transaction():
                resource.retire(current_staff().id, row_id)
            flash(_l("Saved."))
            return htmx.see_other(resource.address("show", row_id=row_id))


def _form(resource: Resource, form: Form, row: Any = None, *, status: int = 200) -> Response:
    context = {} if row is None else resource.context(row)
    return page(resource.form_template, resource=resource, form=form, row=row, status=status, **context)


def _cells(resource: Resource, rows: Iterable[Any]) -> Iterable[list[Any]]:
    for row in rows:
        yield [plain_cell(column.kind, column.cell(row)) for column in resource.columns]


def plain_cell(kind: str, value: Any) -> Any:
    """A cell as a file holds it."""
    if value is None:
        return ""
    if kind == "moment":
        return value.isoformat(timespec="seconds")
    if kind == "words":
        return gettext(value)
    if kind == "tone":
        return gettext(value[0])
    if kind == "texts":
        return value.get("en", "")
    return value


def csv_file(name: str, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A CSV file to keep, its formulas defused."""
    stamp = clock.now().strftime("%Y%m%d-%H%M")
    headers = {"Content-Disposition": f'attachment; filename="laurel-{name}-{stamp}.csv"'}
    return Response("".join(written(titles, rows)), mimetype="text/csv; charset=utf-8", headers=headers)
