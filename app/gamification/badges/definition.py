"""What a badge says: the immutable definition of one revision, checked when it is read in."""

import dataclasses
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from app.gamification import definitions
from app.gamification.accrual.definition import DecimalText, Expiry, Name
from app.gamification.badges.gauge import gauges, load_gauges
from app.gamification.challenges.definition import About
from app.gamification.errors.programme import Flaw
from app.gamification.measures.measure import Described, load, measures
from app.lib.amounts import MAX_POINTS
from app.lib.i18n import Sentence, _l
from app.lib.registry import UnknownKind

MOST_LEVELS = 3
BRONZE, SILVER, GOLD = 1, 2, 3
METALS = {BRONZE: _l("Bronze level"), SILVER: _l("Silver level"), GOLD: _l("Gold level")}
GIVEN = "given"  # the kind of a badge that only a challenge gives

_LEVELS = _l("Give it one to three levels, each higher than the one before.")
_NOT_COUNTED = _l("This kind depends on time or order: it is for challenges only.")
_POINTS = _l("Say the points of each level, 0 for none.")
_GIVEN_POINTS = _l("What a challenge gives brings no points of its own: let the challenge bring them.")
_SHAPE = _l("This is not a badge that the programme can read.")


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is counted: a measure or a gauge with its settings; `given`: nothing, a challenge gives it."""

    kind: str
    settings: dict[str, Any] = {}


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`levels`: what reaches bronze, silver and gold, in the measure's own unit; of one that is given only how many.
    `points`: what each level brings, spendable only.
    """

    name: Name
    criterion: Criterion
    levels: Annotated[tuple[DecimalText, ...], msgspec.Meta(min_length=1, max_length=MOST_LEVELS)]
    about: About = {}
    icon: str = "award"
    group: Literal["discipline", "learning", "trading", "people"] = "discipline"
    points: tuple[Annotated[int, msgspec.Meta(ge=0, le=MAX_POINTS)], ...] = ()
    expiry: Expiry = Expiry("end_of_month", 12)
    hidden: bool = False  # shown to who holds it, to others only that there is one
    temporary: bool = False  # falls away when it is no longer true
    from_start: bool = True  # counts what members did before it was published

    def points_of(self, level: int) -> int:
        """What a level brings."""
        return self.points[level - 1] if level <= len(self.points) else 0


def read_definition(plain: Mapping[str, Any]) -> Definition:
    """The definition of a stored revision. Raises NotSound."""
    return definitions.read(plain, Definition, _SHAPE)


def sound(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The definition in its one stored form. Raises NotSound with everything that is wrong, by field."""
    definition = read_definition(plain)
    return definitions.stored(definition, _flaws(definition))


def described(criterion: Criterion, level: str = "1") -> Described:
    """The measure or gauge of a criterion with its settings, its target that of a level.

    Raises UnknownKind, and ValidationError for settings of another kind.
    """
    load()
    load_gauges()
    measure = gauges.get(criterion.kind) if criterion.kind in gauge_keys() else measures.get(criterion.kind)
    field = next(field for field in dataclasses.fields(measure.Settings) if field.name == "target")
    target: Any = str(Decimal(level)) if field.type is Decimal else int(Decimal(level))
    return Described(measure, msgspec.convert({**criterion.settings, "target": target}, measure.Settings))


def gauge_keys() -> frozenset[str]:
    """The kinds that look at where a member stands, not at what they did."""
    load_gauges()
    return frozenset(gauge.key for gauge in gauges.all())


def _flaws(said: Definition) -> Iterator[Flaw]:
    yield from definitions.unnamed(said.name)
    levels = [Decimal(level) for level in said.levels]
    if any(level <= 0 for level in levels) or sorted(set(levels)) != levels:
        yield Flaw("levels", Sentence(_LEVELS))
    elif said.criterion.kind != GIVEN:
        try:
            found = described(said.criterion, said.levels[0])
            if not found.measure.for_badges:
                yield Flaw("criterion.kind", Sentence(_NOT_COUNTED))
            for name, sentence in found.measure.flaws(found.settings):
                if name != "target":  # that of a challenge: a badge may ask for years
                    yield Flaw(f"criterion.settings.{name}", sentence)
        except UnknownKind:
            yield Flaw("criterion.kind", Sentence(definitions.NO_KIND))
        except (msgspec.ValidationError, ValueError):
            yield Flaw("criterion.settings", Sentence(definitions.NO_SETTINGS))
    if said.points and len(said.points) != len(said.levels):
        yield Flaw("points", Sentence(_POINTS))
    if said.criterion.kind == GIVEN and any(said.points):
        yield Flaw("points", Sentence(_GIVEN_POINTS))
    yield from definitions.never_lapsing(said.expiry, "expiry")
