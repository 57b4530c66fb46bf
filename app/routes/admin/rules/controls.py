"""The lists of a rule's form, in the reader's language, and what follows from them at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import prod
from typing import Any

from app.gamification.accrual.bases import bases
from app.gamification.accrual.fields import FIELDS
from app.gamification.accrual.publishing.revisions import RuleView
from app.gamification.activities import CUSTOM, KINDS, OWN_KINDS, kind_of
from app.gamification.instruments import GROUPS
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.titles import as_it_is, named
from app.gamification.members.classes import TITLES
from app.lib.i18n import Sentence, _l, pick
from app.routes.admin.rules.filled import Filled
from app.routes.admin.rules.reading import NUMBER_TYPED
from app.routes.admin.rules.rows import OP_WORDS, OPS
from app.routes.countries import countries, country_name
from app.routes.formats import num, say
from app.routes.language import gettext, language

CONTROLS: dict[str, Any] = {
    "field_words": {key: field.label for key, field in FIELDS.items()},
    "field_types": {key: field.type for key, field in FIELDS.items()},
    "ops": OPS,
    "op_words": OP_WORDS,
    "instrument_groups": GROUPS,
    "caps": {
        "activity": _l("One activity"),
        "day": _l("A member a day"),
        "week": _l("A member a week"),
        "month": _l("A member a month"),
        "quarter": _l("A member a quarter"),
        "year": _l("A member a year"),
    },
    "modes": {
        "never": _l("Never"),
        "days": _l("After days"),
        "months": _l("After months"),
        "end_of_month": _l("Month end"),
        "end_of_year": _l("Year end"),
        "inactivity": _l("Without earning"),
    },
    "mode_units": {
        "days": _l("days"),
        "months": _l("months"),
        "end_of_month": _l("months on"),
        "end_of_year": _l("years on"),
        "inactivity": _l("days"),
    },
    "strategies": {"compound": _l("Compound"), "additive": _l("Additive"), "highest": _l("Highest")},
}
_TOGETHER: dict[str, Callable[[tuple[Decimal, ...]], Any]] = {
    "compound": prod,
    "additive": sum,
    "highest": max,
}


@dataclass(frozen=True)
class FactorLine:
    """One factor, level by level."""

    name: Sentence
    by_level: list[Decimal]
    total: bool = False


def choices(kind_key: str) -> dict[str, Any]:
    """The lists of the form."""
    current = compiled()
    kind = kind_of(kind_key)
    offered = {one.key: say(one.title) for one in KINDS if one.earns and one.code != CUSTOM}
    own = {key for key in current.rules if key.startswith(OWN_KINDS)}
    own |= {OWN_KINDS + key for term, key in current.names if term == "custom"}
    if kind is not None and kind.code == CUSTOM:
        own.add(kind_key)
    offered |= {key: say(as_it_is(named("custom", key[7:]))) for key in sorted(own)}
    fitting = [one for one in bases.all() if one.kinds is None or (kind is not None and kind.code in one.kinds)]
    return {
        "kinds": offered,
        "bases": {one.key: one for one in fitting},
        "levels": {level.key: level for level in current.ladder.levels},
        "classes": {str(int(one)): words for one, words in TITLES.items()},
        "groups": sorted({rule.group for rules in current.rules.values() for rule in rules if rule.group}),
    }


def factor_table(filled: Filled) -> list[FactorLine]:
    """Each factor by level, and what they come to together; no line where nothing multiplies."""
    levels = compiled().ladder.levels
    lines = [FactorLine(Sentence(_l("Tier")), [level.factor for level in levels])] if filled.tier else []
    for row in filled.factors:
        if NUMBER_TYPED.fullmatch(row.factor):
            name = as_it_is(row.name) if any(row.name.values()) else Sentence(_l("Fixed factor"))
            lines.append(FactorLine(name, [Decimal(row.factor)] * len(levels)))
    if len(lines) < 2:
        return lines
    way = _TOGETHER.get(filled.strategy, prod)
    together = [way(column) for column in zip(*(line.by_level for line in lines), strict=True)]
    return [*lines, FactorLine(Sentence(_l("Together")), together, total=True)]


def pickers(filled: Filled) -> list[tuple[str, list[Any], Any]]:
    """The menus of boxes to tick: name, the words of what is ticked, and what is said while nothing is."""
    none = gettext(_l("Choose"))
    rows = [
        (f"c-{group}-{place}-value", words_for([one for one in GROUPS if one in row.values], GROUPS), none)
        for group, rows in enumerate(filled.groups)
        for place, row in enumerate(rows)
        if row.control == "groups"
    ]
    levels = {level.key: level for level in compiled().ladder.levels if level.key in filled.levels}
    classes = {str(int(one)): words for one, words in TITLES.items() if str(int(one)) in filled.classes}
    found = [
        *rows,
        ("levels", names_of(levels), gettext(_l("All"))),
        ("classes", words_for(classes, classes), gettext(_l("All"))),
    ]
    return [(name, [words for _, words in pairs], none) for name, pairs, none in found]


def words_for(keys: Iterable[str], words: Mapping[str, str]) -> list[tuple[str, Any]]:
    """Keys with their words, as a list to choose from takes them; a key without words stands for itself."""
    return [(key, gettext(words[key]) if key in words else key) for key in keys]


def titles_of(kinds: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Kinds by their titles."""
    return [(key, gettext(kind.title)) for key, kind in kinds.items()]


def names_of(levels: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Levels by their names."""
    return [(key, pick(dict(level.name), language().code)) for key, level in levels.items()]


def live_rate(view: RuleView, filled: Filled) -> Any:
    """What the rate is in force with, where the form says another one."""
    live = view.live.definition.base.rate if view.live else ""
    return gettext(_l("live: %(rate)s"), rate=num(Decimal(live))) if live and live != filled.rate else ""


FUNCTIONS: dict[str, Any] = {
    function.__name__: function for function in (words_for, titles_of, names_of, live_rate, country_name, countries)
}
