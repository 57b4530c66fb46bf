"""The parts of a rule's sentence: each can be marked where it stands, and set beside what it was before."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any

from app.gamification.accrual.definition import Condition
from app.gamification.accrual.fields import FIELDS
from app.gamification.instruments import GROUPS
from app.gamification.ledger.words.terms import listed
from app.gamification.ledger.words.titles import as_it_is, named
from app.lib.i18n import Sentence, _l, _n


@dataclass(frozen=True)
class Part(Sentence):
    """A piece of the sentence that staff can change; `key` is the way to it, as in BadRule: "conditions.0.1"."""

    key: str = ""


# Where “%(measure)s” is “at least 240 seconds”.
MEASURED = {
    "seconds_open": _l("was open for %(measure)s"),
    "pips_moved": _l("moved %(measure)s"),
    "lots": _l("had a volume of %(measure)s"),
    "amount": _l("came to %(measure)s"),
    "score": _l("ended with a score of %(measure)s"),
}
MEASURES = {
    "=": _l("exactly %(quantity)s"),
    "!=": _l("anything but %(quantity)s"),
    "<": _l("less than %(quantity)s"),
    "<=": _l("at most %(quantity)s"),
    ">": _l("more than %(quantity)s"),
    ">=": _l("at least %(quantity)s"),
    "in": _l("exactly %(quantity)s"),
    "not in": _l("anything but %(quantity)s"),
}
UNITS = {
    "seconds_open": _n("%(number)s second", "%(number)s seconds", "number"),
    "pips_moved": _n("%(number)s pip", "%(number)s pips", "number"),
    "lots": _n("%(number)s lot", "%(number)s lots", "number"),
    "amount": _l("%(number)s in its currency"),
    "score": "%(number)s",
}
# Being one of the names, and being none of them.
NAMED = {
    "symbol": (_l("was in %(names)s"), _l("was not in %(names)s")),
    "group": (_l("was in %(names)s"), _l("was not in %(names)s")),
    "name": (_l("was called %(names)s"), _l("was not called %(names)s")),
}
# Yes and no, and the verb they stand in.
FLAGGED = {
    "bonus_funds": (_l("on bonus funds"), _l("not on bonus funds"), _l("was %(funds)s")),
    "has_stop_loss": (_l("a stop-loss"), _l("no stop-loss"), _l("had %(stop_loss)s")),
}


def measured(condition: Condition, key: str) -> Part:
    """What a condition asks for, without its verb: “at least 240 seconds”, “major pairs or metals”."""
    field, value = FIELDS[condition.field], condition.value
    if isinstance(value, bool):
        is_so, is_not, _ = FLAGGED[field.key]
        return Part(is_so if value is (condition.op == "=") else is_not, key=key)
    values = value if isinstance(value, list) else [value]
    if field.type == "number":
        quantities = [quantity(field.key, Decimal(one)) for one in values]
        return Part(MEASURES[condition.op], {"quantity": either(quantities)}, key)
    names = either([name_of(field.key, one) for one in values])
    return Part(names.msgid, names.values, key)


def clause(condition: Condition, key: str) -> Sentence:
    """A condition as the verb of a sentence: “was open for at least 240 seconds”."""
    asked = measured(condition, key)
    if isinstance(condition.value, bool):
        *_, verb = FLAGGED[condition.field]
        return Sentence(verb, {"funds": asked, "stop_loss": asked})
    if condition.field in MEASURED:
        return Sentence(MEASURED[condition.field], {"measure": asked})
    is_one, is_none = NAMED[condition.field]
    return Sentence(is_one if condition.op in ("=", "in") else is_none, {"names": asked})


def quantity(field: str, number: Decimal) -> Sentence:
    """A figure with its unit: “240 seconds”."""
    return Sentence(UNITS[field], {"number": number})


def name_of(field: str, value: Any) -> Sentence:
    """A value of a text field as people say it."""
    if field == "group" and value in GROUPS:
        return Sentence(GROUPS[value])
    return as_it_is(named("custom", value) if field == "name" else value)


# Rows of words


def either(options: Sequence[Any]) -> Sentence:
    """“a, b or c”."""
    *others, last = options or [as_it_is("–")]
    return Sentence(_l("%(first)s or %(last)s"), {"first": listed(others), "last": last}) if others else _said(last)


def both(nouns: Sequence[Any]) -> Sentence:
    """“a, b and c”, of things."""
    *others, last = nouns
    return Sentence(_l("%(first)s and %(last)s"), {"first": listed(others), "last": last}) if others else _said(last)


def together(clauses: Sequence[Sentence]) -> Sentence:
    """“was open for 3 minutes, moved 3 pips and had a stop-loss”, of verbs."""
    *others, last = clauses
    if not others:
        return last
    return Sentence(_l("%(clause)s and %(last_clause)s"), {"clause": listed(others), "last_clause": last})


def or_else(groups: Sequence[Sentence]) -> Sentence:
    """“…, or …”, of whole groups of clauses."""
    words = _l("%(group)s, or %(other)s")
    return reduce(lambda before, group: Sentence(words, {"group": before, "other": group}), groups)


def in_a_row(sentences: Sequence[Sentence]) -> Sentence:
    """Sentences one after the other."""
    return reduce(lambda before, one: Sentence("%(before)s %(one)s", {"before": before, "one": one}), sentences)


def _said(value: Any) -> Sentence:
    return value if isinstance(value, Sentence) else as_it_is(value)


# Counted things


def points(number: int) -> Sentence:
    """“500 points”."""
    return Sentence(_n("%(number)s point", "%(number)s points", "number"), {"number": number})


def days(number: int) -> Sentence:
    """“5 days”."""
    return Sentence(_n("%(number)s day", "%(number)s days", "number"), {"number": number})


def months(number: int) -> Sentence:
    """“12 months”."""
    return Sentence(_n("%(number)s month", "%(number)s months", "number"), {"number": number})


def years(number: int) -> Sentence:
    """“2 years”."""
    return Sentence(_n("%(number)s year", "%(number)s years", "number"), {"number": number})
