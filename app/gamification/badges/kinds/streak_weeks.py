"""The longest streak of a member's."""

from dataclasses import dataclass, field
from typing import Any

from app.gamification.activities import PaysFor
from app.gamification.badges.gauge import Gauge, gauges
from app.gamification.state import MemberState
from app.gamification.streaks.rules import read as read_rules
from app.gamification.streaks.weeks import best_of
from app.lib.i18n import Sentence, _l, _n


@gauges.register
class StreakWeeks(Gauge):
    """Keep a number of weeks in a row; a freeze holds the streak, and the longest one counts."""

    key, title, icon, unit = "streak_weeks", _l("Weeks in a row"), "flame", _l("weeks")
    facts = frozenset({PaysFor.HABIT, PaysFor.LEARNING})
    is_sum = True
    needs_practice = True

    @dataclass(frozen=True)
    class Settings:
        target: int = field(default=4, metadata={"label": _l("Weeks in a row"), "min": 1, "max": 520})

    @classmethod
    def read(cls, state: MemberState, settings: Settings, programme: Any) -> int | None:
        if state.habits is None or state.habits.before is None:
            return None  # without new practice it stays as it is
        return best_of(state.habits.days(), read_rules(programme.settings))

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n("Keep %(number)s week.", "Keep %(number)s weeks in a row.", "number")
        return Sentence(words, {"number": settings.target})
