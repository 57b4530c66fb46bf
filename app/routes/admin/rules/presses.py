"""The buttons inside a rule's form: they add and remove rows, and nothing is saved."""

from collections.abc import Iterable

from app.gamification.accrual.bases import bases, load
from app.gamification.accrual.definition import MOST_FACTORS, MOST_GROUPS, MOST_RATES, MOST_ROWS
from app.gamification.accrual.fields import FIELDS
from app.gamification.activities import kind_of
from app.routes.admin.rules.filled import Filled
from app.routes.admin.rules.rows import FactorRow, RateRow, Row


def press(filled: Filled, button: str) -> None:
    """Do what a button says: "add:c:0", "remove:c:0:1", "add:g" … What makes no sense does nothing."""
    verb, _, rest = button.partition(":")
    what, *numbers = rest.split(":")
    places = [int(number) for number in numbers if number.isdecimal() and len(number) < 5]
    if verb == "add":
        _add(filled, what, places)
    elif verb == "remove" and what == "country":
        filled.countries = [code for code in filled.countries if code not in numbers]
    elif verb == "remove":
        _remove(filled, what, places)


def settle(filled: Filled) -> None:
    """Let what depends on something else follow it, once that was chosen anew."""
    load()
    kind = kind_of(filled.kind)
    fitting = [one.key for one in bases.all() if kind is not None and (one.kinds is None or kind.code in one.kinds)]
    if fitting and filled.base not in fitting:
        filled.base = "fixed"
    for group in filled.groups:
        for row in group:
            row.settle()


def fields_of(kind_key: str) -> list[str]:
    """The keys of what an activity of this kind tells."""
    kind = kind_of(kind_key)
    return [key for key, field in FIELDS.items() if kind is not None and kind.code in field.kinds]


def _add(filled: Filled, what: str, places: list[int]) -> None:
    if what == "group" and len(filled.groups) < MOST_GROUPS:
        filled.groups.append([])
        places, what = [len(filled.groups) - 1], "c"
    if what == "c" and places and places[0] < len(filled.groups) and len(filled.groups[places[0]]) < MOST_ROWS:
        group = filled.groups[places[0]]
        asked = {row.field for row in group}
        fields = fields_of(filled.kind)
        if fields:
            row = Row(next((key for key in fields if key not in asked), fields[0]))
            row.settle()
            group.append(row)
            filled.fresh.add(f"c-{places[0]}-{len(group) - 1}")
    elif what in ("g", "s") and len(filled.group_rates) + len(filled.symbol_rates) < MOST_RATES:
        (filled.group_rates if what == "g" else filled.symbol_rates).append(RateRow())
    elif what == "f" and len(filled.factors) < MOST_FACTORS:
        filled.factors.append(FactorRow())


def _remove(filled: Filled, what: str, places: list[int]) -> None:
    if what == "c" and len(places) == 2 and places[0] < len(filled.groups):
        _drop(filled.groups[places[0]], places[1:])
        filled.groups = [group for group in filled.groups if group]
    elif what == "g":
        _drop(filled.group_rates, places)
    elif what == "s":
        _drop(filled.symbol_rates, places)
    elif what == "f":
        _drop(filled.factors, places)


def _drop(rows: list[RateRow] | list[FactorRow] | list[Row], places: Iterable[int]) -> None:
    for place in places:
        if place < len(rows):
            del rows[place]
