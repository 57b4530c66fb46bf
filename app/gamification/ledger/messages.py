"""What members are told about their points: a day's earnings, what was released, what lapses soon."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.gamification.messages.wording import Wording, words_for
from app.gamification.tiers.ladder import Ladder
from app.lib.clock import from_day
from app.lib.i18n import Sentence, _n

EARNED = "earned.day"  # day (of the programme), points
RELEASED = "released.points"  # points
EXPIRING = "expiring.points"  # points, last (day on which they are still there), at (microseconds)

_EARNED = _n("You earned %(points)s point on %(day)s.", "You earned %(points)s points on %(day)s.", "points")
_EARNED_IN_ALL = _n(
    "You earned %(points)s points on %(days)s day.", "You earned %(points)s points on %(days)s days.", "days"
)
_RELEASED = _n(
    "%(points)s point that was held is yours to use now.",
    "%(points)s points that were held are yours to use now.",
    "points",
)
_EXPIRING = _n(
    "%(points)s point lapses after %(day)s. The oldest are spent first.",
    "%(points)s points lapse after %(day)s. The oldest are spent first.",
    "points",
)


@words_for(EARNED)
def earned(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """What one day has earned."""
    return Wording(Sentence(_EARNED, {"points": facts["points"], "day": from_day(facts["day"])}), "gold", "points")


@words_for(RELEASED)
def released(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """What was held and is not any more."""
    return Wording(Sentence(_RELEASED, {"points": facts["points"]}), "gold", "points")


@words_for(EXPIRING)
def expiring(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """What will be gone, and when."""
    values = {"points": facts["points"], "day": from_day(facts["last"])}
    return Wording(Sentence(_EXPIRING, values), "warn", "points")


def earned_in_all(days: Sequence[Mapping[str, Any]]) -> Wording:
    """Several days' earnings in one sentence; a single one is named."""
    values = {"points": sum(facts["points"] for facts in days)}
    if len(days) == 1:
        return Wording(Sentence(_EARNED, values | {"day": from_day(days[0]["day"])}), "gold", "points")
    return Wording(Sentence(_EARNED_IN_ALL, values | {"days": len(days)}), "gold", "points")


def released_in_all(releases: Sequence[Mapping[str, Any]]) -> Wording:
    """What was released at several times, in one sentence."""
    return Wording(Sentence(_RELEASED, {"points": sum(facts["points"] for facts in releases)}), "gold", "points")
