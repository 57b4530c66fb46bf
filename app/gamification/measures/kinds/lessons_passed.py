"""Lessons passed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.measures.measure import Counted, Measure, Missed, Seen, measures
from app.lib.i18n import Sentence, _l, _n

_OTHER = Missed(Sentence(_l("Another lesson")))


def lessons() -> Mapping[str, Sentence]:
    """Every lesson by its title, to choose from."""
    found = compiled().play.lessons_by_key
    return {key: as_it_is(lesson.definition.title) for key, lesson in found.items()}


@measures.register
class LessonsPassed(Measure):
    """Pass a number of different lessons, or of those that are named."""

    key, title, icon, unit = "lessons_passed", _l("Lessons passed"), "graduation-cap", _l("lessons")
    counts_different = lasts = True
    listens_to = frozenset({"lesson.passed"})

    @dataclass(frozen=True)
    class Settings:
        target: int = field(default=3, metadata={"label": _l("Lessons"), "min": 1, "max": 100})
        only: tuple[str, ...] = field(
            default=(),
            metadata={
                "label": _l("Only these lessons"),
                "help": _l("None: every lesson counts."),
                "choices": lessons,
                "optional": True,
            },
        )

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        lesson = seen.facts.lesson
        return Counted(1, lesson) if not settings.only or lesson in settings.only else _OTHER

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n("Pass %(number)s lesson.", "Pass %(number)s different lessons.", "number")
        return Sentence(words, {"number": settings.target})
