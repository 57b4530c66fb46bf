"""What a law pack says: the immutable definition of one revision, checked before it is stored."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from app.gamification import definitions
from app.gamification.activities import PaysFor
from app.gamification.errors.programme import Flaw, NotSound
from app.gamification.policy.packs import Verdict
from app.gamification.policy.words import key_of
from app.lib.countries import Country, country_codes
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.lib.texts import cleaned_texts

Plain = Mapping[str, Any]
VerdictName = Literal["allow", "service_only", "recognition", "forbid"]

UNKNOWN, PROFESSIONAL, OFFSHORE = "unknown", "professional", "offshore"
# Chosen by what is known of a client, never by country alone.
WITHOUT_COUNTRIES = frozenset({UNKNOWN, PROFESSIONAL, OFFSHORE})
NEVER_RETAIL = frozenset({UNKNOWN, PROFESSIONAL})
RESERVED = frozenset({"bench", "new", "drafts"})  # addresses of pages beside the packs'
KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
LOSS = "%(loss)s"
LONGEST_NAME, LONGEST_CITE, LONGEST_WARNING = 60, 240, 1000

_KEY = _l("Use up to 30 small letters, digits and underscores, starting with a letter; some words are the pages' own.")
_KEY_TAKEN = _l("There is a pack %(key)s already.")
_NAME = _l("Name the pack in English at least.")
_LONG = _l("Use at most %(longest)s characters.")
_COUNTRY = _l("There is no country with the code %(code)s. Use two letters, such as AE.")
_TAKEN = _l("%(country)s is in the pack “%(pack)s” already. Take it out there first.")
_NO_COUNTRIES = _l("This pack is chosen by what is known of a client, never by country: leave the countries out.")
_NEVER_RETAIL = _l("This pack cannot make way for the professional one.")
_VERDICT = _l("Choose one of the four verdicts.")
_LOOSER = _l("“%(pack)s” is stricter here. What is not known yet stays the strictest.")
_STRICTER = _l("“%(pack)s” is for what is not known yet, and stays the strictest: make that one as strict first.")
_WARNING = _l("Write the warning in English at least.")
_PLACE = _l("Write %(place)s exactly once: the entity's own percentage stands there.")
_PERCENT = _l("Only %(place)s may follow a percent sign with a bracket. Write other percent signs alone.")
_UNKNOWN = _l("This is not a pack that the programme can read.")


class PackDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pack. `facts` and `cites` go by the benefit; `warning` has `%(loss)s` once, other percent signs are doubled."""

    name: dict[str, str]
    facts: dict[str, VerdictName]
    retail: bool = False  # professionals of its countries have the professional pack
    countries: list[str] = []
    cites: dict[str, dict[str, str]] = {}
    warning: dict[str, str] = {}


def sound(key: str, plain: Plain, others: Mapping[str, Plain]) -> dict[str, Any]:
    """The definition in its one stored form. `others`: the packs in force beside this one, by key. Raises NotSound."""
    if flaws := tuple(_flaws(key, plain, others)):
        raise NotSound(flaws)
    said = definitions.read(plain, PackDefinition, _UNKNOWN)
    cites = {key_of(fact): cleaned_texts(said.cites.get(key_of(fact), {})) for fact in PaysFor}
    tidy = PackDefinition(
        cleaned_texts(said.name),
        {key_of(fact): said.facts[key_of(fact)] for fact in PaysFor},
        said.retail,
        sorted(set(said.countries)),
        {fact: texts for fact, texts in cites.items() if texts},
        cleaned_texts(said.warning),
    )
    return definitions.stored(tidy)


def check_key(key: str, taken: Mapping[str, Any]) -> None:
    """Whether a new pack may be called so, for ever. Raises NotSound."""
    if not KEY.fullmatch(key) or key in RESERVED:
        raise NotSound([Flaw("key", Sentence(_KEY))])
    if key in taken:
        raise NotSound([Flaw("key", Sentence(_KEY_TAKEN, {"key": key}))])


def verdict_of(plain: Plain, fact: PaysFor) -> Verdict:
    """What a definition says to a benefit; what it does not name is forbidden."""
    return Verdict[plain["facts"].get(key_of(fact), "forbid").upper()]


def as_written(warning: str) -> str:
    """A stored warning as its author reads and writes it: `%(loss)s%`."""
    return warning.replace("%%", "%")


def as_stored(warning: str) -> str:
    """The same as it is kept, ready to be filled in: `%(loss)s%%`."""
    return LOSS.join(part.replace("%", "%%") for part in warning.split(LOSS))


def _flaws(key: str, plain: Plain, others: Mapping[str, Plain]) -> Iterator[Flaw]:
    yield from _of_texts("name", plain["name"], LONGEST_NAME, _NAME)
    yield from _of_countries(key, plain, others)
    if plain.get("retail") and key in NEVER_RETAIL:
        yield Flaw("retail", Sentence(_NEVER_RETAIL))
    for fact in PaysFor:
        if plain["facts"].get(key_of(fact), "").upper() not in Verdict.__members__:
            yield Flaw(f"facts.{key_of(fact)}", Sentence(_VERDICT))
        elif (broken := _out_of_order(key, plain, others, fact)) is not None:
            yield Flaw(f"facts.{key_of(fact)}", broken)
        yield from _too_long(f"cites.{key_of(fact)}", plain.get("cites", {}).get(key_of(fact), {}), LONGEST_CITE)
    yield from _of_texts("warning", plain.get("warning", {}), LONGEST_WARNING, _WARNING)
    for code, text in cleaned_texts(plain.get("warning", {})).items():
        if (broken := _misplaced(text)) is not None:
            yield Flaw(f"warning.{code}", broken)


def _of_countries(key: str, plain: Plain, others: Mapping[str, Plain]) -> Iterator[Flaw]:
    countries = plain.get("countries", [])
    if countries and key in WITHOUT_COUNTRIES:
        yield Flaw("countries", Sentence(_NO_COUNTRIES))
        return
    if unknown := [code for code in countries if code not in country_codes()]:
        yield Flaw("countries", Sentence(_COUNTRY, {"code": unknown[0]}))
    for other in others.values():
        if shared := sorted(set(countries) & set(other.get("countries", ()))):
            values = {"country": Country(shared[0]), "pack": other["name"]}
            yield Flaw("countries", Sentence(_TAKEN, values))


def _out_of_order(key: str, plain: Plain, others: Mapping[str, Plain], fact: PaysFor) -> Sentence | None:
    """What is not known yet must stay at least as strict as every pack that protects retail clients."""
    verdict = verdict_of(plain, fact)
    if key == UNKNOWN:
        stricter = (other for other in others.values() if other.get("retail") and verdict_of(other, fact) > verdict)
        found = next(stricter, None)
        return None if found is None else Sentence(_LOOSER, {"pack": found["name"]})
    unknown = others.get(UNKNOWN)
    if plain.get("retail") and unknown is not None and verdict > verdict_of(unknown, fact):
        return Sentence(_STRICTER, {"pack": unknown["name"]})
    return None


def _misplaced(text: str) -> Sentence | None:
    """What is wrong with the percent signs of a warning, which is filled in on every page."""
    alone = text.replace("%%", "")
    if "%%(" in text.replace(LOSS, "") or "%" in alone.replace(LOSS, ""):
        return Sentence(_PERCENT, {"place": LOSS})
    return None if alone.count(LOSS) == 1 else Sentence(_PLACE, {"place": LOSS})


def _of_texts(name: str, texts: Mapping[str, str], longest: int, missing: str) -> Iterator[Flaw]:
    if "en" not in cleaned_texts(texts):
        yield Flaw(f"{name}.en", Sentence(missing))
    yield from _too_long(name, texts, longest)


def _too_long(name: str, texts: Mapping[str, str], longest: int) -> Iterator[Flaw]:
    kept = cleaned_texts(texts)
    for code in LANGUAGES:
        if len(kept.get(code, "")) > longest:
            yield Flaw(f"{name}.{code}", Sentence(_LONG, {"longest": longest}))
