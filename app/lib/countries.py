"""Countries and their time zones, from the tables of the IANA time zone database."""

from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale

# Where the database's first zone of a country is not the one most people live in.
_MOST_PEOPLE = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "NZ": "Pacific/Auckland",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
}
_REGIONS = {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}


@cache
def country_codes() -> frozenset[str]:
    """Every ISO 3166-1 alpha-2 code."""
    return frozenset(row[0] for row in _table("iso3166.tab"))


class Country(str):
    """A country's code that a sentence says by its name, in the reader's language."""


@lru_cache(maxsize=2048)
def country_name(code: str, language: str) -> str:
    """A country in one of our languages; the code itself where it has no name."""
    return str(Locale.parse("zh_Hans" if language == "zh" else language).territories.get(code, code))


@cache
def time_zones() -> tuple[str, ...]:
    """The zones a person lives in, in order: UTC, and those named by region and place."""
    named = {row[2] for row in _table("zone.tab")} & available_timezones()
    return ("UTC", *sorted(zone for zone in named if zone.split("/")[0] in _REGIONS))


@cache
def every_time_zone() -> tuple[ZoneInfo, ...]:
    """All that the database knows, in order: looking for them reads hundreds of files, and `zoneinfo` keeps eight."""
    return tuple(ZoneInfo(name) for name in sorted(available_timezones()))


@lru_cache(maxsize=1024)
def is_time_zone(name: str) -> bool:
    """Whether the database knows it, old names included."""
    return name in available_timezones()


def time_zone_of(country: str) -> str | None:
    """The zone most people of a country live in; None for a code without one."""
    return _MOST_PEOPLE.get(country) or _first_zones().get(country)


@cache
def _first_zones() -> dict[str, str]:
    zones: dict[str, str] = {}
    for row in _table("zone.tab"):
        zones.setdefault(row[0], row[2])
    return zones


def _table(name: str) -> list[list[str]]:
    text = (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
