"""What a resource says of itself: columns, filters, settings, and what its verbs mean."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from flask import Response, flash, url_for
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.gamification.errors import NotFound, Refusal
from app.gamification.staff.rights import Right, hold
from app.lib.i18n import _l, pick
from app.models.base import connection, read_one
from app.routes import htmx
from app.routes.language import language

# A column of a model, or an expression of such.
Expression = ColumnElement[Any] | InstrumentedAttribute[Any]
WAITS = _l("Somebody else has to approve this. It waits under Approvals.")
SAVED = _l("Saved.")


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of the list: `value` reads the cell from a row; `kind` says how it is drawn.

    Kinds: text, code (a key for machines), number, moment, words (marked for translation), texts (by language), tone
    ((words, tone of a pill)).
    """

    key: str
    title: str
    sort: Expression | None = None
    kind: str = "text"
    value: Callable[[Any], Any] | None = None

    def cell(self, row: Any) -> Any:
        """What stands in the cell; of texts the reader's."""
        found = self.value(row) if self.value else getattr(row, self.key)
        return pick(dict(found), language().code) if self.kind == "texts" else found


@dataclasses.dataclass(frozen=True)
class Filter:
    """A choice above the list: value → words, and what it asks of a row."""

    key: str
    title: str
    choices: Callable[[], Mapping[str, str]]
    clause: Callable[[str], ColumnElement[bool]]


class Proposed(NamedTuple):
    """What `create` and `update` return where nothing is stored before somebody else approves it."""

    proposal_id: int


class RowRefused(Exception):
    """One of several rows could not be stored, by its place among them; none of them is."""

    def __init__(self, place: int, refusal: Refusal) -> None:
        super().__init__(f"row {place}: {refusal}")
        self.place, self.refusal = place, refusal


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
    can_edit: ClassVar[bool] = True  # what has Settings; else it is made once and stays as it is
    can_retire: ClassVar[bool] = False  # rows have `retired_at`
    can_duplicate: ClassVar[bool] = False
    can_import: ClassVar[bool] = False
    identity: ClassVar[tuple[str, ...]] = ("key",)  # the fields of Settings that tell one row of a file from another
    empty: ClassVar[str] = _l("Nothing here yet.")
    save: ClassVar[str] = _l("Save")  # the button of its form
    retiring: ClassVar[str] = _l("It is not offered any more. Everything that uses it stays as it is.")
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

    def create(self, by: int, settings: Any) -> Any:
        """Store a new one; its id, or Proposed. Inside an open transaction; may raise a Refusal."""
        raise NotImplementedError

    def update(self, by: int, row_id: int, settings: Any) -> Proposed | None:
        """Store changes; Proposed where one of them waits. Inside an open transaction; may raise a Refusal."""
        raise NotImplementedError

    def retire(self, by: int, row_id: int) -> None:
        """Take it out of use, or back into it. Inside an open transaction; may raise a Refusal."""
        raise NotImplementedError

    def check(self, settings: Any, before: Any) -> None:
        """Raise the Refusal that `create` (`before` is None) or `update` would; a file's rows are asked. Reads only."""

    def waits(self, settings: Any, before: Any) -> bool:
        """Whether storing this, or a part of it, needs a second person."""
        return False

    def bring_in(self, by: int, rows: Sequence[tuple[int | None, Any]]) -> None:
        """Store the rows of a file: (id of what it changes, or None for a new one; what it is to be).

        Inside an open transaction that has locked all of them. Raises RowRefused. Where files are long, a resource
        writes them in few statements instead.
        """
        for place, (row_id, settings) in enumerate(rows):
            try:
                self.create(by, settings) if row_id is None else self.update(by, row_id, settings)
            except Refusal as refusal:
                raise RowRefused(place, refusal) from refusal

    def copy_of(self, row: Any) -> Any:
        """The Settings that a duplicate's form starts with."""
        return self.values_of(row)

    def context(self, row: Any) -> dict[str, Any]:
        """What its own pages need beside the row."""
        return {}

    def page_of(self, made: Any) -> str:
        """Where what `create` returned is to be seen."""
        return self.address() if isinstance(made, Proposed) else self.address("show", row_id=made)

    def made(self, made: Any) -> Response:
        """The answer to a form that `create` took."""
        flash(WAITS if isinstance(made, Proposed) else SAVED)
        return htmx.see_other(self.page_of(made))

    # What the pattern does with it

    @property
    def blueprint_name(self) -> str:
        return f"admin_{self.key.replace('-', '_')}"

    @property
    def id_column(self) -> Any:
        """The column that `rows` begins with."""
        return next(iter(self.rows.selected_columns))

    def address(self, verb: str = "index", **values: Any) -> str:
        """The address of one of its pages."""
        return url_for(f"{self.blueprint_name}.{verb}", **values)

    def find(self, row_id: int) -> Any:
        """One row by id; raises NotFound."""
        row = read_one(self.rows.where(self.id_column == row_id))
        if row is None:
            raise NotFound()
        return row

    def locked(self, by: int, row_id: int) -> Any:
        """One row that nobody else can change until the commit, and its writer's right held. Raises NotFound."""
        hold({by: self.write})
        connection().execute(
            select(self.id_column).where(self.id_column == row_id).with_for_update(key_share=True)
        ).first()
        row = connection().execute(self.rows.where(self.id_column == row_id)).first()
        if row is None:
            raise NotFound()
        return row

    def locked_rows(self) -> Sequence[Any]:
        """All rows, so that none of them changes until the commit; the right to write is held already."""
        # In order of id: two files that are brought in at once wait for each other instead of deadlocking.
        connection().execute(select(self.id_column).order_by(self.id_column).with_for_update(key_share=True))
        return connection().execute(self.rows).all()

    def matching(self, asked: Mapping[str, str]) -> Any:
        """The rows that a search and its filters leave, in the order asked for."""
        statement = self.rows
        if (words := asked.get("q", "").strip()) and self.search:
            pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            statement = statement.where(or_(*(column.ilike(pattern, escape="\\") for column in self.search)))
        for choice in self.filters:
            if (value := asked.get(choice.key, "")) and value in choice.choices():
                statement = statement.where(choice.clause(value))
        return statement.order_by(self._order(asked.get("sort", "")), self.id_column)

    def _order(self, asked: str) -> Expression:
        sorts = {column.key: column.sort for column in self.columns if column.sort is not None}
        chosen = sorts.get(asked.removeprefix("-"))
        if chosen is None:
            return self.order
        return chosen.desc() if asked.startswith("-") else chosen.asc()


_registered: dict[str, Resource] = {}


def register(resource: Resource) -> None:
    """Remember a resource; of those of one key the last."""
    _registered[resource.key] = resource


def registered() -> list[Resource]:
    """Every resource that has pages, by key."""
    return [_registered[key] for key in sorted(_registered)]
