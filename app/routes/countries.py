"""Lists to choose from, in the reader's language: countries, and time zones by region."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from wtforms.fields.choices import SelectChoice

from app.lib.countries import country_codes, time_zones
from app.routes.language import Language, language


@lru_cache(maxsize=8)
def _countries(spoken: Language) -> tuple[SelectChoice, ...]:
    names = spoken.locale.territories
    named = sorted((names.get(code, code), code) for code in country_codes())
    return tuple(SelectChoice(code, name) for name, code in named)


def countries() -> tuple[SelectChoice, ...]:
    """Every country by name."""
    return _countries(language())


def country_name(code: str) -> str:
    """A country in the reader's language; the code itself where it has no name."""
    return str(language().locale.territories.get(code, code))


@lru_cache(maxsize=64)
def _zones(spoken: Language, offset_of: datetime) -> tuple[SelectChoice, ...]:
    choices = []
    for zone in time_zones():
        region, _, place = zone.replace("_", " ").rpartition("/")
        if spoken.code != "en" and region:
            place = get_timezone_location(zone, locale=spoken.locale, return_city=True)
        label = f"{place} ({_offset(ZoneInfo(zone), offset_of)})"
        choices.append((region.partition("/")[0], label, zone))
    return tuple(SelectChoice(zone, label, optgroup=region or None) for region, label, zone in sorted(choices))


def zones(own: str = "") -> tuple[SelectChoice, ...]:
    """Zones by region, with the place's name and its distance from UTC as of today; `own` is among them."""
    offered = _zones(language(), datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0))
    if not own or own in time_zones():
        return offered
    return (SelectChoice(own, own.replace("_", " ")), *offered)


def _offset(zone: ZoneInfo, instant: datetime) -> str:
    distance = instant.astimezone(zone).utcoffset() or timedelta()
    minutes = round(distance.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours:02}:{rest:02}"
