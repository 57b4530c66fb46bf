"""Large figures, money and shares as they stand on a page: short and in words, the exact one beside them."""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel.core import Locale
from babel.numbers import format_compact_decimal, get_currency_symbol
from flask import Flask
from markupsafe import Markup, escape

from app.lib.currencies import decimals
from app.routes.formats import MINUS, num
from app.routes.language import language

SHORTENED_FROM = 10_000
MOST_GROWN = 10
_NUMBER = re.compile(r"^[\d.,]+")
TENTH = Decimal("0.1")
CENTS_UNTIL = 1000


def short(value: int) -> str:
    """352K in English, 352 ألف in Arabic, 35.2万 in Chinese; small figures in full."""
    if abs(value) < SHORTENED_FROM:
        return num(value)
    written = _short(abs(value), language().locale)
    # Isolated, so that the sign stays on the left of its number, whatever word follows.
    return _NUMBER.sub(f"\u2066{MINUS}\\g<0>\u2069", written) if value < 0 else written


def compact(value: int) -> Markup:
    """A short figure that says the exact one to the pointer."""
    if abs(value) < SHORTENED_FROM:
        return Markup(f'<bdi class="num" dir="ltr">{num(value)}</bdi>')
    return Markup(f'<bdi class="num" title="{num(value)}">{escape(short(value))}</bdi>')


def money(amount: Decimal, currency: str, *, exact: bool = False) -> Markup:
    """$47,920 or $19.20: cents where they matter, or always when it is to be exact."""
    return Markup(f'<bdi class="num" dir="ltr">{escape(money_text(amount, currency, exact=exact))}</bdi>')


def money_text(amount: Decimal, currency: str, *, exact: bool = False) -> str:
    """The same as plain text."""
    places = decimals(currency) if exact or abs(amount) < CENTS_UNTIL else 0
    rounded = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    symbol = get_currency_symbol(currency, "en")
    apart = "\u00a0" if symbol[-1:].isalpha() else ""
    return f"{MINUS if rounded < 0 else ''}{symbol}{apart}{abs(rounded):,.{places}f}"


def percent(part: Decimal | int, whole: Decimal | int) -> Markup:
    """14.8%, of a whole; a dash where there is none."""
    if not whole:
        return Markup("–")
    return Markup(f'<bdi class="num" dir="ltr">{_tenths(Decimal(part) / Decimal(whole))}%</bdi>')


def change(now: Decimal | int, before: Decimal | int) -> str:
    """+4.1% against before; "" where there was nothing worth comparing with."""
    if before <= 0 or now > MOST_GROWN * before:
        return ""
    grown = _tenths((Decimal(now) - Decimal(before)) / Decimal(before))
    return f"+{grown}%" if grown > 0 else f"{MINUS if grown < 0 else '±'}{abs(grown)}%"


def _tenths(share: Decimal) -> Decimal:
    """Percent with one decimal, and none from a hundred on."""
    found = (share * 100).quantize(TENTH, ROUND_HALF_EVEN)
    return found.quantize(Decimal(1)) if abs(found) >= 100 or found == found.to_integral_value() else found


@lru_cache(maxsize=4096)
def _short(value: int, locale: Locale) -> str:
    written: str = format_compact_decimal(value, locale=locale, fraction_digits=1)
    return written


def install(app: Flask) -> None:
    """Give templates these functions."""
    for function in (compact, money, percent, change):
        app.jinja_env.globals[function.__name__] = function
