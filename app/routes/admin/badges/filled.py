"""The form of a badge: what stands in it, whoever filled it in, and what its buttons do to it, unsaved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.gamification.accrual.definition import LONGEST_NAME
from app.gamification.badges.definition import GIVEN, MOST_LEVELS, read_definition
from app.gamification.badges.publishing import criteria
from app.gamification.challenges.definition import LONGEST_ABOUT
from app.lib.i18n import LANGUAGES
from app.routes.admin.catalogue import typed
from app.routes.admin.catalogue.typed import Counting, Lapsing, Posted
from app.routes.admin.fields import typed as meant


@dataclass
class Filled:
    """Everything as it was typed. Of levels and points there are always three; those left empty are none."""

    name: dict[str, str]
    about: dict[str, str]
    icon: str
    group: str
    counting: Counting
    levels: list[str]
    points: list[str]
    expiry: Lapsing = field(default_factory=Lapsing)
    hidden: bool = False
    temporary: bool = False
    from_start: bool = True

    @property
    def is_given(self) -> bool:
        return self.counting.kind == GIVEN

    @property
    def used(self) -> int:
        """How many levels there are: up to the last one that was filled in."""
        return max((place + 1 for place, one in enumerate(self.levels) if one), default=1)


def of_definition(plain: Mapping[str, Any]) -> Filled:
    """The form that says what is stored."""
    said = read_definition(plain)
    measure = criteria().get(said.criterion.kind)
    settings = {}
    if measure is not None:
        settings = typed.beginning(measure, {**said.criterion.settings, "target": _target(said.levels[0])})
    return Filled(
        name={code: said.name.get(code, "") for code in LANGUAGES},
        about={code: said.about.get(code, "") for code in LANGUAGES},
        icon=said.icon,
        group=said.group,
        counting=Counting(said.criterion.kind, settings),
        levels=_three(list(said.levels)),
        points=_three([str(one) if one else "" for one in said.points]),
        expiry=typed.lapsing_of(said.expiry),
        hidden=said.hidden,
        temporary=said.temporary,
        from_start=said.from_start,
    )


def of_posted(posted: Posted) -> Filled:
    """The form as it was sent."""
    offered = criteria()
    counting = typed.counting(posted, "criterion", offered)
    levels = [meant(posted.get(f"levels.{place}", "")) for place in range(MOST_LEVELS)]
    if counting.kind == GIVEN:
        number = posted.get("levels.given", "1")
        levels = _three(["1", "2", "3"][: int(number) if number in ("1", "2", "3") else 1])
    if counting.is_unseen and counting.kind in offered:
        levels = _three(counting.settings.get("target", []))  # what another kind counted has another unit
    return Filled(
        name=typed.texts(posted, "name", LONGEST_NAME),
        about=typed.texts(posted, "about", LONGEST_ABOUT),
        icon=posted.get("icon", ""),
        group=posted.get("group", ""),
        counting=counting,
        levels=levels,
        points=[meant(posted.get(f"points.{place}", "")) for place in range(MOST_LEVELS)],
        expiry=typed.lapsing(posted, "expiry"),
        hidden="hidden" in posted,
        temporary="temporary" in posted,
        from_start="from_start" in posted,
    )


def press(filled: Filled, button: str) -> None:
    """Show the settings of the kind that was chosen."""
    filled.counting.is_unseen = False


def _three(values: list[str]) -> list[str]:
    return [*values, *([""] * MOST_LEVELS)][:MOST_LEVELS]


def _target(level: str) -> Any:
    return level if "." in level else int(level)
