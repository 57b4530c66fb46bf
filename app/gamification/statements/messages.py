"""What members are told about the statements that they sent in."""

from collections.abc import Mapping
from typing import Any

from app.gamification.messages.wording import Wording, words_for
from app.gamification.statements.words import rejected
from app.gamification.tiers.ladder import Ladder
from app.lib.i18n import Sentence, _l, _n

APPROVED = "statement.approved"  # import: its id; points: those that are available now; later: held by their rule
REJECTED = "statement.rejected"  # import, reason: a key

_APPROVED = _n(
    "The broker approved your statement: %(points)s point is yours.",
    "The broker approved your statement: %(points)s points are yours.",
    "points",
)
_LATER = _n(
    "The broker approved your statement. Its %(later)s point becomes available once the hold of its rule is over.",
    "The broker approved your statement. Its %(later)s points become available once the holds of their rules are over.",
    "later",
)


@words_for(APPROVED)
def approved(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """What waited for review does not wait any more."""
    points, later = facts.get("points", 0), facts.get("later", 0)
    if points:
        sentence = Sentence(_APPROVED, {"points": points})
    elif later:
        sentence = Sentence(_LATER, {"later": later})
    else:
        sentence = Sentence(_l("The broker approved your statement. It had no points that waited."))
    return Wording(sentence, "gold", "accounts", calm=Sentence(_l("The broker approved your statement.")))


@words_for(REJECTED)
def not_accepted(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """Why it was not approved."""
    sentence = Sentence(
        _l("The broker did not accept your statement. %(reason)s"), {"reason": rejected(facts.get("reason"))}
    )
    return Wording(sentence, "warn", "accounts")
