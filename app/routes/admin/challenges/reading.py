"""Reading a challenge's form: the definition that follows from it, or what is wrong, each at its place."""

from typing import Any

from app.gamification.accrual.definition import LONGEST_NAME
from app.gamification.challenges.definition import LONGEST_ABOUT, LONGEST_DAYS, MOST_PLACES, sound
from app.gamification.challenges.told import RECURRENCES
from app.gamification.errors.programme import NotSound
from app.lib.amounts import MAX_POINTS
from app.lib.i18n import Sentence
from app.routes.admin.catalogue.shelf import Reading, icons
from app.routes.admin.catalogue.typed import Reader, settings_or_usual
from app.routes.admin.challenges.filled import Filled, StepFilled, kinds
from app.routes.forms import NOT_OFFERED, Form

WINDOWS = ("open", "fixed", "personal")


def read(filled: Filled, forms: list[Form | None]) -> Reading:
    """The definition that follows, or what is wrong with it, place by place. `forms` are those of the steps."""
    reader = Reader()
    plain = _plain(filled, forms, reader)
    try:
        stored = sound(plain)
    except NotSound as unsound:
        for flaw in unsound.flaws:
            reader.errors.setdefault(_place(flaw.place, reader), flaw.sentence)
        stored = {}
    return Reading(None if reader.errors else stored, reader.errors)


def _plain(filled: Filled, forms: list[Form | None], reader: Reader) -> dict[str, Any]:
    # A list that was tampered with is none of the definition's shapes: it is named here, field by field.
    for place, value, offered in (
        ("icon", filled.icon, icons(kinds().values())),
        ("window.kind", filled.window, WINDOWS),
        ("recurrence", filled.recurrence, RECURRENCES),
        ("reward.badge_level", filled.badge_level, ("1", "2", "3")),
    ):
        if value not in offered:
            reader.errors[place] = Sentence(NOT_OFFERED)
    places = reader.whole("places", filled.places, 1, MOST_PLACES, 0)
    return {
        "name": reader.text("name", filled.name, LONGEST_NAME),
        "about": reader.text("about", filled.about, LONGEST_ABOUT),
        "icon": filled.icon,
        "steps": [_step(place, step, forms[place], reader) for place, step in enumerate(filled.steps)],
        "window": _window(filled, reader),
        "recurrence": filled.recurrence if filled.recurrence in RECURRENCES else "none",
        "places": places or None,
        "audience": reader.audience(filled.whom),
        "reward": {
            "points": reader.whole("reward.points", filled.points, 0, MAX_POINTS, 0),
            "qualifying": filled.qualifying,
            "expiry": reader.expiry("reward.expiry", filled.expiry),
            "badge": filled.badge,
            "badge_level": int(filled.badge_level) if filled.badge_level in ("1", "2", "3") else 1,
            "keep_days": reader.whole("reward.keep_days", filled.keep_days, 0, LONGEST_DAYS, 0),
        },
        "claim": filled.claim,
        "automatic": filled.automatic,
    }


def _step(place: int, step: StepFilled, form: Form | None, reader: Reader) -> dict[str, Any]:
    at, measure = f"steps.{place}", kinds().get(step.counting.kind)
    settings = reader.settings(at, step.counting, measure, form)
    return {
        "kind": step.counting.kind,
        "settings": settings_or_usual(settings, measure),
        "name": reader.text(f"{at}.name", step.name, LONGEST_NAME),
        "after": sorted(step.after),
    }


def _window(filled: Filled, reader: Reader) -> dict[str, Any]:
    """What another kind of window left in its fields means nothing."""
    if filled.window == "fixed":
        first, last = reader.day("window.first", filled.first), reader.day("window.last", filled.last)
        return {"kind": "fixed", "first": first and first.isoformat(), "last": last and last.isoformat()}
    if filled.window == "personal":
        return {"kind": "personal", "days": reader.whole("window.days", filled.days, 1, LONGEST_DAYS)}
    return {"kind": "open"}


def _place(place: str, reader: Reader) -> str:
    """Where a flaw is shown: at its field; of settings that say themselves what is wrong with them, there alone."""
    if place == "reward.expiry":
        return "reward.expiry.n"
    if place.endswith(".settings"):
        return next((one for one in reader.errors if one.startswith(f"{place}.")), place)
    return place or "form"
