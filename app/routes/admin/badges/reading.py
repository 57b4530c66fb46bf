"""Reading a badge's form: the definition that follows from it, or what is wrong, each at its place."""

from decimal import Decimal
from typing import Any

from app.gamification.accrual.definition import LONGEST_NAME
from app.gamification.badges.definition import GIVEN, sound
from app.gamification.badges.publishing import criteria
from app.gamification.badges.told import GROUPS
from app.gamification.challenges.definition import LONGEST_ABOUT
from app.gamification.errors.programme import NotSound
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.measures.measure import Measure
from app.lib.amounts import MAX_POINTS, plain
from app.lib.i18n import Sentence
from app.routes.admin.badges.filled import Filled
from app.routes.admin.catalogue.shelf import Reading, icons
from app.routes.admin.catalogue.typed import Counting, Reader, settings_or_usual
from app.routes.forms import MISSING, NOT_OFFERED, Form


def read(filled: Filled, measure: type[Measure] | None) -> tuple[Reading, Form | None]:
    """The definition that follows, or what is wrong with it, and the form of the settings."""
    reader = Reader()
    form = _form(filled, measure)
    read_ = _plain(filled, measure, form, reader)
    try:
        stored = sound(read_)
    except NotSound as unsound:
        for flaw in unsound.flaws:
            reader.errors.setdefault(_place(flaw.place, reader), flaw.sentence)
        stored = {}
    return Reading(None if reader.errors else stored, reader.errors), form


def _form(filled: Filled, measure: type[Measure] | None) -> Form | None:
    """The settings, with the lowest level in place of their target."""
    if measure is None:
        return None
    settings = {**filled.counting.settings, "target": [filled.levels[0]]}
    return Counting(filled.counting.kind, settings).form(measure, "criterion.settings.")


def _plain(filled: Filled, measure: type[Measure] | None, form: Form | None, reader: Reader) -> dict[str, Any]:
    for place, value, offered in (("icon", filled.icon, icons(criteria().values())), ("group", filled.group, GROUPS)):
        if value not in offered:
            reader.errors[place] = Sentence(NOT_OFFERED)
    criterion: dict[str, Any] = {"kind": GIVEN}
    if not filled.is_given:
        settings = reader.settings("criterion", filled.counting, measure, form)
        stored = {key: one for key, one in settings_or_usual(settings, measure).items() if key != "target"}
        criterion = {"kind": filled.counting.kind, "settings": stored}
        if wrong := reader.errors.pop("criterion.settings.target", None):
            reader.errors["levels.0"] = wrong
    points = [reader.whole(f"points.{place}", one, 0, MAX_POINTS, 0) for place, one in enumerate(filled.points)]
    levels = _levels(filled, measure, reader)
    # What a challenge gives brings the challenge's own reward.
    brings = not filled.is_given and any(points[: len(levels)])
    return {
        "name": reader.text("name", filled.name, LONGEST_NAME),
        "about": reader.text("about", filled.about, LONGEST_ABOUT),
        "icon": filled.icon,
        "group": filled.group if filled.group in GROUPS else "discipline",
        "criterion": criterion,
        "levels": levels,
        "points": points[: len(levels)] if brings else [],
        "expiry": reader.expiry("expiry", filled.expiry),
        "hidden": filled.hidden,
        "temporary": filled.temporary,
        "from_start": filled.from_start,
    }


def _levels(filled: Filled, measure: type[Measure] | None, reader: Reader) -> list[str]:
    """What reaches each level, as its measure's target would be read. Of one that is given only how many there are."""
    if filled.is_given or measure is None:
        return [str(place + 1) for place in range(filled.used)]
    read_ = []
    for place in range(filled.used):
        if not filled.levels[place]:
            reader.errors.setdefault(f"levels.{place}", Sentence(MISSING))
        form = Counting(filled.counting.kind, _only_target(filled, place)).form(measure, "")
        field = form["target"]
        if field.errors:
            reader.errors.setdefault(f"levels.{place}", as_it_is(field.errors[0]))
        found = field.data if isinstance(field.data, int | Decimal) and not field.errors else place + 1
        read_.append(plain(found) if isinstance(found, Decimal) else str(found))
    return read_


def _only_target(filled: Filled, place: int) -> dict[str, list[str]]:
    return {**filled.counting.settings, "target": [filled.levels[place]]}


def _place(place: str, reader: Reader) -> str:
    """Where a flaw is shown: at its field; what follows from another flaw, there alone."""
    if place == "levels":
        return next((one for one in reader.errors if one.startswith("levels.")), "levels.0")
    if place in ("points", "expiry"):
        return {"points": "points.0", "expiry": "expiry.n"}[place]
    if place.endswith(".settings"):
        return next((one for one in reader.errors if one.startswith((f"{place}.", "levels."))), place)
    return place or "form"
