"""Joining the programme."""

from dataclasses import dataclass, field

from app.gamification.measures.measure import ONE, Counted, Measure, Missed, Seen, measures
from app.lib.i18n import Sentence, _l


@measures.register
class Joined(Measure):
    """Join the programme: for a challenge that everybody is in without joining it, or as the first step of a quest."""

    key, title, icon, unit = "joined", _l("Joined the programme"), "door-open", _l("done")
    listens_to = frozenset({"member.joined"})

    @dataclass(frozen=True)
    class Settings:
        target: int = field(default=1, metadata={"label": _l("Times"), "min": 1, "max": 1})

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        return ONE

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        return Sentence(_l("Join the programme."))
