"""The whole rule as one plain sentence: the sentence *is* the rule, for members, staff and auditors alike.

Clauses are sentences of their own that stand inside larger ones, so that each language orders them as it likes.
"""

from decimal import Decimal
from typing import Any

from app.gamification.accrual.bases import bases
from app.gamification.accrual.definition import Base, Cap, Condition, Definition, Expiry, Factor
from app.gamification.accrual.telling.parts import (
    Part,
    both,
    clause,
    days,
    in_a_row,
    measured,
    months,
    name_of,
    or_else,
    points,
    together,
    years,
)
from app.gamification.accrual.telling.whom import ALWAYS, Run, audience, runs
from app.gamification.activities import OWN_KINDS
from app.gamification.ledger.words.titles import named
from app.lib.i18n import Sentence, _l

WHEN = {
    "trade.closed": _l("When a member closes a trade"),
    "deposit.made": _l("When a member makes a deposit"),
    "visit": _l("When a member visits the programme"),
    "lesson.passed": _l("When a member passes a lesson"),
    "journal.written": _l("When a member writes in the trading journal"),
    "kyc.verified": _l("When a member's identity is verified"),
    "partner.purchase": _l("When a member makes a purchase at a partner"),
    "survey.answered": _l("When a member answers a survey"),
    "member.joined": _l("When a member joins the programme"),
    "rest.kept": _l("When a member keeps a planned rest day"),
}
# What the activity is called last stands next to “that”; of these it does not.
APART = ("partner.purchase",)
CAPS = {
    "activity": _l("%(points)s for one activity"),
    "day": _l("%(points)s a day"),
    "week": _l("%(points)s a week"),
    "month": _l("%(points)s a month"),
    "quarter": _l("%(points)s a quarter"),
    "year": _l("%(points)s a year"),
}


def sentence(definition: Definition, run: Run = ALWAYS) -> tuple[Sentence, ...]:
    """The rule in words: what earns what, then what becomes of the points, then for whom and when; see `place` too."""
    said = [main(definition), life(definition), counts(definition)]
    if (open_to := audience(definition.audience)) is not None:
        said.append(open_to)
    if (running := runs(run)) is not None:
        said.append(running)
    return tuple(said)


def place(definition: Definition) -> Sentence | None:
    """Where it stands among the rules of its group; None where it pays beside every other."""
    if not definition.group:
        return None
    values = {
        "group": Part("%(group)s", {"group": definition.group}, "group"),
        "priority": Part("%(priority)s", {"priority": definition.priority}, "priority"),
    }
    return Sentence(
        _l("Of the group %(group)s only the first rule that matches pays; its priority is %(priority)s."), values
    )


def whole(definition: Definition, run: Run = ALWAYS) -> Sentence:
    """All of it in one."""
    stands = place(definition)
    return in_a_row([*sentence(definition, run), *([stands] if stands else [])])


def main(definition: Definition) -> Sentence:
    """When what happens, how much is earned."""
    groups = [list(enumerate(group)) for group in definition.conditions]
    if not all(groups):  # a group without a row always holds
        groups = []
    instruments = _instruments(groups[0]) if len(groups) == 1 else None
    if instruments is not None:
        groups[0].remove(instruments)
    values = {"when": _when(definition.kind, instruments), "earns": _earns(definition)}
    if not any(groups):
        return Sentence(_l("%(when)s, %(earns)s."), values)
    told = [
        together([clause(row, f"conditions.{number}.{place}") for place, row in group])
        for number, group in enumerate(groups)
    ]
    values["conditions"] = or_else(told)
    if definition.kind in APART or definition.kind.startswith(OWN_KINDS):
        return Sentence(_l("%(when)s and it %(conditions)s, %(earns)s."), values)
    return Sentence(_l("%(when)s that %(conditions)s, %(earns)s."), values)


def kind(key: str) -> Part:
    """The kind of activity as the beginning of a sentence: “When a member closes a trade”."""
    if key in WHEN:
        return Part(WHEN[key], key="kind")
    name = {"activity": named("custom", key.removeprefix(OWN_KINDS))}
    return Part(_l("When “%(activity)s” is reported for a member"), name, "kind")


def rate(base: Base, value: str | None = None) -> Part:
    """What one of the base pays: “15 points a lot”."""
    number, basis = Decimal(base.rate if value is None else value), bases.get(base.kind)
    per = Sentence(basis.per_one if number == 1 else basis.per)
    return Part("%(rate)s %(per)s", {"rate": number, "per": per}, "base.rate")


def exceptions(base: Base) -> list[Part]:
    """Rates of their own: “120 for metals”."""
    return [
        Part(
            _l("%(rate)s for %(instruments)s"),
            {"rate": Decimal(paid), "instruments": name_of(field, name)},
            f"base.{field}s.{name}",
        )
        for field, rates in (("group", base.groups), ("symbol", base.symbols))
        for name, paid in rates.items()
    ]


def multiplied(definition: Definition) -> Part | None:
    """The factors and how they work together: “the tier's factor and 1.2 (Metals bonus), compounded”."""
    factors = [_factor(factor) for factor in definition.factors]
    if len(factors) < 2:
        return Part(factors[0].msgid, factors[0].values, "factors") if factors else None
    return Part(_STRATEGIES[definition.strategy], {"factors": both(factors)}, "factors")


def cap(one: Cap) -> Part:
    """“500 points a day”."""
    return Part(CAPS[one.per], {"points": points(one.points)}, f"caps.{one.per}")


def hold(number: int) -> Part:
    """How long points wait: “5 days”."""
    return Part(_DAYS, {"number": number}, "hold_days") if number else Part(_l("at once"), key="hold_days")


def lapse(expiry: Expiry) -> Part:
    """When points lapse: “at the end of the month, 12 months on”."""
    mode, number = expiry.mode, expiry.n
    if mode == "never":
        return Part(_l("never lapse"), key="expiry")
    if mode == "inactivity":
        return Part(_l("after %(days)s without earning"), {"days": days(number)}, "expiry")
    if mode == "end_of_month":
        words = _l("at the end of the month, %(months)s on") if number else _l("at the end of the month")
        return Part(words, {"months": months(number)} if number else {}, "expiry")
    if mode == "end_of_year":
        words = _l("at the end of the year, %(years)s on") if number else _l("at the end of the year")
        return Part(words, {"years": years(number)} if number else {}, "expiry")
    if not number:
        return Part(_l("as the day ends"), key="expiry")
    return Part(_l("after %(time)s"), {"time": days(number) if mode == "days" else months(number)}, "expiry")


def life(definition: Definition) -> Sentence:
    """What becomes of the points."""
    lapsing: Sentence = lapse(definition.expiry)
    if definition.expiry.mode != "never":
        lapsing = Sentence(_l("lapse %(when)s"), {"when": lapsing})
    values = {"hold": hold(definition.hold_days), "lapse": lapsing}
    if not definition.hold_days:
        return Sentence(_l("The points can be used %(hold)s and %(lapse)s."), values)
    return Sentence(_l("The points wait %(hold)s and %(lapse)s."), values)


def counts(definition: Definition) -> Sentence:
    """Whether they move tiers."""
    return Sentence(_l("They %(count)s."), {"count": towards_tiers(definition.qualifying)})


def towards_tiers(qualifying: bool) -> Part:
    """“count towards tiers”, or not."""
    words = _l("count towards tiers") if qualifying else _l("do not count towards tiers")
    return Part(words, key="qualifying")


_DAYS = days(0).msgid
_STRATEGIES = {
    "compound": _l("%(factors)s, compounded"),
    "additive": _l("the sum of %(factors)s"),
    "highest": _l("the highest of %(factors)s"),
}


def _when(key: str, instruments: tuple[int, Condition] | None) -> Sentence:
    if instruments is None:
        return kind(key)
    place, row = instruments
    names = measured(row, f"conditions.0.{place}")
    return Part(_l("When a member closes a trade in %(instruments)s"), {"instruments": names}, "kind")


def _instruments(group: list[tuple[int, Condition]]) -> tuple[int, Condition] | None:
    """The row that says which instruments a rule is about: it reads best beside the trade."""
    return next((one for one in group if one[1].field in ("group", "symbol") and one[1].op in ("=", "in")), None)


def _earns(definition: Definition) -> Sentence:
    values: dict[str, Any] = {"rate": rate(definition.base)}
    if others := exceptions(definition.base):
        values["rate"] = Sentence(_l("%(rate)s, but %(exceptions)s"), values | {"exceptions": both(others)})
    factors = multiplied(definition)
    if factors is not None:
        values["factors"] = factors
    if definition.caps:
        values["caps"] = both([cap(one) for one in definition.caps])
    if factors is not None and definition.caps:
        return Sentence(_l("they earn %(rate)s, times %(factors)s, up to %(caps)s"), values)
    if factors is not None:
        return Sentence(_l("they earn %(rate)s, times %(factors)s"), values)
    if definition.caps:
        return Sentence(_l("they earn %(rate)s, up to %(caps)s"), values)
    return Sentence(_l("they earn %(rate)s"), values)


def _factor(factor: Factor) -> Sentence:
    if factor.kind == "tier":
        return Sentence(_l("the factor of their tier"))
    values = {"factor": Decimal(factor.factor), "name": factor.name}
    return Sentence("%(factor)s (%(name)s)" if any(factor.name.values()) else "%(factor)s", values)
