"""What members are told of their streak, once a week: that it goes on, that a freeze held it, that it ended."""

from collections.abc import Mapping
from typing import Any

from app.gamification.messages.wording import Wording, words_for
from app.gamification.tiers.ladder import Ladder
from app.lib.i18n import Sentence, _l, _n

KEPT = "streak.kept"  # week, weeks (in a row), freezes, earned (whether a freeze was)
FROZEN = "streak.frozen"  # week, weeks, freezes (that are left)
ENDED = "streak.ended"  # week, weeks (that it had lasted)
KINDS = (KEPT, FROZEN, ENDED)

_FIRST = Sentence(_l("Last week is kept: a streak has begun."))
_KEPT = _n("Last week is kept: %(weeks)s week in a row.", "Last week is kept: %(weeks)s weeks in a row.", "weeks")
_EARNED = _n(
    "Last week is kept: %(weeks)s week in a row, and it earned you a freeze.",
    "Last week is kept: %(weeks)s weeks in a row, and they earned you a freeze.",
    "weeks",
)
_FROZEN = _n(
    "A freeze held your streak last week: it stands at %(weeks)s week. Nothing else is needed.",
    "A freeze held your streak last week: it stands at %(weeks)s weeks. Nothing else is needed.",
    "weeks",
)
_ENDED = _n(
    "Your streak ended after %(weeks)s week. A new one begins with the next week you keep.",
    "Your streak ended after %(weeks)s weeks. A new one begins with the next week you keep.",
    "weeks",
)


@words_for(KEPT)
def kept(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """The streak has grown."""
    if facts["earned"]:
        return Wording(Sentence(_EARNED, {"weeks": facts["weeks"]}), "brand", "habits")
    sentence = Sentence(_KEPT, {"weeks": facts["weeks"]}) if facts["weeks"] > 1 else _FIRST
    return Wording(sentence, "brand", "habits")


@words_for(FROZEN)
def frozen(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """The streak stands."""
    return Wording(Sentence(_FROZEN, {"weeks": facts["weeks"]}), "brand", "habits")


@words_for(ENDED)
def ended(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """The streak is over, and nothing is lost by it."""
    return Wording(Sentence(_ENDED, {"weeks": facts["weeks"]}), "brand", "habits")
