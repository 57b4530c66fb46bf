"""What a challenge says: the immutable definition of one revision, checked when it is read in."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from app.gamification import definitions
from app.gamification.accrual.definition import Audience, Expiry, Name
from app.gamification.errors.programme import Flaw
from app.gamification.measures.measure import Described, load, measures
from app.lib.amounts import MAX_POINTS
from app.lib.countries import country_codes
from app.lib.i18n import Sentence, _l
from app.lib.registry import UnknownKind

FIRST_YEAR, LAST_YEAR = 2000, 2199  # the number of a run, counted from its first day, has room in references
MOST_STEPS, LONGEST_ABOUT, MOST_PLACES, LONGEST_DAYS = 10, 400, 1_000_000, 366

About = dict[str, Annotated[str, msgspec.Meta(max_length=LONGEST_ABOUT)]]
Recurrence = Literal["none", "end", "completion"]

_STEPS = _l("Name one thing to do, and for a quest at most %(most)s.")
_AFTER = _l("A step can only wait for steps before it.")
_WINDOW = _l("Choose a first and a last day, the last one not before the first.")
_YEARS = _l("Choose days between the years %(first)s and %(last)s.")
_DAYS = _l("Say how many days there are from joining on.")
_REPEATS = _l("Only what ends can begin again when it ends: choose days.")
_NO_PLACES = _l("Members who take part without joining take no place: leave the places empty.")
_COUNTRY = _l("There is no country with the code %(code)s. Use two letters, such as AE.")
_SHAPE = _l("This is not a challenge that the programme can read.")


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to do: a measure with its settings. `after`: places of the steps that have to be done before."""

    kind: str
    settings: dict[str, Any] = {}
    name: Name = {}  # where the measure's own sentence does not say it
    after: tuple[int, ...] = ()


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When it runs: `open` has no end, `fixed` lasts from `first` to `last` (both days included) for everyone,
    `personal` for `days` days from the one on which the member joins. Days are those of the member's zone.
    """

    kind: Literal["open", "fixed", "personal"] = "open"
    first: date | None = None
    last: date | None = None
    days: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_DAYS)] = 0


class Reward(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What completing it brings: points, a level of a badge, the member's own level kept for some days more."""

    points: Annotated[int, msgspec.Meta(ge=0, le=MAX_POINTS)] = 0
    qualifying: bool = False  # the points count towards the levels too
    expiry: Expiry = Expiry("end_of_month", 12)
    badge: str = ""
    badge_level: Annotated[int, msgspec.Meta(ge=1, le=3)] = 1
    keep_days: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_DAYS)] = 0


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A challenge has one step, a quest several. `claim`: the reward waits until the member takes it.
    `automatic`: everybody whom it is for takes part without joining.
    """

    name: Name
    steps: tuple[Step, ...]
    about: About = {}
    icon: str = "target"
    window: Window = Window()
    places: Annotated[int, msgspec.Meta(ge=1, le=MOST_PLACES)] | None = None
    audience: Audience = Audience()
    recurrence: Recurrence = "none"
    reward: Reward = Reward()
    claim: bool = True
    automatic: bool = False

    @property
    def is_quest(self) -> bool:
        return len(self.steps) > 1

    @property
    def has_common_runs(self) -> bool:
        """Whether each of its runs is the same for everybody, with places of its own."""
        return self.window.kind == "fixed" and self.recurrence == "end"


def read_definition(plain: Mapping[str, Any]) -> Definition:
    """The definition of a stored revision. Raises NotSound."""
    return definitions.read(plain, Definition, _SHAPE)


def sound(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The definition in its one stored form. Raises NotSound with everything that is wrong, by field."""
    definition = read_definition(plain)
    return definitions.stored(definition, _flaws(definition))


def described(step: Step) -> Described:
    """The measure of a step, with its settings. Raises UnknownKind, and ValidationError for settings of another."""
    load()
    measure = measures.get(step.kind)
    return Described(measure, msgspec.convert(step.settings, measure.Settings))


def plain_settings(settings: Any) -> dict[str, Any]:
    """A measure's settings as a definition holds them."""
    plain: dict[str, Any] = msgspec.to_builtins(settings)
    return plain


def _flaws(said: Definition) -> Iterator[Flaw]:
    yield from definitions.unnamed(said.name)
    if not 1 <= len(said.steps) <= MOST_STEPS:
        yield Flaw("steps", Sentence(_STEPS, {"most": MOST_STEPS}))
    for place, step in enumerate(said.steps):
        try:
            found = described(step)
            for name, sentence in found.measure.flaws(found.settings):
                yield Flaw(f"steps.{place}.settings.{name}", sentence)
        except UnknownKind:
            yield Flaw(f"steps.{place}.kind", Sentence(definitions.NO_KIND))
        except msgspec.ValidationError:
            yield Flaw(f"steps.{place}.settings", Sentence(definitions.NO_SETTINGS))
        if any(not 0 <= before < place for before in step.after):
            yield Flaw(f"steps.{place}.after", Sentence(_AFTER))
    yield from _flaws_of_window(said)
    yield from definitions.never_lapsing(said.reward.expiry, "reward.expiry")
    if said.automatic and said.places is not None:
        yield Flaw("places", Sentence(_NO_PLACES))
    if strange := sorted(set(said.audience.countries) - country_codes()):
        yield Flaw("audience.countries", Sentence(_COUNTRY, {"code": strange[0]}))


def _flaws_of_window(said: Definition) -> Iterator[Flaw]:
    window = said.window
    if window.kind == "fixed" and (window.first is None or window.last is None or window.last < window.first):
        yield Flaw("window.last", Sentence(_WINDOW))
    elif window.kind == "fixed" and _is_far(window):
        yield Flaw("window.last", Sentence(_YEARS, {"first": FIRST_YEAR, "last": LAST_YEAR}))
    if window.kind == "personal" and not window.days:
        yield Flaw("window.days", Sentence(_DAYS))
    if window.kind == "open" and said.recurrence == "end":
        yield Flaw("recurrence", Sentence(_REPEATS))


def _is_far(window: Window) -> bool:
    return any(day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR for day in (window.first, window.last))
