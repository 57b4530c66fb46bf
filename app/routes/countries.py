"""Lists to choose from, in the reader's language: countries, and time zones by region."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location

from app.lib.countries import country_codes, time_zones
from app.routes.language import Language, language


@lru_cache(maxsize=8)
def _countries(spoken: Language) -> tuple[tuple[str, str], ...]:
    names = spoken.locale.territories
    return tuple(sorted(((code, names.get(code, code)) for code in country_codes()), key=lambda pair: pair[1]))


def countries() -> tuple[tuple[str, str], ...]:
    """Code and name of every country, by name."""
    return _countries(language())


def country_name(code: str) -> str:
    """A country in the reader's language; the code itself where it has no name."""
    return str(language().locale.territories.get(code, code))


@lru_cache(maxsize=64)
def _zones(spoken: Language, offset_of: datetime) -> dict[str, list[tuple[str, str]]]:
    by_region: dict[str, list[tuple[int, str, str]]] = {}
    for zone in time_zones():
        offset = offset_of.astimezone(ZoneInfo(zone)).utcoffset()
        minutes = int(offset.total_seconds()) // 60 if offset else 0
        sign, (hours, rest) = "−" if minutes < 0 else "+", divmod(abs(minutes), 60)
        place = zone.split("/")[-1].replace("_", " ")
        if spoken.code != "en" and "/" in zone:
            place = get_timezone_location(zone, locale=spoken.locale, return_city=True)
        by_region.setdefault(zone.split("/")[0], []).append((minutes, zone, f"{place} (UTC{sign}{hours:02}:{rest:02})"))
    return {
        region: [(zone, label) for _, zone, label in sorted(zones, key=lambda one: one[2])]
        for region, zones in by_region.items()
    }


def zones() -> dict[str, list[tuple[str, str]]]:
    """Region → zones with the place's name and its distance from UTC as of today."""
    return _zones(language(), datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0))
