"""How weeks are counted: a dated list, so that a change begins with a week of everybody's. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.lib.i18n import _l

KEY = "streak"  # in the programme's settings
# Five of seven, so that a week can be kept by who loses a day to a flight over the date line.
MOST_DAYS, MOST_EVERY, MOST_FREEZES = 5, 26, 6


@dataclass(frozen=True)
class Rule:
    """What keeps a week, and what freezes there are."""

    days_needed: int = field(
        default=3,
        metadata={
            "label": _l("Days of practice that keep a week"),
            "help": _l("Journal entries, lessons passed and planned rest days that were kept. Never trades."),
            "min": 1,
            "max": MOST_DAYS,
        },
    )
    freeze_every: int = field(
        default=4,
        metadata={
            "label": _l("Kept weeks that earn a freeze"),
            "help": _l("A freeze protects the streak in a week that was missed. 0: there are none."),
            "min": 0,
            "max": MOST_EVERY,
        },
    )
    freeze_cap: int = field(
        default=2, metadata={"label": _l("Freezes a member can hold"), "min": 0, "max": MOST_FREEZES}
    )


class Rules(NamedTuple):
    """Every rule with the Monday it begins on, oldest first; the first holds for all that lies before."""

    mondays: tuple[int, ...]
    rules: tuple[Rule, ...]

    def at(self, monday: int) -> Rule:
        """The rule of the week that begins on this day."""
        return self.rules[max(0, bisect_right(self.mondays, monday) - 1)]


STARTING = Rules((0,), (Rule(),))


def read(settings: Mapping[str, Any]) -> Rules:
    """The rules that the programme's settings hold; those of the start where nobody set any."""
    stored: Sequence[Mapping[str, int]] = settings.get(KEY) or ()
    if not stored:
        return STARTING
    rules = (Rule(**{name: value for name, value in one.items() if name != "since"}) for one in stored)
    return Rules(tuple(one["since"] for one in stored), tuple(rules))
