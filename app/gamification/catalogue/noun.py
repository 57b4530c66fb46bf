"""The nouns of the catalogue: what is drafted, published, retired and brought back, all of it alike."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app.gamification.badges import definition as badge
from app.gamification.challenges import definition as challenge
from app.gamification.lessons import definition as lesson
from app.models.lessons import Lesson, LessonRevision
from app.models.play import Badge, BadgeRevision, Challenge, ChallengeRevision


class Noun(NamedTuple):
    """One kind of thing that is published: its tables, and what checks a definition and gives it its stored form."""

    key: str
    table: Any
    revision: Any
    parent: str  # the column of the revision that names the thing
    sound: Callable[[Mapping[str, Any]], dict[str, Any]]


CHALLENGES = Noun("challenge", Challenge, ChallengeRevision, "challenge_id", challenge.sound)
BADGES = Noun("badge", Badge, BadgeRevision, "badge_id", badge.sound)
LESSONS = Noun("lesson", Lesson, LessonRevision, "lesson_id", lesson.sound)
NOUNS = {noun.key: noun for noun in (CHALLENGES, BADGES, LESSONS)}
