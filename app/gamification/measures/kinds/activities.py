"""Activities of one kind, the broker's own too."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.gamification.activities import kind_of
from app.gamification.measures.measure import Counted, Measure, Missed, Seen, measures
from app.lib.i18n import Sentence, _l, _n

_OWN = re.compile(r"custom\.[a-z][a-z0-9_.\-]{0,39}")
_UNKNOWN = _l("There is no such activity. Write a key such as survey.answered, or custom. with a name behind it.")


@measures.register
class Activities(Measure):
    """Do one kind of thing a number of times; one that carries a count counts as many."""

    key, title, icon, unit = "activities", _l("Activities"), "activity", _l("times")
    listens_to = frozenset({"survey.answered"})

    @dataclass(frozen=True)
    class Settings:
        target: int = field(default=1, metadata={"label": _l("Times"), "min": 1, "max": 1_000_000})
        activity: str = field(
            default="survey.answered",
            metadata={
                "label": _l("Activity"),
                "help": _l("Its key: survey.answered, kyc.verified, partner.purchase, or custom. with a name."),
                "longest": 80,
            },
        )

    @classmethod
    def listens(cls, settings: Settings) -> frozenset[str]:
        return frozenset({settings.activity})

    @classmethod
    def flaws(cls, settings: Settings) -> Iterator[tuple[str, Sentence]]:
        yield from super().flaws(settings)
        kind = kind_of(settings.activity)
        if kind is None or not kind.earns or (kind.key == "custom" and not _OWN.fullmatch(settings.activity)):
            yield "activity", Sentence(_UNKNOWN)

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        return Counted(getattr(seen.facts, "times", 1))

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n("%(activity)s: %(times)s time.", "%(activity)s: %(times)s times.", "times")
        return Sentence(words, {"activity": title_of(settings.activity), "times": settings.target})


def title_of(activity: str) -> Sentence | str:
    """What an activity is called; of the broker's own kinds the name behind `custom.`."""
    kind = kind_of(activity)
    return activity.partition(".")[2] if kind is None or kind.key == "custom" else Sentence(kind.title)
