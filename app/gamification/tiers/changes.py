"""What one ladder says differently from another, in words: for revisions, the draft and whoever approves it."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from app.gamification.approvals.registry import Change
from app.gamification.tiers.ladder import LadderDefinition, LevelDefinition
from app.lib.i18n import LANGUAGES, Sentence, _l

PERIODS = {
    "rolling": _l("the last days"),
    "month": _l("a calendar month"),
    "quarter": _l("a calendar quarter"),
    "year": _l("a calendar year"),
    "lifetime": _l("all time"),
}
PROMOTIONS = {"at_once": _l("at once"), "next_period": _l("from the next period on")}
DOWNGRADES = {
    "never": _l("never"),
    "one_level": _l("one level down"),
    "to_balance": _l("to what the points still keep"),
}
WORTH = {"recognition": _l("recognition"), "service": _l("service"), "cash": _l("worth money")}

_ROLLING = _l("the last %(days)s days")
_LEVEL = {
    "threshold": _l("%(level)s: reached with"),
    "keep": _l("%(level)s: kept with"),
    "factor": _l("%(level)s: factor"),
}
_NAMED, _GIVES = _l("%(level)s: name in %(language)s"), _l("%(level)s: perk")


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Line by line, the ladder's rules first, then its levels from the lowest; empty where both say the same."""
    was = None if before is None else msgspec.convert(before, LadderDefinition)
    return tuple(_changes(was, msgspec.convert(after, LadderDefinition)))


def period(said: LadderDefinition) -> Sentence:
    """The window in words."""
    if said.period.kind == "rolling":
        return Sentence(_ROLLING, {"days": said.period.days})
    return Sentence(PERIODS[said.period.kind])


def same_window(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two ladders sum the same days, so that the sums on the wallets are right for both."""
    first, second = (msgspec.convert(plain, LadderDefinition).period for plain in (one, other))
    return first.sums_as(second)


def _changes(was: LadderDefinition | None, now: LadderDefinition) -> Iterator[Change]:
    rules: list[tuple[str, Callable[[LadderDefinition], Any]]] = [
        (_l("Period"), period),
        (_l("Promotion"), lambda said: Sentence(PROMOTIONS[said.promotion])),
        (_l("Falling"), lambda said: Sentence(DOWNGRADES[said.downgrade])),
        (_l("Days of grace"), attrgetter("grace_days")),
        (_l("Days of warning"), attrgetter("warn_days")),
    ]
    for label, read in rules:
        yield from _line(label, read(was) if was else None, read(now))
    old = {level.key: level for level in was.levels} if was else {}
    for level in now.levels:
        yield from _of_level(old.pop(level.key, None), level)
    for gone in old.values():
        yield Change(_l("Level that goes"), _named(gone), None)


def _of_level(was: LevelDefinition | None, now: LevelDefinition) -> Iterator[Change]:
    level = {"level": now.name}
    if was is None:
        yield Change(_l("New level"), None, _named(now))
    else:
        for code, language in LANGUAGES.items():
            name_in = Sentence(_NAMED, {**level, "language": language})
            yield from _line(name_in, was.name.get(code) or None, now.name.get(code) or None)
    for name, words in _LEVEL.items():
        yield from _line(Sentence(words, level), _figure(was, name) if was else None, _figure(now, name))
    old, new = ([_perk(perk) for perk in said.perks] if said else [] for said in (was, now))
    for perk in (perk for perk in old if perk not in new):
        yield Change(Sentence(_GIVES, level), perk, None)
    for perk in (perk for perk in new if perk not in old):
        yield Change(Sentence(_GIVES, level), None, perk)


def _figure(level: LevelDefinition, name: str) -> int | Decimal:
    if name == "factor":
        return Decimal(level.factor)
    if name == "keep" and level.keep is None:
        return level.threshold
    figure: int = getattr(level, name)
    return figure


def _perk(perk: Any) -> Sentence:
    return Sentence(_l("%(perk)s (%(worth)s)"), {"perk": perk.text, "worth": Sentence(WORTH[perk.value])})


def _named(level: LevelDefinition) -> Sentence:
    return Sentence(_l("%(level)s, from %(points)s points"), {"level": level.name, "points": level.threshold})


def _line(label: str | Sentence, before: Any, after: Any) -> Iterator[Change]:
    if before != after:
        yield Change(label, before, after)
