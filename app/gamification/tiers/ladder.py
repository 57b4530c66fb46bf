"""The tier ladder: levels by qualifying points in a window, when a member rises, keeps and falls. Pure."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, cast

import msgspec

from app.lib.periods import Calendar, period_end, period_start

FOREVER = 2**31 - 1
SINCE_EVER = -(2**31)
DecimalText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4})?\Z")]


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The window that qualifying points are summed over."""

    kind: Literal["rolling", "month", "quarter", "year", "lifetime"]
    days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 365  # of a rolling window

    def sums_as(self, other: "Period") -> bool:
        """Whether both sum the same days, so that a sum made for one is right for the other."""
        return self.kind == other.kind and (self.kind != "rolling" or self.days == other.days)


class Perk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: dict[str, str]
    value: Literal["recognition", "service", "cash"] = "service"


class LevelDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    name: dict[str, str]
    threshold: Annotated[int, msgspec.Meta(ge=0)]
    keep: Annotated[int, msgspec.Meta(ge=0)] | None = None  # what keeps it; the threshold where not given
    factor: DecimalText = "1"
    perks: list[Perk] = []


class LadderDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Levels from the base (threshold 0) upward."""

    period: Period
    levels: list[LevelDefinition]
    promotion: Literal["at_once", "next_period"] = "at_once"
    downgrade: Literal["never", "one_level", "to_balance"] = "one_level"
    grace_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 0
    warn_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 14


class BadLadder(ValueError):
    """The ladder says something that no member could stand on; the message names the place."""


@dataclass(frozen=True)
class Level:
    id: int
    key: str
    position: int
    name: Mapping[str, str]
    threshold: int
    keep: int
    factor: Decimal
    perks: tuple[Perk, ...] = field(default=())


@dataclass(frozen=True)
class Ladder:
    """The ladder in force."""

    revision_id: int
    levels: tuple[Level, ...]
    period: Period
    promotion: str
    downgrade: str
    grace_days: int
    warn_days: int
    former: Mapping[int, Level] = field(default_factory=dict)  # levels that are gone, as they were last

    def level(self, level_id: int) -> Level:
        """The level that somebody of this id stands on; the base level for an id that never was.

        Of a level that is gone it is the highest that needs no more than that one needed: nobody falls by a publish.
        """
        return self._standing.get(level_id, self.levels[0])

    def named(self, level_id: int) -> Level:
        """The level of this id itself, gone or not, for what tells of the past."""
        return self.former.get(level_id) or self.level(level_id)

    def stood_on(self) -> Mapping[int, Level]:
        """Every id a wallet may hold, with the level that it means now."""
        return self._standing

    @cached_property
    def _standing(self) -> dict[int, Level]:
        stands_in = {id_: self.reached(level.threshold) for id_, level in self.former.items()}
        return stands_in | {level.id: level for level in self.levels}

    def reached(self, qualifying: int) -> Level:
        """The highest level whose threshold the sum reaches."""
        return next((level for level in reversed(self.levels) if qualifying >= level.threshold), self.levels[0])

    def above(self, level: Level) -> Level | None:
        """The next level up, or None at the top."""
        return self.levels[level.position + 1] if level.position + 1 < len(self.levels) else None

    def window_start(self, day: int) -> int:
        """The first day of the window that is open on a day."""
        if self.period.kind == "rolling":
            return day - self.period.days + 1
        if self.period.kind == "lifetime":
            return SINCE_EVER
        return period_start(day, self._calendar)

    def window_end(self, day: int) -> int:
        """The first day after that window; FOREVER where it never closes."""
        return period_end(day, self._calendar) if self.is_calendar else FOREVER

    @property
    def is_calendar(self) -> bool:
        """Whether the window is a month, a quarter or a year."""
        return self.period.kind in ("month", "quarter", "year")

    @property
    def is_rolling(self) -> bool:
        """Whether the window is the last so many days."""
        return self.period.kind == "rolling"

    @property
    def _calendar(self) -> Calendar:
        return cast(Calendar, self.period.kind)

    def after_review(self, current: Level, qualifying: int) -> Level:
        """Where a member stands after a review of the sum: risen, kept, or fallen as the policy says.

        A level is kept while the sum reaches its `keep`, which may be lower than the threshold it was entered by.
        """
        reached = self.reached(qualifying)
        if reached.position >= current.position:
            return reached
        if self.downgrade == "never" or qualifying >= current.keep:
            return current
        if self.downgrade == "one_level":
            return self.levels[current.position - 1]
        kept = [level for level in self.levels[: current.position] if qualifying >= min(level.keep, level.threshold)]
        return kept[-1]


def read_ladder(
    revision_id: int, plain: dict[str, Any], ids: Mapping[str, int], earlier: Iterable[dict[str, Any]] = ()
) -> Ladder:
    """The ladder of a stored revision; `ids` names its levels. Raises BadLadder.

    `earlier`: the revisions before it, newest first, for the levels that it no longer has.
    """
    try:
        definition = msgspec.convert(plain, LadderDefinition)
    except msgspec.ValidationError as error:
        raise BadLadder(str(error)) from error
    thresholds = [level.threshold for level in definition.levels]
    if not thresholds or thresholds[0] != 0:
        raise BadLadder("levels: the first level must have the threshold 0, so that everyone stands somewhere")
    if thresholds != sorted(set(thresholds)):
        raise BadLadder("levels: thresholds must rise from level to level")
    if any(level.keep is not None and level.keep > level.threshold for level in definition.levels):
        raise BadLadder("levels: keeping a level cannot need more than reaching it")
    if definition.promotion == "next_period" and definition.period.kind not in ("month", "quarter", "year"):
        raise BadLadder("promotion: only a month, a quarter or a year has a next period")
    levels = tuple(_level(ids, position, level) for position, level in enumerate(definition.levels))
    return Ladder(
        revision_id,
        levels,
        definition.period,
        definition.promotion,
        definition.downgrade,
        definition.grace_days,
        definition.warn_days,
        _former(ids, {level.key for level in levels}, earlier),
    )


def _level(ids: Mapping[str, int], position: int, level: LevelDefinition) -> Level:
    return Level(
        ids[level.key],
        level.key,
        position,
        level.name,
        level.threshold,
        level.threshold if level.keep is None else level.keep,
        Decimal(level.factor),
        tuple(level.perks),
    )


def _former(ids: Mapping[str, int], present: Set[str], earlier: Iterable[dict[str, Any]]) -> dict[int, Level]:
    missing, found = ids.keys() - present, {}
    for plain in earlier:
        if not missing:
            break
        for position, level in enumerate(msgspec.convert(plain, LadderDefinition).levels):
            if level.key in missing:
                found[ids[level.key]] = _level(ids, position, level)
                missing.remove(level.key)
    return found
