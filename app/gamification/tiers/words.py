"""The ladder in sentences: what decides a level, what keeps it, what may be lost."""

from typing import Any

from app.gamification.tiers.ladder import Ladder
from app.gamification.tiers.messages import name_of
from app.gamification.tiers.position import Position
from app.gamification.tiers.projection import Projection
from app.lib.clock import from_day
from app.lib.i18n import Sentence, _l, _n

_DECIDES = {
    "rolling": _n(
        "Qualifying points of the last %(days)s day decide your level. Spending points never lowers it.",
        "Qualifying points of the last %(days)s days decide your level. Spending points never lowers it.",
        "days",
    ),
    "month": _l("The qualifying points of a month decide your level. Spending points never lowers it."),
    "quarter": _l("The qualifying points of a quarter decide your level. Spending points never lowers it."),
    "year": _l("The qualifying points of a year decide your level. Spending points never lowers it."),
    "lifetime": _l("All qualifying points you ever earned decide your level. Spending points never lowers it."),
}
_FALLS = {
    "never": _l("A level once reached is yours for good."),
    "one_level": _l("Whoever has less than what keeps a level moves down by one level, never further at once."),
    "to_balance": _l("Whoever has less than what keeps a level moves to the level that the points still keep."),
}


def decides(ladder: Ladder) -> Sentence:
    """What the level is decided by."""
    return Sentence(_DECIDES[ladder.period.kind], {"days": ladder.period.days})


def rules(ladder: Ladder) -> tuple[Sentence, ...]:
    """How levels are reached and lost, one sentence each."""
    at_once = ladder.promotion == "at_once"
    said = [
        Sentence(
            _l("A level counts from the activity that reached it.")
            if at_once
            else _l("A level that was reached counts from the next period on.")
        ),
        Sentence(_FALLS[ladder.downgrade]),
    ]
    if ladder.downgrade != "never":
        if ladder.grace_days:
            said.append(
                Sentence(
                    _n(
                        "Before a level is lost there is %(days)s day of grace to make up what is missing.",
                        "Before a level is lost there are %(days)s days of grace to make up what is missing.",
                        "days",
                    ),
                    {"days": ladder.grace_days},
                )
            )
        if ladder.warn_days:
            said.append(
                Sentence(
                    _n(
                        "We tell you %(days)s day before a level would be lost.",
                        "We tell you %(days)s days before a level would be lost.",
                        "days",
                    ),
                    {"days": ladder.warn_days},
                )
            )
    return tuple(said)


def outlook(place: Position, projection: Projection | None, language: str, seen: int | None = None) -> Sentence | None:
    """What keeps the level: “240 more by 30 June keeps Gold.” None where there is nothing below.

    `seen`: the day up to which the projection looked, where it looked only some days ahead.
    """
    if not place.level.position:
        return None
    values: dict[str, Any] = {"level": name_of(place.ladder, place.level_id, language)}
    if projection is None and seen is not None and place.can_fall:
        values["day"] = from_day(seen)
        return Sentence(_l("%(level)s is yours until %(day)s at least."), values)
    if projection is None:
        return Sentence(_l("%(level)s is yours for good."), values)
    values |= {"needed": projection.needed, "day": from_day(projection.by)}
    if not projection.needed:
        return Sentence(_l("You have what keeps %(level)s beyond %(day)s."), values)
    if projection.is_short:
        return Sentence(_l("%(level)s is yours until %(day)s; %(needed)s more by then keep it."), values)
    return Sentence(_l("%(needed)s more by %(day)s keep %(level)s."), values)
