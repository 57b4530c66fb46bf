"""Days with a visit."""

from dataclasses import dataclass, field

from app.gamification.measures.measure import Counted, Measure, Missed, Seen, measures
from app.lib.i18n import Sentence, _l, _n


@measures.register
class Visits(Measure):
    """Visit the programme on a number of days; a day counts once."""

    key, title, icon, unit = "visits", _l("Days visited"), "footprints", _l("days")
    listens_to = frozenset({"visit"})
    counts_different = True

    @dataclass(frozen=True)
    class Settings:
        target: int = field(default=5, metadata={"label": _l("Days"), "min": 1, "max": 366})

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        return Counted(1, str(seen.day))

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n("Visit the programme on %(days)s day.", "Visit the programme on %(days)s days.", "days")
        return Sentence(words, {"days": settings.target})
