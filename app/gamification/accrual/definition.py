"""What a rule says: the immutable definition of one revision, checked when it is read in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from app.gamification.accrual.bases import bases, load
from app.gamification.accrual.fields import FIELDS, Field
from app.gamification.activities import TRADE, Kind, kind_of
from app.gamification.errors.rules import BadRule
from app.gamification.instruments import GROUPS, instrument
from app.lib.amounts import MAX_POINTS
from app.lib.countries import country_codes
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.lib.registry import UnknownKind
from app.models.people import ClientClass

# More than anybody means to write, and little enough to judge and to show.
MOST_GROUPS, MOST_ROWS, MOST_VALUES, MOST_FACTORS, MOST_RATES = 6, 12, 60, 6, 60
LONGEST_NAME, LONGEST_GROUP, LAST_PRIORITY = 80, 40, 9999
LISTS = ("in", "not in")

DecimalText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?\Z")]
Comparison = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not in"]
Rates = Annotated[dict[str, DecimalText], msgspec.Meta(max_length=MOST_RATES)]
Name = dict[str, Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]]


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    field: str
    op: Comparison
    value: str | bool | Annotated[list[str], msgspec.Meta(max_length=MOST_VALUES)]


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is counted and what one of it pays; `symbols` go before `groups`, those before `rate`."""

    kind: str
    rate: DecimalText
    groups: Rates = {}
    symbols: Rates = {}


class Cap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    per: Literal["activity", "day", "week", "month", "quarter", "year"]
    points: Annotated[int, msgspec.Meta(ge=1, le=MAX_POINTS)]


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
    name: Name = {}


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When `kind` and `conditions` → `base` × `factors`, cut by `caps`, held, lapsing.

    `conditions` are groups joined by OR, the rows of a group by AND; no group means always.
    """

    name: Name
    kind: str
    base: Base
    conditions: Annotated[
        list[Annotated[list[Condition], msgspec.Meta(max_length=MOST_ROWS)]], msgspec.Meta(max_length=MOST_GROUPS)
    ] = []
    factors: Annotated[list[Factor], msgspec.Meta(max_length=MOST_FACTORS + 1)] = []
    strategy: Literal["compound", "additive", "highest"] = "compound"
    caps: list[Cap] = []
    hold_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 0
    expiry: Expiry = Expiry()
    audience: Audience = Audience()
    # Of the rules of one group only the first that matches pays.
    group: Annotated[str, msgspec.Meta(max_length=LONGEST_GROUP)] = ""
    priority: Annotated[int, msgspec.Meta(ge=0, le=LAST_PRIORITY)] = 100
    qualifying: bool = True


def read_definition(plain: Mapping[str, Any]) -> Definition:
    """The definition of a stored or submitted rule; raises BadRule with the place and what is wrong."""
    definition, flaws = examine(plain)
    if definition is None or flaws:
        raise flaws[0]
    return definition


def examine(plain: Mapping[str, Any]) -> tuple[Definition | None, list[BadRule]]:
    """The definition and everything that is wrong with it; None where not even its shape can be read."""
    load()
    try:
        definition = msgspec.convert(plain, Definition)
    except msgspec.ValidationError as error:
        return None, [_misshapen(str(error))]
    kind = kind_of(definition.kind)
    if kind is None or not kind.earns:
        told = f"there is no earning activity {definition.kind!r}"
        return None, [BadRule(("kind",), told, _l("Choose what the rule is about."))]
    return definition, [*_flaws(definition, kind)]


def _flaws(definition: Definition, kind: Kind) -> Iterator[BadRule]:
    if not any(definition.name.values()):
        yield BadRule(("name",), "a rule needs one, its members read it", _l("Name the rule: its members read it."))
    if unknown := sorted(set(definition.name) - set(LANGUAGES)):
        yield BadRule(("name",), f"nobody reads {unknown[0]!r}", _l("Name the rule in the languages of the programme."))
    for number, group in enumerate(definition.conditions):
        for row, condition in enumerate(group):
            yield from _flaws_of_condition(condition, kind, ("conditions", number, row))
    yield from _flaws_of_base(definition.base, definition.kind, kind)
    yield from _flaws_of_audience(definition.audience)
    if definition.expiry.mode == "inactivity" and not definition.expiry.n:
        told = "inactivity needs the number of days"
        yield BadRule(("expiry", "n"), told, _l("Say after how many days without earning points lapse."), at="expiry")


def _flaws_of_base(base: Base, key: str, kind: Kind) -> Iterator[BadRule]:
    about = Sentence(kind.title)
    try:
        basis = bases.get(base.kind)
    except UnknownKind as error:
        yield BadRule(("base", "kind"), str(error), _l("Choose what one point is paid for."))
        return
    if basis.kinds is not None and kind.code not in basis.kinds:
        told = f"{key} has no {base.kind}"
        words = _l("“%(activity)s” brings nothing of this to count. Choose another base.")
        yield BadRule(("base", "kind"), told, words, at="base", activity=about)
    for place, field, names in (("groups", "group", base.groups), ("symbols", "symbol", base.symbols)):
        if names and kind.code != TRADE:
            words = _l("“%(activity)s” has no instruments: leave these rates out.")
            yield BadRule(("base", place), f"{key} has no instrument", words, activity=about)
        else:
            yield from _flaws_of_instruments(("base", place), f"base.{place}", field, names)


def _flaws_of_instruments(place: tuple[Any, ...], at: str, field: str, names: Iterable[str]) -> Iterator[BadRule]:
    """Names that no activity will ever have would be a rule that silently never pays."""
    for name in names:
        if field == "group" and name not in GROUPS:
            told = f"there is no group {name!r}; there are {', '.join(GROUPS)}"
            words = _l("There is no instrument group %(group)s. Choose from the list.")
            yield BadRule((*place, name), told, words, at=at, group=name)
        if field == "symbol" and (plain := instrument(name).symbol) != name:
            told = f"write {plain!r} for {name!r}, it covers every ending a platform adds"
            words = _l("Write %(plain)s instead of %(symbol)s: it covers every ending that a platform adds.")
            yield BadRule((*place, name), told, words, at=at, plain=plain, symbol=name)


def _flaws_of_audience(audience: Audience) -> Iterator[BadRule]:
    if unknown := sorted(set(audience.countries) - country_codes()):
        told = f"there is no country {unknown[0]!r}; use two letters such as AE"
        words = _l("There is no country with the code %(country)s. Use two letters, such as AE.")
        yield BadRule(("audience", "countries"), told, words, country=unknown[0])
    if unknown_classes := sorted(set(audience.classes) - set(ClientClass)):
        told = f"there is no client class {unknown_classes[0]}"
        yield BadRule(("audience", "classes"), told, _l("Choose client categories from the list."))


def _flaws_of_condition(condition: Condition, kind: Kind, place: tuple[Any, ...]) -> Iterator[BadRule]:
    field, at = FIELDS.get(condition.field), f"conditions: {condition.field}"
    if field is None or kind.code not in field.kinds:
        told = f"the activity has no field {condition.field!r}"
        words = _l("“%(activity)s” does not tell this. Choose something else, or remove the row.")
        yield BadRule((*place, "field"), told, words, at="conditions", activity=Sentence(kind.title))
        return
    wants_list = condition.op in LISTS
    if wants_list != isinstance(condition.value, list):
        told = f"{condition.op} needs {'a list' if wants_list else 'one value'}"
        words = _l("Name one or more.") if wants_list else _l("Name exactly one.")
        yield BadRule((*place, "value"), told, words, at=at)
    elif wants_list and not condition.value:
        yield BadRule((*place, "value"), "an empty list", _l("Name one or more."), at=at)
    elif flaw := _flaw_of_value(condition, field, place, at):
        yield flaw
    elif field.type == "text" and isinstance(condition.value, str | list):
        values = condition.value if isinstance(condition.value, list) else [condition.value]
        yield from _flaws_of_instruments((*place, "value"), at, condition.field, values)


def _flaw_of_value(condition: Condition, field: Field, place: tuple[Any, ...], at: str) -> BadRule | None:
    op, value = condition.op, condition.value
    if field.type == "flag" and (op not in ("=", "!=") or not isinstance(value, bool)):
        return BadRule((*place, "value"), "is yes or no", _l("Choose yes or no."), at=at)
    if field.type == "text" and (op not in ("=", "!=", *LISTS) or isinstance(value, bool)):
        told, words = f"cannot be compared by {op} with {value}", _l("This can only be, or not be, one of several.")
        return BadRule((*place, "op"), told, words, at=at)
    if field.type == "text" and not all(value if isinstance(value, list) else [value]):
        return BadRule((*place, "value"), "an empty name", _l("Name one or more."), at=at)
    if field.type == "number":
        for one in value if isinstance(value, list) else [value]:
            try:
                msgspec.convert(one, DecimalText)
            except msgspec.ValidationError as error:
                return BadRule((*place, "value"), str(error), NUMBER, at=at)
    return None


NUMBER = _l("Write a number such as 15 or 0.5, with up to 9 digits before the point and 6 behind it.")
# What is asked for where the shape is wrong, by the last name of the place.
_SHAPES = {
    "rate": NUMBER,
    "groups": NUMBER,
    "symbols": NUMBER,
    "factor": NUMBER,
    "points": _l("Write a whole number of points, at least 1."),
    "hold_days": _l("Write a whole number of days from 0 to 365."),
    "n": _l("Write a whole number from 0 to 3650."),
    "priority": _l("Write a whole number from 0 to 9999."),
    "group": _l("Write a name of at most 40 characters."),
    "name": _l("Write a name of at most 80 characters."),
    "value": _l("Name fewer, or one."),
}
_PLACE = re.compile(r"at `\$\.?([^`]*)`")


def _misshapen(told: str) -> BadRule:
    """What a reader of JSON says, as a place and a sentence."""
    found = _PLACE.search(told)
    parts = [part for part in re.split(r"[.\[\]]+", found[1]) if part] if found else []
    place = tuple(int(part) if part.isdecimal() else part for part in parts)
    named = next((part for part in reversed(place) if isinstance(part, str)), "")
    return BadRule(place, told, _SHAPES.get(named, _l("This part of the rule cannot be read. Choose it anew.")))
