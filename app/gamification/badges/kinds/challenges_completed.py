"""Challenges completed."""

from dataclasses import dataclass, field
from typing import Any

from app.gamification.activities import PaysFor
from app.gamification.badges.gauge import Gauge, gauges
from app.gamification.state import MemberState
from app.lib.i18n import Sentence, _l, _n


@gauges.register
class ChallengesCompleted(Gauge):
    """Complete a number of challenges; one that begins again counts each time."""

    key, title, icon, unit = "challenges_completed", _l("Challenges completed"), "target", _l("challenges")
    # Nobody completes what the law forbids them.
    facts = frozenset({PaysFor.SERVICE})
    is_sum = True

    @dataclass(frozen=True)
    class Settings:
        target: int = field(default=3, metadata={"label": _l("Challenges"), "min": 1, "max": 1000})

    @classmethod
    def read(cls, state: MemberState, settings: Settings, programme: Any) -> int:
        return state.badges.completed if state.badges is not None else 0

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n("Complete %(number)s challenge.", "Complete %(number)s challenges.", "number")
        return Sentence(words, {"number": settings.target})
