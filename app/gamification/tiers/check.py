"""Whether a ladder that staff have written can be published, place by place; what is stored was checked here."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from app.gamification import definitions
from app.gamification.errors.programme import Flaw, NotSound
from app.gamification.tiers.ladder import LadderDefinition, LevelDefinition, Period, Perk
from app.lib.amounts import MAX_POINTS
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.lib.texts import cleaned_texts

Plain = Mapping[str, Any]

MOST_LEVELS, MOST_PERKS = 12, 12
LONGEST_NAME, LONGEST_PERK = 40, 160
LONGEST_PERIOD, LONGEST_WAIT = 3650, 365  # days
LARGEST_FACTOR = 100
KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
FACTOR = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")
CALENDARS = ("month", "quarter", "year")

_NO_LEVEL = _l("A ladder needs at least one level.")
_TOO_MANY = _l("A ladder has at most %(most)s levels.")
_NO_BASE = _l("The lowest level must need 0 points, so that everyone stands somewhere.")
_SAME_THRESHOLD = _l("%(level)s needs %(points)s points already. Give each level its own number.")
_KEEP = _l("Keeping a level cannot need more than the %(points)s points that reach it.")
_BASE_KEEP = _l("The lowest level is nobody's to lose: leave this empty.")
_KEY = _l("Use up to 30 small letters, digits and underscores, starting with a letter.")
_SAME_KEY = _l("Another level has the key %(key)s.")
_NAME = _l("Name the level in English at least: readers see it where their own language is missing.")
_PERK = _l("Write the perk in English at least, or take its row away.")
_LONG = _l("Use at most %(longest)s characters.")
_PERKS = _l("A level has at most %(most)s perks.")
_FACTOR = _l("Write a factor above 0 and at most %(largest)s, with up to four decimals, such as 1.25.")
_POINTS = _l("Write a whole number of points, 0 or more.")
_DAYS = _l("Write a number of days from %(least)s to %(most)s.")
_PROMOTION = _l("Only a month, a quarter or a year has a next period. Choose one of these, or promotion at once.")
_UNKNOWN = _l("This is not a ladder that the programme can read.")


def sound(plain: Plain) -> dict[str, Any]:
    """The definition in its one stored form: texts cleaned, levels in order, defaults written out. Raises NotSound."""
    if flaws := tuple(_flaws(plain)):
        raise NotSound(flaws)
    said = definitions.read(plain, LadderDefinition, _UNKNOWN)
    levels = [_tidy(level) for level in sorted(said.levels, key=lambda level: level.threshold)]
    days = said.period.days if said.period.kind == "rolling" else 365
    tidy = msgspec.structs.replace(said, levels=levels, period=Period(said.period.kind, days))
    return definitions.stored(tidy)


def _tidy(level: LevelDefinition) -> LevelDefinition:
    perks = [Perk(cleaned_texts(perk.text), perk.value) for perk in level.perks]
    keep = None if level.keep == level.threshold else level.keep
    factor = f"{Decimal(level.factor).normalize():f}"
    return msgspec.structs.replace(level, name=cleaned_texts(level.name), keep=keep, factor=factor, perks=perks)


def _flaws(plain: Plain) -> Iterator[Flaw]:
    period, levels = plain.get("period", {}), plain.get("levels", [])
    if not levels:
        yield Flaw("levels", Sentence(_NO_LEVEL))
    if len(levels) > MOST_LEVELS:
        yield Flaw("levels", Sentence(_TOO_MANY, {"most": MOST_LEVELS}))
    if period.get("kind") == "rolling" and not _is_whole(period.get("days", 365), 1, LONGEST_PERIOD):
        yield Flaw("period.days", Sentence(_DAYS, {"least": 1, "most": LONGEST_PERIOD}))
    for name in ("grace_days", "warn_days"):
        if not _is_whole(plain.get(name, 0), 0, LONGEST_WAIT):
            yield Flaw(name, Sentence(_DAYS, {"least": 0, "most": LONGEST_WAIT}))
    if plain.get("promotion") == "next_period" and period.get("kind") not in CALENDARS:
        yield Flaw("promotion", Sentence(_PROMOTION))
    yield from _together(levels)
    for place, level in enumerate(levels):
        yield from (Flaw(f"levels.{place}.{name}", sentence) for name, sentence in _of_level(level))


def _together(levels: Sequence[Plain]) -> Iterator[Flaw]:
    """What only the levels together can get wrong."""
    keys = Counter(level["key"] for level in levels)
    first: dict[int, Plain] = {}
    for place, level in enumerate(levels):
        if keys[level["key"]] > 1 and level["key"]:
            yield Flaw(f"levels.{place}.key", Sentence(_SAME_KEY, {"key": level["key"]}))
        if (same := first.setdefault(level["threshold"], level)) is not level:
            values = {"level": same["name"], "points": level["threshold"]}
            yield Flaw(f"levels.{place}.threshold", Sentence(_SAME_THRESHOLD, values))
    numbers = [level["threshold"] for level in levels]
    if numbers and 0 not in numbers and all(_is_points(number) for number in numbers):
        yield Flaw(f"levels.{numbers.index(min(numbers))}.threshold", Sentence(_NO_BASE))


def _of_level(level: Plain) -> Iterator[tuple[str, Sentence]]:
    threshold, keep, perks = level["threshold"], level.get("keep"), level.get("perks", [])
    if not KEY.fullmatch(level["key"]):
        yield "key", Sentence(_KEY)
    yield from _of_texts("name", level["name"], LONGEST_NAME, _NAME)
    if not _is_points(threshold):
        yield "threshold", Sentence(_POINTS)
    if keep is not None and not _is_points(keep):
        yield "keep", Sentence(_POINTS)
    elif keep and threshold == 0:
        yield "keep", Sentence(_BASE_KEEP)
    elif keep and _is_points(threshold) and keep > threshold:
        yield "keep", Sentence(_KEEP, {"points": threshold})
    factor = level.get("factor", "1")
    if not FACTOR.fullmatch(factor) or not 0 < Decimal(factor) <= LARGEST_FACTOR:
        yield "factor", Sentence(_FACTOR, {"largest": LARGEST_FACTOR})
    if len(perks) > MOST_PERKS:
        yield "perks", Sentence(_PERKS, {"most": MOST_PERKS})
    for place, perk in enumerate(perks):
        yield from _of_texts(f"perks.{place}.text", perk["text"], LONGEST_PERK, _PERK)


def _of_texts(name: str, texts: Mapping[str, str], longest: int, missing: str) -> Iterator[tuple[str, Sentence]]:
    kept = cleaned_texts(texts)
    if "en" not in kept:
        yield f"{name}.en", Sentence(missing)
    for code in LANGUAGES:
        if len(kept.get(code, "")) > longest:
            yield f"{name}.{code}", Sentence(_LONG, {"longest": longest})


def _is_points(value: Any) -> bool:
    return _is_whole(value, 0, MAX_POINTS)


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
