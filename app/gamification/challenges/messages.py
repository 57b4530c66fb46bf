"""What members are told about their challenges: completed, and taken back."""

from collections.abc import Mapping
from typing import Any

from app.gamification.messages.wording import Wording, words_for
from app.gamification.playable import challenge_of
from app.gamification.tiers.ladder import Ladder
from app.lib.i18n import Sentence, _l

# challenge, revision, run, claim (whether the reward waits for it), late (whether it had ended already)
COMPLETED = "challenge.completed"
WITHDRAWN = "challenge.withdrawn"  # challenge, revision, run, over (whether the window is)

_WAITS = _l("You completed “%(challenge)s”. What it brings waits for you to claim it.")
_GIVEN = _l("You completed “%(challenge)s”.")
_LATE_WAITS = _l(
    "You completed “%(challenge)s” after all: something you did in time was reported later. What it brings waits for"
    " you to claim it."
)
_LATE_GIVEN = _l("You completed “%(challenge)s” after all: something you did in time was reported later.")
_GOES_ON = _l("Something that counted for “%(challenge)s” was cancelled or corrected, so it is open again.")
_OVER = _l("Something that counted for “%(challenge)s” was cancelled or corrected, so it is not completed any more.")


@words_for(COMPLETED)
def completed(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """Everything was done; the reward waits, or came at once."""
    if facts.get("late"):
        return _said(_LATE_WAITS if facts["claim"] else _LATE_GIVEN, "gold", facts)
    return _said(_WAITS if facts["claim"] else _GIVEN, "gold", facts)


@words_for(WITHDRAWN)
def withdrawn(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """What had completed it does not hold any more."""
    return _said(_OVER if facts["over"] else _GOES_ON, "warn", facts)


def _said(words: str, tone: str, facts: Mapping[str, Any]) -> Wording:
    name = challenge_of(facts["revision"]).definition.name
    address = {"challenge_id": facts["challenge"], "run": facts["run"]}
    return Wording(Sentence(words, {"challenge": name}), tone, "challenges", "one", address)
