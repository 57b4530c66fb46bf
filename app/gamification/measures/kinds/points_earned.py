"""Points that activities have earned."""

from dataclasses import dataclass, field

from app.gamification.activities import KINDS, OWN_KINDS
from app.gamification.measures.measure import Counted, Measure, Missed, Seen, measures
from app.lib.i18n import Sentence, _l, _n

ALL, HABITS = "all", "habits"
_HABITS = frozenset({"journal.written", "lesson.passed", "rest.kept", "survey.answered", "visit"})
_EARNING = frozenset(kind.key for kind in KINDS if kind.earns and kind.key != "custom") | {OWN_KINDS}
_NOTHING = Missed(Sentence(_l("Earned no points")))


@measures.register
class PointsEarned(Measure):
    """Earn a number of points by activities, held ones too; what challenges and badges bring does not count."""

    key, title, icon, unit = "points_earned", _l("Points earned"), "coins", _l("points")
    listens_to = _EARNING

    @dataclass(frozen=True)
    class Settings:
        target: int = field(default=500, metadata={"label": _l("Points"), "min": 1, "max": 1_000_000_000})
        of: str = field(
            default=ALL,
            metadata={
                "label": _l("Earned by"),
                "help": _l("Habits: the journal, lessons, surveys, planned rest and visits. Open to every member."),
                "choices": {ALL: _l("everything"), HABITS: _l("habits and lessons")},
            },
        )

    @classmethod
    def listens(cls, settings: Settings) -> frozenset[str]:
        return _HABITS if settings.of == HABITS else _EARNING

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        return Counted(seen.earned) if seen.earned > 0 else _NOTHING

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        if settings.of == HABITS:
            words = _n(
                "Earn %(points)s point by the journal, lessons and other habits.",
                "Earn %(points)s points by the journal, lessons and other habits.",
                "points",
            )
        else:
            words = _n("Earn %(points)s point.", "Earn %(points)s points.", "points")
        return Sentence(words, {"points": settings.target})
