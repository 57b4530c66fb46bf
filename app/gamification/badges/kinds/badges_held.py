"""Other badges that a member holds."""

from dataclasses import dataclass, field
from typing import Any

from app.gamification.activities import PaysFor
from app.gamification.badges.gauge import Gauge, gauges
from app.gamification.state import MemberState
from app.lib.i18n import Sentence, _l, _n


@gauges.register
class BadgesHeld(Gauge):
    """Hold a number of different badges, at whatever level; badges for badges do not count."""

    key, title, icon, unit = "badges_held", _l("Badges held"), "award", _l("badges")
    # A badge that the law forbids is never held.
    facts = frozenset({PaysFor.SERVICE})
    is_last = True

    @dataclass(frozen=True)
    class Settings:
        target: int = field(default=5, metadata={"label": _l("Badges"), "min": 1, "max": 1000})

    @classmethod
    def read(cls, state: MemberState, settings: Settings, programme: Any) -> int:
        if state.badges is None:
            return 0
        aside = programme.play.badges_for_badges
        return sum(tally.level > 0 and id_ not in aside for id_, tally in state.badges.tallies.items())

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n("Hold %(number)s badge.", "Hold %(number)s different badges.", "number")
        return Sentence(words, {"number": settings.target})
