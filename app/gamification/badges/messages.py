"""What members are told about their badges."""

from collections.abc import Mapping
from typing import Any

from app.gamification.messages.wording import Wording, words_for
from app.gamification.playable import badge_by_id
from app.gamification.tiers.ladder import Ladder
from app.lib.i18n import Sentence, _l, _n

AWARDED = "badge.awarded"  # badge, level, points
TAKEN = "badge.taken"  # badge, level (the highest that is left, 0: none)

_AWARDED = {
    0: _l("The badge “%(badge)s” is yours."),
    1: _l("The badge “%(badge)s” is yours in bronze."),
    2: _l("The badge “%(badge)s” is yours in silver."),
    3: _l("The badge “%(badge)s” is yours in gold."),
}
_PAID = {
    0: _n(
        "The badge “%(badge)s” is yours, with %(points)s point.",
        "The badge “%(badge)s” is yours, with %(points)s points.",
        "points",
    ),
    1: _n(
        "The badge “%(badge)s” is yours in bronze, with %(points)s point.",
        "The badge “%(badge)s” is yours in bronze, with %(points)s points.",
        "points",
    ),
    2: _n(
        "The badge “%(badge)s” is yours in silver, with %(points)s point.",
        "The badge “%(badge)s” is yours in silver, with %(points)s points.",
        "points",
    ),
    3: _n(
        "The badge “%(badge)s” is yours in gold, with %(points)s point.",
        "The badge “%(badge)s” is yours in gold, with %(points)s points.",
        "points",
    ),
}
_TAKEN = {
    0: _l("The badge “%(badge)s” is not yours any more. Its page says what it asks for."),
    1: _l("Your badge “%(badge)s” is bronze now. Its page says what silver asks for."),
    2: _l("Your badge “%(badge)s” is silver now. Its page says what gold asks for."),
}
_HIDDEN_GONE = _l("The badge “%(badge)s” is not yours any more.")


@words_for(AWARDED)
def awarded(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """A level was reached, with what it brought."""
    badge = badge_by_id(facts["badge"])
    metal = facts["level"] if badge.levels > 1 else 0
    values = {"badge": badge.definition.name, "points": facts["points"]}
    words: Any = _PAID if facts["points"] else _AWARDED
    tone = "gold" if facts["points"] else "brand"
    return Wording(Sentence(words[metal], values), tone, "badges", "one", {"key": badge.key})


@words_for(TAKEN)
def taken(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """A level does not hold any more."""
    badge = badge_by_id(facts["badge"])
    sentence = Sentence(_TAKEN[facts["level"]], {"badge": badge.definition.name})
    # A hidden one that is gone has no page for whoever does not hold it.
    if badge.definition.hidden and not facts["level"]:
        return Wording(Sentence(_HIDDEN_GONE, {"badge": badge.definition.name}), "warn", "badges")
    return Wording(sentence, "warn", "badges", "one", {"key": badge.key})
