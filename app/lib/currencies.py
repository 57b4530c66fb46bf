"""Currencies that are legal tender somewhere today, from the tables of Unicode's locale data."""

from functools import cache

from babel.numbers import get_currency_precision, get_territory_currencies

from app.lib.countries import country_codes


@cache
def currency_codes() -> frozenset[str]:
    """Every ISO 4217 code in use."""
    return frozenset(code for country in country_codes() for code in get_territory_currencies(country))


@cache
def decimals(code: str) -> int:
    """The decimals that amounts of a currency are written with: 2 for most, 0 for the yen."""
    return int(get_currency_precision(code))
