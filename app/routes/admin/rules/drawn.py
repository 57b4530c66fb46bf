"""What the rule builder shows beside the form: the sentence in three languages, the law, and the rule tried out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from app.gamification.accrual.publishing.revisions import RuleView
from app.gamification.accrual.publishing.written import Written
from app.gamification.accrual.telling.changes import Changed, changes
from app.gamification.accrual.telling.parts import Part
from app.gamification.accrual.telling.sentence import place, sentence
from app.gamification.accrual.telling.whom import ALWAYS
from app.gamification.accrual.trying.acts import named, recent
from app.gamification.accrual.trying.attempt import attempt
from app.gamification.policy.packs import Verdict
from app.gamification.policy.reach import verdicts
from app.gamification.programme import Programme
from app.gamification.terms import FACT_WORDS
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.routes.formats import say, spelled
from app.routes.language import language, speaking

# What a pack's verdict comes to, and how it looks.
SHOWN = 6
LONGEST_UNBROKEN = 24
OUTCOMES = {
    Verdict.ALLOW: (_l("Points"), _l("Allowed"), "check", "brand"),
    Verdict.SERVICE_ONLY: (
        _l("Points for services only"),
        _l("Good for recognition and service"),
        "handshake",
        "brand",
    ),
    Verdict.RECOGNITION: (_l("Badge"), _l("Recognition only"), "medal", "violet"),
    Verdict.FORBID: (_l("Nothing"), _l("Forbidden"), "ban", "warn"),
}
# The part of the form that a part of the sentence comes from, where they are called otherwise.
_ANCHORS = {"base": "rate", "factors": "multiply", "caps": "cap_", "hold_days": "hold", "expiry": "mode"}


@dataclass(frozen=True)
class Told:
    """The rule in words: each language's sentence with its parts marked, and what differs from what is live."""

    by_language: Mapping[str, tuple[Markup, Markup]]  # the sentence, and its place in its group
    changes: tuple[Changed, ...]
    compared: bool


def told(written: Written, view: RuleView | None, *, anchors: bool = True) -> Told:
    """The sentence of a rule as it was written, set beside the revision in force."""
    before = view.shown if view is not None else None
    found: tuple[Changed, ...] = ()
    if before is not None:
        found = changes(before.definition, written.definition, ALWAYS, written.run)
    keys = frozenset(one.key for one in found)
    return Told({code: _said(written, code, keys, anchors) for code in LANGUAGES}, found, before is not None)


def law(current: Programme, written: Written) -> dict[str, Any]:
    """What each pack says to a rule of this kind."""
    definition = written.definition
    pays_for = current.pays_for(definition.kind)
    said = verdicts(current, pays_for, definition.audience.countries, definition.audience.classes)
    return {"pays_for": FACT_WORDS[pays_for.name.lower()], "verdicts": said, "outcomes": OUTCOMES}


def tried(
    current: Programme, written: Written, view: RuleView, asked: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """The rule tried on recent activities: the one asked for, else the latest, and a few more."""
    kind, words = written.definition.kind, asked.get("find", "").strip()
    found = named(kind, words) if words else None
    until = asked.get("another") or asked.get("tried", "")
    chosen = until.isdecimal() and len(until) < 19
    acts = recent(kind, until=int(until)) if chosen else recent(kind)
    if found is not None:
        acts = [found, *(act for act in acts if act.id != found.id)]
    live = current.rules_by_revision.get(view.live.id) if view.live else None
    results = attempt(current, acts, written.definition, view.id, live, language().code, now)
    if not chosen and found is None:
        # Nobody has chosen yet: begin where the draft pays something, which shows the most.
        paying = next((place for place, one in enumerate(results) if one.draft.points), 0)
        results = results[paying:]
    return {
        "tried": results[0] if results else None,
        "also": results[1:SHOWN],
        "another": results[1].act.id if len(results) > 1 else 0,
        "missing": words if words and found is None else "",
        "find": words,
    }


def mark(key: str) -> str:
    """The id of the control that a part of the sentence comes from."""
    first, _, rest = key.partition(".")
    if first == "conditions":
        return "c-" + rest.replace(".", "-")
    if first == "caps":
        return f"cap_{rest}"
    if first == "audience":
        return "audience"
    return _ANCHORS.get(first, first)


def words_of(parts: Iterable[Sentence], changed: frozenset[str] = frozenset(), *, anchors: bool = False) -> Markup:
    """Sentences one after the other, each part marked, and those that changed once more."""
    return Markup(" ").join(_marked(one, changed, anchors) for one in parts)


def _said(written: Written, code: str, changed: frozenset[str], anchors: bool) -> tuple[Markup, Markup]:
    stands = place(written.definition)
    with speaking(code):
        said = words_of(sentence(written.definition, written.run), changed, anchors=anchors)
        return said, words_of([stands] if stands else [], changed, anchors=anchors)


def _marked(said: Sentence, changed: frozenset[str], anchors: bool) -> Markup:
    def written(value: Any) -> str:
        if not isinstance(value, Sentence):
            return say(Sentence("%(value)s", {"value": value}))
        inner = _marked(value, changed, anchors)
        if not isinstance(value, Part) or value.key == "kind":
            return inner
        # A figure and its unit stay together on a line.
        css = "mark short" if len(inner.striptags()) <= LONGEST_UNBROKEN else "mark"
        new = Markup(" data-changed") if value.key in changed else ""
        if anchors:
            return Markup('<a class="{}" href="#{}"{}>{}</a>').format(css, mark(value.key), new, inner)
        return Markup('<b class="{}"{}>{}</b>').format(css, new, inner)

    return spelled(said, written)
