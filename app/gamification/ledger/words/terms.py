"""The conditions of rules in words: what was asked for, what was found, what was missed."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from functools import reduce
from typing import Any

from app.gamification.accrual.fields import FIELDS, Field
from app.gamification.instruments import GROUPS
from app.gamification.ledger.words.titles import as_it_is
from app.lib.i18n import Sentence, _l

CENT = Decimal("0.01")
# Where a field's own words do not fit the comparison.
ASKED = {
    "=": _l("%(field)s: %(needed)s"),
    "!=": _l("%(field)s: anything but %(needed)s"),
    "<": _l("%(field)s: less than %(needed)s"),
    "<=": _l("%(field)s: at most %(needed)s"),
    ">": _l("%(field)s: more than %(needed)s"),
    ">=": _l("%(field)s: at least %(needed)s"),
    "in": _l("%(field)s: one of %(needed)s"),
    "not in": _l("%(field)s: none of %(needed)s"),
}
NOT_AS_ASKED = _l("%(field)s is %(value)s, which the rule does not pay for")
FLAGS = {
    ("bonus_funds", True): _l("Bonus funds"),
    ("bonus_funds", False): _l("Own funds"),
    ("has_stop_loss", True): _l("Set"),
    ("has_stop_loss", False): _l("Not set"),
}


def condition(field_key: str, op: str, needed: Any) -> Sentence:
    """What a rule asks for: “Open at least 180 s”."""
    field = FIELDS[field_key]
    if _is_usual(field, op, needed):
        return Sentence(field.met, {"needed": told(field, needed)})
    return Sentence(ASKED[op], {"field": Sentence(field.label), "needed": told(field, needed)})


def condition_missed(field_key: str, op: str, value: Any, needed: Any) -> Sentence:
    """What was found instead: “Open 121 s, needs 180 s”."""
    field = FIELDS[field_key]
    values = {"value": told(field, value), "needed": told(field, needed)}
    if _is_usual(field, op, needed):
        return Sentence(field.missed, values)
    return Sentence(NOT_AS_ASKED, {"field": Sentence(field.label), **values})


def found(field_key: str, value: Any) -> Sentence:
    """What an activity had of it: “2,528 s”."""
    field = FIELDS[field_key]
    if field.type == "number" and field.unit:
        return Sentence(_l("%(value)s s"), {"value": told(field, value)})
    figure = told(field, value)
    return figure if isinstance(figure, Sentence) else as_it_is(figure)


def told(field: Field, value: Any) -> Any:
    """A value of a condition as a sentence takes it; numbers come as decimal text out of an outcome."""
    if isinstance(value, list | tuple | frozenset):
        return listed([told(field, one) for one in sorted(value)])
    if field.type == "number":
        # Cut, not rounded: 179.999 s must not read as the 180 s that were needed.
        return Decimal(value).quantize(CENT, ROUND_DOWN)
    if field.type == "flag":
        return Sentence(FLAGS[field.key, bool(value)])
    if field.key == "group" and value in GROUPS:
        return Sentence(GROUPS[value])
    return value


def listed(values: Sequence[Any]) -> Sentence:
    """Several values in a row; Arabic and Chinese have commas of their own."""
    first, *others = values
    return reduce(_and_then, others, first if isinstance(first, Sentence) else as_it_is(first))


def _and_then(before: Sentence, value: Any) -> Sentence:
    return Sentence(_l("%(first)s, %(next)s"), {"first": before, "next": value})


def _is_usual(field: Field, op: str, needed: Any) -> bool:
    """Whether the field's own words say it: at least for numbers, own funds and a stop-loss set, one of for texts."""
    if field.type == "number":
        return op == ">="
    if field.type == "flag":
        return (op == "=") == (bool(needed) is (field.key == "has_stop_loss"))
    return op in ("=", "in")
