"""The rows that a rule's form is made of, and how each is found among what was posted."""

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.gamification.accrual.definition import MOST_VALUES, Condition
from app.gamification.accrual.fields import FIELDS, Field
from app.gamification.instruments import instrument
from app.gamification.members.names import visible
from app.lib.i18n import LANGUAGES, _l
from app.routes.admin.fields import typed

Posted = MultiDict[str, str]

# The comparisons of each type of field, the usual one first.
OPS = {
    "number": (">=", "<=", ">", "<", "=", "!=", "in", "not in"),
    "text": ("in", "not in", "=", "!="),
    "flag": ("=", "!="),
}
OP_WORDS = {
    ">=": _l("is at least"),
    "<=": _l("is at most"),
    ">": _l("is more than"),
    "<": _l("is less than"),
    "=": _l("is"),
    "!=": _l("is not"),
    "in": _l("is one of"),
    "not in": _l("is none of"),
}
UNITS = {
    "seconds_open": _l("seconds"),
    "pips_moved": _l("pips"),
    "lots": _l("lots"),
    "amount": _l("in its currency"),
    "score": _l("of 100"),
}
LISTS = ("in", "not in")
_BETWEEN = re.compile(r"[\s,;،、，؛]+")


@dataclass
class Row:
    """One condition as it was typed. Lists stand in `values` one by one, everything else is its first."""

    field: str = ""
    op: str = ""
    values: list[str] = dataclasses.field(default_factory=list)

    @property
    def about(self) -> Field | None:
        """The field that is compared; None where there is none of that name."""
        return FIELDS.get(self.field)

    @property
    def text(self) -> str:
        """What stands in a text control."""
        return ", ".join(self.values)

    @property
    def is_list(self) -> bool:
        return self.op in LISTS

    @property
    def unit(self) -> str:
        """The word behind the figure."""
        return UNITS.get(self.field, "")

    @property
    def control(self) -> str:
        """Which control takes the value: flag, groups, group or text."""
        if self.about is not None and self.about.type == "flag":
            return "flag"
        if self.field == "group":
            return "groups" if self.is_list else "group"
        return "text"

    def settle(self) -> None:
        """Let comparison and value follow the field, once another one was chosen."""
        if self.about is None:
            return
        if self.op not in OPS[self.about.type]:
            self.op = OPS[self.about.type][0]
        if self.about.type == "flag" and self.values[:1] not in (["true"], ["false"]):
            self.values = ["false" if self.field == "bonus_funds" else "true"]

    def plain(self) -> dict[str, object]:
        """The condition as a definition holds it, right or wrong."""
        value: object = self.values if self.is_list else (self.values or [""])[0]
        if self.about is not None and self.about.type == "flag" and value in ("true", "false"):
            value = value == "true"
        return {"field": self.field, "op": self.op, "value": value}


@dataclass
class RateRow:
    """A rate of its own, for an instrument group or a symbol."""

    of: str = ""
    rate: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.rate and not self.of


@dataclass
class FactorRow:
    """A fixed factor with its name by language."""

    factor: str = ""
    name: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        return not self.factor and not any(self.name.values())


def row_of(condition: Condition) -> Row:
    """The row that says a stored condition."""
    value = condition.value
    if isinstance(value, bool):
        return Row(condition.field, condition.op, ["true" if value else "false"])
    return Row(condition.field, condition.op, list(value) if isinstance(value, list) else [value])


def groups_in(posted: Posted) -> list[list[Row]]:
    """The groups of conditions, their rows in the order they stood in."""
    found: dict[int, list[Row]] = {}
    for group, row in _numbers(posted, r"c-(\d{1,4})-(\d{1,4})-field"):
        found.setdefault(group, []).append(_row(posted, f"c-{group}-{row}"))
    return list(found.values())


def rates_in(posted: Posted, letter: str) -> list[RateRow]:
    """Rates of their own: `g` for groups, `s` for symbols."""
    rows = []
    for (number,) in _numbers(posted, rf"{letter}-(\d{{1,4}})-rate"):
        of = visible(posted.get(f"{letter}-{number}-of", ""))
        rows.append(RateRow(_symbol(of) if letter == "s" else of, typed(posted.get(f"{letter}-{number}-rate", ""))))
    return rows


def factors_in(posted: Posted) -> list[FactorRow]:
    """Fixed factors."""
    return [
        FactorRow(
            typed(posted.get(f"f-{number}-factor", "")),
            {code: visible(posted.get(f"f-{number}-{code}", "")) for code in LANGUAGES},
        )
        for (number,) in _numbers(posted, r"f-(\d{1,4})-factor")
    ]


def _row(posted: Posted, name: str) -> Row:
    row = Row(posted.get(f"{name}-field", ""), posted.get(f"{name}-op", ""))
    about, written = row.about, [visible(one) for one in posted.getlist(f"{name}-value")]
    if row.control == "text" and (row.is_list or row.field == "symbol"):
        written = [one for text in written for one in _BETWEEN.split(text) if one][: MOST_VALUES + 1]
    if about is not None and about.type == "number":
        written = [typed(one) for one in written]
    row.values = [_symbol(one) for one in written] if row.field == "symbol" else written
    return row


def _symbol(text: str) -> str:
    """A symbol without the ending that a platform adds."""
    return instrument(text).symbol if text else ""


def _numbers(posted: Posted, pattern: str) -> Iterator[tuple[int, ...]]:
    found = (re.fullmatch(pattern, name, re.ASCII) for name in posted)
    return iter(sorted({tuple(map(int, match.groups())) for match in found if match}))
