"""The sum of an award, rebuilt from the immutable revision and the activity: quantity × rate × factors = points."""

from decimal import Decimal
from typing import Any

from app.gamification.accrual.bases import bases
from app.gamification.accrual.rule import BASE, CAP, FACTORS, GIVEN, WANTED, CompiledRule, Entry
from app.gamification.ledger.explanation import CapUsed, Tile
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.titles import as_it_is
from app.lib.i18n import Sentence, _l, pick

CAPS = {
    "activity": _l("Cap of this rule for one activity"),
    "day": _l("Daily cap of this rule"),
    "week": _l("Weekly cap of this rule"),
    "month": _l("Monthly cap of this rule"),
    "quarter": _l("Quarterly cap of this rule"),
    "year": _l("Yearly cap of this rule"),
}
_POINTS = Sentence(_l("points"))


def equation(rule: CompiledRule, facts: Any, entry: Entry, language: str) -> tuple[Tile, ...]:
    """The tiles of an awarded entry, with every figure on the way."""
    basis = bases.get(rule.definition.base.kind)
    quantity, rate, base = rule.quantity(facts), rule.rate(facts), Decimal(entry[BASE])
    if basis.key == "fixed":
        tiles = [Tile(rate, Sentence(basis.per))]
    else:
        makes = Sentence(_l("base %(base)s"), {"base": base})
        tiles = [Tile(quantity, Sentence(basis.title)), Tile(rate, Sentence(basis.per), "×", makes)]
    factors, exact = _factors(rule, entry, base, language)
    tiles += factors
    wanted, given = entry[WANTED], entry[GIVEN]
    rounding = Sentence(_l("rounded once, half to even")) if exact != wanted else None
    if given == wanted:
        return (*tiles, Tile(given, _POINTS, "=", rounding, total=True))
    return (
        *tiles,
        Tile(wanted, _POINTS, "=", rounding),
        Tile(wanted - given, Sentence(_l("over the cap")), "−"),
        Tile(given, _POINTS, "=", total=True),
    )


def cap_used(entry: Entry) -> CapUsed | None:
    """How far the cap was used with this award."""
    if not entry[CAP]:
        return None
    per, used, limit = entry[CAP]
    return CapUsed(CAPS[per], min(used + entry[GIVEN], limit), limit)


def level_name(key: str, language: str) -> str:
    """What a level of the ladder is called, or was called; its key where no ladder has had it."""
    ladder = compiled().ladder
    level = next((level for level in (*ladder.levels, *ladder.former.values()) if level.key == key), None)
    return pick(dict(level.name), language) if level else key


def _factors(rule: CompiledRule, entry: Entry, base: Decimal, language: str) -> tuple[list[Tile], Decimal]:
    named = [(_factor_name(rule, kind, which, language), Decimal(value)) for kind, which, value in entry[FACTORS]]
    if not named:
        return [], base
    if rule.definition.strategy == "highest":
        name, factor = max(named, key=lambda each: each[1])
        note = Sentence(_l("the highest of your factors")) if len(named) > 1 else _makes(base * factor)
        return [Tile(factor, name, "×", note)], base * factor
    if rule.definition.strategy == "additive" and len(named) > 1:
        factor = sum((value for _, value in named), Decimal())
        parts = {
            f"part{n}": Sentence("%(name)s %(factor)s", {"name": each[0], "factor": each[1]})
            for n, each in enumerate(named)
        }
        words = Sentence(" + ".join(f"%({part})s" for part in parts), parts)
        return [Tile(factor, words, "×", _makes(base * factor))], base * factor
    tiles = []
    for name, factor in named:
        base *= factor
        tiles.append(Tile(factor, name, "×", _makes(base)))
    return tiles, base


def _factor_name(rule: CompiledRule, kind: str, which: Any, language: str) -> Sentence:
    if kind == "tier":
        return Sentence(_l("%(level)s level"), {"level": level_name(which, language)})
    name = pick(rule.definition.factors[which].name, language)
    return as_it_is(name) if name else Sentence(_l("Bonus factor"))


def _makes(amount: Decimal) -> Sentence:
    return Sentence(_l("makes %(amount)s"), {"amount": amount})
