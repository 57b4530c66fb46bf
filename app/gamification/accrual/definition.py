"""What a rule says: the immutable definition of one revision, checked when it is read in."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec

from app.gamification.accrual.bases import bases, load
from app.gamification.accrual.fields import FIELDS
from app.gamification.activities import TRADE, kind_of
from app.gamification.instruments import GROUPS, instrument
from app.lib.countries import country_codes
from app.lib.registry import UnknownKind
from app.models.people import ClientClass

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
    _check_base(definition.base, definition.kind, kind.code)
    _check_audience(definition.audience)
    if not any(definition.name.values()):
        raise BadRule("name: a rule needs one, its members read it")
    if definition.expiry.mode == "inactivity" and not definition.expiry.n:
        raise BadRule("expiry: inactivity needs the number of days")
    return definition


def _check_base(base: Base, key: str, kind: int) -> None:
    for place, names in (("groups", base.groups), ("symbols", base.symbols)):
        if names and kind != TRADE:
            raise BadRule(f"base.{place}: {key} has no instrument")
    _check_instruments("base.groups", "group", base.groups)
    _check_instruments("base.symbols", "symbol", base.symbols)


def _check_instruments(place: str, field: str, names: Iterable[str]) -> None:
    """Names that no activity will ever have would be a rule that silently never pays."""
    for name in names:
        if field == "group" and name not in GROUPS:
            raise BadRule(f"{place}: there is no group {name!r}; there are {', '.join(GROUPS)}")
        if field == "symbol" and (plain := instrument(name).symbol) != name:
            raise BadRule(f"{place}: write {plain!r} for {name!r}, it covers every ending a platform adds")


def _check_audience(audience: Audience) -> None:
    if unknown := sorted(set(audience.countries) - country_codes()):
        raise BadRule(f"audience.countries: there is no country {unknown[0]!r}; use two letters such as AE")
    if unknown_classes := sorted(set(audience.classes) - set(ClientClass)):
        raise BadRule(f"audience.classes: there is no client class {unknown_classes[0]}")


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
    if field.type == "text":
        if condition.op not in ("=", "!=", "in", "not in") or isinstance(condition.value, bool):
            raise BadRule(f"conditions: {condition.field} cannot be compared by {condition.op} with {condition.value}")
        values = condition.value if isinstance(condition.value, list) else [condition.value]
        _check_instruments(f"conditions: {condition.field}", condition.field, values)
