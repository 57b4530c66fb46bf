"""Long lists to choose from, drawn once a language: countries, currencies, and time zones by region."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from markupsafe import Markup, escape
from wtforms import Field
from wtforms.widgets import html_params

from app.lib.countries import country_codes, time_zones
from app.lib.currencies import currency_codes
from app.lib.i18n import _l
from app.routes.language import Language, gettext, language

REGIONS = {
    "Africa": _l("Africa"),
    "America": _l("America"),
    "Antarctica": _l("Antarctica"),
    "Arctic": _l("Arctic"),
    "Asia": _l("Asia"),
    "Atlantic": _l("Atlantic"),
    "Australia": _l("Australia"),
    "Europe": _l("Europe"),
    "Indian": _l("Indian Ocean"),
    "Pacific": _l("Pacific"),
}


def country_name(code: str) -> str:
    """A country in the reader's language; the code itself where it has no name."""
    return str(language().locale.territories.get(code, code))


class LongSelect:
    """The widget of a list of hundreds: WTForms would need 20 µs for each option of each page.

    `options` draws them without a choice; `empty` is what the list says as long as nothing is chosen.
    """

    def __init__(self, options: Callable[[], Markup], empty: str = "") -> None:
        self._options, self._empty = options, empty

    def __call__(self, field: Field, **attributes: Any) -> Markup:
        options, value = self._options(), str(field.data or "")
        # Plain text for a moment: Markup would escape what is looked for.
        found = f'value="{escape(value)}"'
        marked = Markup(str(options).replace(found, f"{found} selected", 1))
        if self._empty or marked == options:
            words = gettext(self._empty) if self._empty else value
            marked = _option(value if marked == options else "", words) + marked
        attributes = {"name": field.name, "id": field.id, **attributes}
        return Markup("<select {}>{}</select>").format(Markup(html_params(**attributes)), marked)


def countries() -> Markup:
    """Every country by name, in the reader's language."""
    return _countries(language())


def currencies() -> Markup:
    """Every currency in use by its code, with its name in the reader's language."""
    return _currencies(language())


def zones() -> Markup:
    """Every zone by region and place, with its distance from UTC as of today."""
    return _zones(language(), datetime.now(UTC).date())


@lru_cache(maxsize=8)
def _countries(spoken: Language) -> Markup:
    names = spoken.locale.territories
    named = sorted((names.get(code, code), code) for code in country_codes())
    return Markup("").join(_option(code, name) for name, code in named)


@lru_cache(maxsize=8)
def _currencies(spoken: Language) -> Markup:
    names = spoken.locale.currencies
    return Markup("").join(_option(code, f"{code} · {names.get(code, code)}") for code in sorted(currency_codes()))


@lru_cache(maxsize=8)
def _zones(spoken: Language, day: date) -> Markup:
    placed = sorted((_region(zone), _place(spoken, zone), zone) for zone in time_zones())
    noon = datetime.combine(day, time(12), UTC)
    drawn = Markup("")
    for region, places in groupby(placed, key=lambda one: one[0]):
        options = Markup("").join(_option(zone, f"{place} ({_offset(zone, noon)})") for _, place, zone in places)
        grouped = Markup('<optgroup label="{}">{}</optgroup>').format(spoken.text(REGIONS.get(region, region)), options)
        drawn += grouped if region else options
    return drawn


def _region(zone: str) -> str:
    return zone.partition("/")[0] if "/" in zone else ""


def _place(spoken: Language, zone: str) -> str:
    if spoken.code == "en" or "/" not in zone:
        return zone.rpartition("/")[2].replace("_", " ")
    return get_timezone_location(zone, locale=spoken.locale, return_city=True)


def _offset(zone: str, instant: datetime) -> str:
    distance = instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = round(distance.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _option(value: str, words: str) -> Markup:
    return Markup('<option value="{}">{}</option>').format(value, words)
