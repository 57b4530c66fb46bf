"""What a file would change in a resource: row by row new, changed, unchanged, or what is wrong with it."""

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.gamification.errors import Refusal
from app.gamification.members.names import visible
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.lib.spreadsheet import Sheet, Unreadable
from app.routes.admin.fields import Several
from app.routes.admin.growing import (
    BETWEEN_SEVERAL,
    cells_of,
    form_class,
    keep_fixed,
    names_of,
    offer,
    settings_of,
)
from app.routes.admin.resource.described import Resource
from app.routes.admin.resource.files import shown_only
from app.routes.formats import say
from app.routes.forms import Form

NEW, CHANGED, UNCHANGED, WRONG = "new", "changed", "unchanged", "wrong"
MOST_SHOWN = 500

NO_COLUMN = _l("The column %(column)s is missing. Every row needs it.")
TWICE = _l("The column %(column)s stands there twice.")
TOO_SHORT = _l("This row has %(cells)s cells, but there are %(columns)s columns.")
SAME_AS = _l("This is in row %(row)s already.")
STAYS = _l("This cannot be changed. It is %(value)s, and stays so.")


class Difference(NamedTuple):
    """One field that a row changes, or sets for the first time."""

    label: str
    language: str  # of a text in every language
    before: str
    after: str


class Fault(NamedTuple):
    """What is wrong with one field of a row, or, without a label, with the row."""

    label: str
    words: Markup


@dataclasses.dataclass(frozen=True)
class Row:
    """One row of the file; `row_id` is that of what it changes."""

    number: int
    name: str
    state: str
    row_id: int | None = None
    settings: Any = None
    differences: tuple[Difference, ...] = ()
    faults: tuple[Fault, ...] = ()
    waits: bool = False


@dataclasses.dataclass(frozen=True)
class Plan:
    """The whole file."""

    rows: tuple[Row, ...]
    left_out: tuple[str, ...]  # columns that nobody knows

    def count(self, state: str) -> int:
        """How many rows of the file are so."""
        return self._counts[state]

    @property
    def _counts(self) -> Counter[str]:
        return Counter(row.state for row in self.rows)

    @property
    def writes(self) -> tuple[Row, ...]:
        """The rows that something has to be done for."""
        return tuple(row for row in self.rows if row.state in (NEW, CHANGED))

    @property
    def waiting(self) -> int:
        """How many rows need a second person."""
        return sum(row.waits for row in self.rows)

    @property
    def is_ready(self) -> bool:
        """Whether the file can be brought in as it is."""
        return bool(self.writes) and not self.count(WRONG)

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows that are worth a look: first those with a fault, then those that change something."""
        order = {WRONG: 0, NEW: 1, CHANGED: 1, UNCHANGED: 2}
        return tuple(sorted(self.rows, key=lambda row: order[row.state])[:MOST_SHOWN])

    @property
    def digest(self) -> str:
        """What somebody agreed to who has seen this."""
        told = [(row.number, row.state, row.row_id, row.differences) for row in self.rows]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()

    def with_fault(self, number: int, refusal: Refusal, labels: Mapping[str, str]) -> "Plan":
        """The plan with what one row was refused for when it was stored."""
        fault = Fault(labels.get(refusal.field or "", ""), say(refusal.sentence))
        rows = (
            dataclasses.replace(row, state=WRONG, faults=(fault,)) if row.number == number else row for row in self.rows
        )
        return dataclasses.replace(self, rows=tuple(rows))


def plan_of(resource: Resource, settings: type, sheet: Sheet, present: Sequence[Any]) -> Plan:
    """Compare a file with the rows that are stored. Raises Unreadable for headings that cannot be used."""
    names = [name for name, _, _ in names_of(settings)]
    places = _places(resource, names, sheet.headings)
    stored = {}
    for row in present:
        values = resource.values_of(row)
        stored[tuple(str(getattr(values, name)) for name in resource.identity)] = row[0], values
    form = form_class(settings)(formdata=None)
    offer(form, settings)
    seen: dict[tuple[str, ...], int] = {}
    rows = []
    for number, cells in sheet.rows:
        if len(cells) != len(sheet.headings) and any(cell.strip() for cell in cells[len(sheet.headings) :]):
            words = say(Sentence(TOO_SHORT, {"cells": len(cells), "columns": len(sheet.headings)}))
            rows.append(Row(number, "", WRONG, faults=(Fault("", words),)))
            continue
        given = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        rows.append(_row(resource, settings, form, number, given, stored, seen))
    known = {*names, *(column.key for column in shown_only(resource)), ""}
    return Plan(tuple(rows), tuple(heading for heading in sheet.headings if heading not in known))


def labels_of(settings: type) -> dict[str, str]:
    """What each field of the form is called."""
    return {name: field.metadata["label"] for name, field, _ in names_of(settings)}


def _places(resource: Resource, names: Sequence[str], headings: Sequence[str]) -> dict[str, int]:
    for heading in headings:
        if heading in names and headings.count(heading) > 1:
            raise Unreadable(TWICE, column=heading)
    for name in resource.identity:
        if name not in headings:
            raise Unreadable(NO_COLUMN, column=name)
    return {heading: place for place, heading in enumerate(headings) if heading in names}


def _row(
    resource: Resource,
    settings: type,
    form: Form,
    number: int,
    given: Mapping[str, str],
    stored: Mapping[tuple[str, ...], tuple[int, Any]],
    seen: dict[tuple[str, ...], int],
) -> Row:
    key = tuple(visible(given[name]) for name in resource.identity)
    row_id, before = stored.get(key, (None, None))
    # A column that the file lacks stays as it is, or starts as a new form does.
    cells = cells_of(before) if before is not None else _defaults(form)
    form.process(_posted(form, {**cells, **given}))
    faults = list(_held(settings, form, before, given))
    if before is not None:
        keep_fixed(form, before)
    form.validate()
    faults += _faults(settings, form)
    if key in seen:
        faults.append(Fault(labels_of(settings)[resource.identity[-1]], say(Sentence(SAME_AS, {"row": seen[key]}))))
    seen.setdefault(key, number)
    if faults:
        return Row(number, " ".join(key), WRONG, row_id, faults=tuple(faults))
    filled = settings_of(form, settings)
    try:
        resource.check(filled, before)
    except Refusal as refusal:
        fault = Fault(labels_of(settings).get(refusal.field or "", ""), say(refusal.sentence))
        return Row(number, " ".join(key), WRONG, row_id, faults=(fault,))
    differences = tuple(_differences(settings, before, filled))
    state = NEW if before is None else CHANGED if differences else UNCHANGED
    waits = state != UNCHANGED and resource.waits(filled, before)
    return Row(number, " ".join(key), state, row_id, filled, differences, waits=waits)


def _defaults(form: Form) -> dict[str, str]:
    return {field.name: "" for field in form if field.default is None} | {
        field.name: _default_cell(field.default) for field in form if field.default is not None
    }


def _default_cell(default: Any) -> str:
    value = default() if callable(default) else default
    if isinstance(value, bool):
        return "true" if value else "false"
    return BETWEEN_SEVERAL.join(value) if isinstance(value, list | tuple | frozenset) else str(value)


def _posted(form: Form, cells: Mapping[str, str]) -> MultiDict[str, str]:
    """The cells as a browser would have sent them."""
    posted: MultiDict[str, str] = MultiDict()
    for field in form:
        cell = cells.get(field.name, "")
        if isinstance(field, Several):
            posted.setlist(field.name, [part.strip() for part in cell.split(BETWEEN_SEVERAL) if part.strip()])
        else:
            posted.add(field.name, cell.strip() if "\n" not in cell else cell)
    return posted


def _held(settings: type, form: Form, before: Any, given: Mapping[str, str]) -> Iterator[Fault]:
    """A `fixed` field that the file tries to change."""
    if before is None:
        return
    cells = cells_of(before)
    for name, field, _ in names_of(settings):
        if field.metadata.get("fixed") and name in given and given[name].strip() != cells[name]:
            yield Fault(field.metadata["label"], say(Sentence(STAYS, {"value": cells[name]})))


def _faults(settings: type, form: Form) -> Iterator[Fault]:
    for name, field, code in names_of(settings):
        for error in form[name].errors[:1]:
            label = say(field.metadata["label"]) + (f" ({LANGUAGES[code]})" if code else "")
            yield Fault(label, say(error))


def _differences(settings: type, before: Any, after: Any) -> Iterator[Difference]:
    then = cells_of(before) if before is not None else {}
    now = cells_of(after)
    for name, field, code in names_of(settings):
        if now[name] != then.get(name, ""):
            yield Difference(field.metadata["label"], code, then.get(name, ""), now[name])
