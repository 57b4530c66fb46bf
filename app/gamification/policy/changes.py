"""What one revision of a pack says differently from another, and where that is looser, in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.gamification.activities import PaysFor
from app.gamification.approvals.registry import Change
from app.gamification.ledger.words.terms import listed
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.policy.definition import OFFSHORE, as_written, verdict_of
from app.gamification.policy.words import FACTS, NEVER, VERDICTS, key_of
from app.lib.countries import Country
from app.lib.i18n import LANGUAGES, Sentence, _l

Plain = Mapping[str, Any]

_YES, _NO = Sentence(_l("yes")), Sentence(_l("no"))
_IN = {"name": _l("Name, %(language)s"), "warning": _l("Risk warning, %(language)s")}
_CITE = _l("%(fact)s: rule cited, %(language)s")
_LOOSER = _l("Looser: %(fact)s goes from “%(before)s” to “%(after)s”.")
_RETAIL = _l("Looser: professional clients of its countries have the professional pack from then on.")
_OUT = _l("Looser: %(countries)s would be under “%(pack)s”, which allows more.")
_INTO = _l("Looser: %(countries)s were under “%(pack)s”, which allows less.")
_NEVER = _l("Whatever a pack says, these stay forbidden: %(list)s.")


def changes(before: Plain | None, after: Plain) -> tuple[Change, ...]:
    """Line by line; empty where both say the same."""
    return tuple(_changes(before or {"name": {}, "facts": {}}, after, is_new=before is None))


def warnings(before: Plain | None, after: Plain, others: Mapping[str, Plain]) -> tuple[Sentence, ...]:
    """What becomes looser, benefit by benefit and country by country. `others`: the packs beside it, by key."""
    return (*_looser(before, after, others), Sentence(_NEVER, {"list": listed([Sentence(one) for one in NEVER])}))


def _changes(before: Plain, after: Plain, *, is_new: bool) -> Iterator[Change]:
    yield from _texts("name", before, after)
    was, now = bool(before.get("retail")), bool(after.get("retail"))
    if is_new or was != now:
        yield Change(_l("Protects retail clients"), None if is_new else _said(was), _said(now))
    old, new = set(before.get("countries", ())), set(after.get("countries", ()))
    if new - old:
        yield Change(_l("Countries taken in"), None, _countries(new - old))
    if old - new:
        yield Change(_l("Countries taken out"), _countries(old - new), None)
    for fact in PaysFor:
        now_said = Sentence(VERDICTS[verdict_of(after, fact)])
        if is_new or verdict_of(before, fact) != verdict_of(after, fact):
            yield Change(FACTS[fact], None if is_new else Sentence(VERDICTS[verdict_of(before, fact)]), now_said)
        cited, cites = (said.get("cites", {}).get(key_of(fact), {}) for said in (before, after))
        for code, language in LANGUAGES.items():
            if cited.get(code) != cites.get(code):
                label = Sentence(_CITE, {"fact": Sentence(FACTS[fact]), "language": language})
                yield Change(label, _text(cited.get(code)), _text(cites.get(code)))
    yield from _texts("warning", before, after)


def _texts(name: str, before: Plain, after: Plain) -> Iterator[Change]:
    old, new = before.get(name, {}), after.get(name, {})
    for code, language in LANGUAGES.items():
        if old.get(code) != new.get(code):
            said = (as_written(texts[code]) if code in texts else None for texts in (old, new))
            yield Change(Sentence(_IN[name], {"language": language}), *map(_text, said))


def _looser(before: Plain | None, after: Plain, others: Mapping[str, Plain]) -> Iterator[Sentence]:
    if before is not None:
        for fact in PaysFor:
            was, now = verdict_of(before, fact), verdict_of(after, fact)
            if now < was:
                values = {"before": Sentence(VERDICTS[was]), "after": Sentence(VERDICTS[now])}
                yield Sentence(_LOOSER, {"fact": Sentence(FACTS[fact]), **values})
        if after.get("retail") and not before.get("retail"):
            yield Sentence(_RETAIL)
    # A country in no pack is the international one's.
    world, old = others.get(OFFSHORE, after), set(before.get("countries", ()) if before else ())
    new = set(after.get("countries", ()))
    if old - new and before is not None and _allows_more(world, before):
        yield Sentence(_OUT, {"countries": _countries(old - new), "pack": world["name"]})
    if new - old and _allows_more(after, world):
        yield Sentence(_INTO, {"countries": _countries(new - old), "pack": world["name"]})


def _allows_more(one: Plain, other: Plain) -> bool:
    """Whether the one is looser than the other on any benefit."""
    return any(verdict_of(one, fact) < verdict_of(other, fact) for fact in PaysFor)


def _said(flag: bool) -> Sentence:
    return _YES if flag else _NO


def _countries(codes: set[str]) -> Sentence:
    named: Sequence[Country] = [Country(code) for code in sorted(codes)]
    return listed(named)


def _text(text: str | None) -> Sentence | None:
    return None if text is None else as_it_is(text)
