"""The level of the ladder that a member stands on."""

from dataclasses import dataclass, field
from typing import Any

from app.gamification.activities import PaysFor
from app.gamification.badges.gauge import Gauge, gauges
from app.gamification.state import MemberState
from app.lib.i18n import Sentence, _l, _n


@gauges.register
class LevelReached(Gauge):
    """Stand on a level of the ladder; the lowest is 0."""

    key, title, icon, unit = "level_reached", _l("Tier reached"), "layers", _l("levels up")
    facts = frozenset({PaysFor.SERVICE})

    @dataclass(frozen=True)
    class Settings:
        target: int = field(default=1, metadata={"label": _l("Levels above the lowest"), "min": 1, "max": 20})

    @classmethod
    def read(cls, state: MemberState, settings: Settings, programme: Any) -> int:
        return int(programme.ladder.level(state.level_id).position)

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n("Climb %(levels)s level up the ladder.", "Climb %(levels)s levels up the ladder.", "levels")
        return Sentence(words, {"levels": settings.target})
