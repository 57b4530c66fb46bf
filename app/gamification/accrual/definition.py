"""What a rule says: the immutable definition of one revision, checked when it is read in."""

from typing import Annotated, Any, Literal

import msgspec

from app.gamification.accrual.bases import bases, load
from app.gamification.accrual.fields import FIELDS
from app.gamification.activities import kind_of
from app.lib.registry import UnknownKind

DecimalText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?\Z")]
Comparison = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not in"]


class BadRule(ValueError):
    """The definition says something no rule can mean; the message names the place."""


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    field: str
    op: Comparison
    value: str | bool | list[str]


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is counted and what one of it pays; `symbols` go before `groups`, those before `rate`."""

    kind: str
    rate: DecimalText
    groups: dict[str, DecimalText] = {}
    symbols: dict[str, DecimalText] = {}


class Cap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    per: Literal["activity", "day", "week", "month", "quarter", "year"]
    points: Annotated[int, msgspec.Meta(ge=1)]


class Expiry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When points lapse: `n` days or months after the award, at the end of the n-th month or year, or by inactivity."""

    mode: Literal["never", "days", "months", "end_of_month", "end_of_year", "inactivity"] = "never"
    n: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 0


class Audience(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the rule is for; an empty list means everyone."""

    levels: list[str] = []
    countries: list[str] = []
    classes: list[int] = []


class Factor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A multiplier: the tier's own, or a fixed one with a name that the member is shown."""

    kind: Literal["tier", "fixed"]
    factor: DecimalText = "1"
    name: dict[str, str] = {}


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When `kind` and `conditions` → `base` × `factors`, cut by `caps`, held, lapsing.

    `conditions` are groups joined by OR, the rows of a group by AND; no group means always.
    """

    name: dict[str, str]
    kind: str
    base: Base
    conditions: list[list[Condition]] = []
    factors: list[Factor] = []
    strategy: Literal["compound", "additive", "highest"] = "compound"
    caps: list[Cap] = []
    hold_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 0
    expiry: Expiry = Expiry()
    audience: Audience = Audience()
    group: str = ""  # of the rules of one group only the first that matches pays
    priority: int = 100
    qualifying: bool = True


def read_definition(plain: dict[str, Any]) -> Definition:
    """The definition of a stored or submitted rule; raises BadRule with the place and what is wrong."""
    load()
    try:
        definition = msgspec.convert(plain, Definition)
        kind = kind_of(definition.kind)
        if kind is None or not kind.earns:
            raise BadRule(f"kind: there is no earning activity {definition.kind!r}")
        basis = bases.get(definition.base.kind)
        if basis.kinds is not None and kind.code not in basis.kinds:
            raise BadRule(f"base: {definition.kind} has no {definition.base.kind}")
    except (msgspec.ValidationError, UnknownKind) as error:
        raise BadRule(str(error)) from error
    for condition in (row for group in definition.conditions for row in group):
        _check(condition, kind.code)
    return definition


def _check(condition: Condition, kind: int) -> None:
    field = FIELDS.get(condition.field)
    if field is None or kind not in field.kinds:
        raise BadRule(f"conditions: the activity has no field {condition.field!r}")
    wants_list = condition.op in ("in", "not in")
    if wants_list != isinstance(condition.value, list):
        raise BadRule(f"conditions: {condition.field} {condition.op} needs {'a list' if wants_list else 'one value'}")
    if field.type == "flag" and (condition.op not in ("=", "!=") or not isinstance(condition.value, bool)):
        raise BadRule(f"conditions: {condition.field} is yes or no")
    if field.type == "number":
        for value in condition.value if isinstance(condition.value, list) else [condition.value]:
            try:
                msgspec.convert(value, DecimalText)
            except msgspec.ValidationError as error:
                raise BadRule(f"conditions: {condition.field}: {error}") from error
    if field.type == "text" and condition.op not in ("=", "!=", "in", "not in"):
        raise BadRule(f"conditions: {condition.field} cannot be compared by {condition.op}")
