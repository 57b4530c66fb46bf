"""What members are told about their level: that they reached it, that they may lose it, that they lost it."""

from collections.abc import Mapping
from typing import Any

from app.gamification.messages.wording import Wording, words_for
from app.gamification.tiers.ladder import Ladder
from app.lib.clock import from_day, from_micros
from app.lib.i18n import Sentence, _l, pick

REACHED = "tier.reached"  # level, from (microseconds)
WARNING = "tier.warning"  # level, needed, by (last day)
LOST = "tier.lost"  # level (the new one), was, from


@words_for(REACHED)
def reached(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """A level that counts from a moment on."""
    sentence = Sentence(
        _l("You reached %(level)s. It counts from %(day)s."),
        {"level": name_of(ladder, facts["level"], language), "day": from_micros(facts["from"])},
    )
    return Wording(sentence, "gold", "tiers")


@words_for(WARNING)
def warning(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """What keeps the level, and until when."""
    sentence = Sentence(
        _l("%(needed)s more qualifying points by %(day)s keep %(level)s."),
        {
            "needed": facts["needed"],
            "day": from_day(facts["by"]),
            "level": name_of(ladder, facts["level"], language),
        },
    )
    return Wording(sentence, "warn", "tiers")


@words_for(LOST)
def lost(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """Where the member stands now."""
    sentence = Sentence(
        _l("Your level is now %(level)s. Your points stay yours, and %(was)s can be reached again."),
        {"level": name_of(ladder, facts["level"], language), "was": name_of(ladder, facts["was"], language)},
    )
    return Wording(sentence, "brand", "tiers")


def name_of(ladder: Ladder, level_id: int, language: str) -> str:
    """What a level is called, or was called while there was one."""
    return pick(dict(ladder.named(level_id).name), language)
