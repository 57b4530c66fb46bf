"""How a file of separated values writes its figures and its days, told from all of them together.

A spreadsheet writes both by the country it is set to: 1,234.50 or 1.234,50, 03/04/2026 for April or for March. Most
values can be read one way only, and these speak for the others; where none does, the likelier way is taken and is a
doubt. Times that name their offset from UTC are turned into UTC.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal

from app.platforms.document import is_moment
from app.platforms.doubts import Doubt
from app.platforms.hints import Dates, Hints, Marks

NOTHING = frozenset("-–—")  # how an empty figure is drawn

_PLAIN = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,20})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d{1,20})?", re.ASCII)
_QUANTITY = re.compile(r"(.*\d)\s*(?:lots?|units?)\.?", re.IGNORECASE | re.ASCII)
_SWAPPED = str.maketrans(",.", ".,")
_SIGNS = str.maketrans({"\N{MINUS SIGN}": "-", "'": None, "’": None})

_TIME = r"[ T]\s*(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?\s*([AP]M)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?"
_FLAGS = re.ASCII | re.IGNORECASE
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})" + _TIME, _FLAGS)
_YEAR_LAST = re.compile(r"(\d{1,2})([./-])(\d{1,2})[./-](\d{4}),?" + _TIME, _FLAGS)
_NAMED = re.compile(r"(\d{1,2})[ -]([A-Z]{3})[A-Z]*[ -](\d{4}),?" + _TIME, _FLAGS)
_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: month for month, name in enumerate(_NAMES.split(), 1)}

CLEARLY = 10  # times as many figures that can be read one way only

Reading = Literal["point", "comma", "either"]
Order = Literal["day_first", "month_first", "either"]


@dataclass(frozen=True, slots=True)
class Notation:
    """How the values of one file are read; `offset` is what its headings say of its clock."""

    marks: Marks = "point"
    dates: Dates = "day_first"
    offset: timedelta | None = None
    doubts: tuple[Doubt, ...] = ()

    def number(self, text: str) -> str:
        """A figure in plain digits with a decimal point and without its unit; what is none stays as it is.

        What is drawn as empty is empty, and of `0.05 / 0.10`, done and asked, it is what was done.
        """
        return _figure(text, self.marks)

    def moment(self, text: str) -> str:
        """A time as the terminal writes it, in UTC where its offset is known; what is none stays as it is."""
        if self.offset is None and is_moment(text):
            return text
        found = _moment(text, self.dates)
        if found is None:
            return text
        if found.tzinfo is not None:
            found = found.astimezone(UTC).replace(tzinfo=None)
        elif self.offset is not None:
            found -= self.offset
        return found.isoformat(" ").replace("-", ".")

    def either(self, text: str) -> str:
        """As `number` or `moment`, whichever it is; two figures with a slash between them are both read."""
        if not text[:1].isdigit() and text[:1] not in "+-\N{MINUS SIGN}":
            return text
        if ":" in text:
            return self.moment(text)
        parts = [_either(part, self.marks) for part in text.split("/")]
        return " / ".join(part for part in parts if part) if all(parts) else text


def notation_of(
    numbers: Iterable[str], moments: Iterable[str], hints: Hints, *, delimiter: str, offset: timedelta | None = None
) -> Notation:
    """The notation that the figures and times of a file speak for; hints settle what they leave open."""
    doubts: list[Doubt] = []
    readings = Counter(reading for text in set(numbers) if (reading := _reading(text)))
    points, commas = readings["point"], readings["comma"]
    # Who separates cells by semicolons does so because the comma is taken.
    marks: Marks = "comma" if commas > points or (commas == points and delimiter == ";") else "point"
    if readings["either"] and min(points, commas) * CLEARLY >= max(points, commas):
        if hints.marks:
            marks = hints.marks
        else:
            doubts.append(Doubt("marks", marks, (_other(marks),)))
    orders: set[Order] = set()
    halved = False
    for text in moments:
        if order := _order(text):
            orders.add(order)
            halved = halved or text[-1:] in "mM"
    # Twelve-hour clocks are written where the month comes first.
    dates: Dates = "month_first" if "month_first" in orders or halved else "day_first"
    if "day_first" in orders:
        dates = "day_first"
    if "either" in orders and ("day_first" in orders) == ("month_first" in orders):
        if hints.dates:
            dates = hints.dates
        else:
            doubts.append(Doubt("dates", dates, ("month_first" if dates == "day_first" else "day_first",)))
    return Notation(marks, dates, offset, tuple(doubts))


def names_offset(text: str) -> bool:
    """Whether a time says itself how far from UTC it is."""
    found = _moment(text, "day_first") or _moment(text, "month_first")
    return found is not None and found.tzinfo is not None


def _other(marks: Marks) -> Marks:
    return "comma" if marks == "point" else "point"


@lru_cache(16384)
def _figure(text: str, marks: Marks) -> str:
    if text in NOTHING:
        return ""
    return _either(_bare(text), marks) or text


def _bare(text: str) -> str:
    text = text.partition("/")[0].strip()
    found = _QUANTITY.fullmatch(text) if text[-1:].isalpha() or text.endswith(".") else None
    return found[1] if found else text


def _either(text: str, marks: Marks) -> str | None:
    # The other way round where only that makes sense: Excel leaves text such as a volume as the terminal wrote it.
    return _digits(text, marks) or _digits(text, _other(marks))


def _digits(text: str, marks: Marks) -> str | None:
    digits = "".join(text.translate(_SIGNS).split())
    if marks == "comma":
        digits = digits.translate(_SWAPPED)
    if _PLAIN.fullmatch(digits):
        return digits
    return digits.replace(",", "") if _GROUPED.fullmatch(digits) else None


@lru_cache(16384)
def _reading(text: str) -> Reading | None:
    """How a figure with a mark can be read; None for what has none or is no figure."""
    if "." not in text and "," not in text:
        return None
    text = _bare(text)
    point, comma = _digits(text, "point"), _digits(text, "comma")
    if point and comma:
        return "either"
    return "point" if point else "comma" if comma else None


def _order(text: str) -> Order | None:
    """How a date that ends with its year can be read; None for others. Dots stand in German dates, day first."""
    found = _YEAR_LAST.fullmatch(text)
    if not found or found[2] == ".":
        return None
    first, second = int(found[1]), int(found[3])
    if first > 12 or second > 12:
        return "day_first" if second <= 12 else "month_first"
    return "either" if first != second else None


def _moment(text: str, dates: Dates) -> datetime | None:
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found[1], found[2], found[3]
        clock = found.groups()[3:]
    elif found := _YEAR_LAST.fullmatch(text):
        day, month, year = found[1], found[3], found[4]
        if found[2] != "." and dates == "month_first":
            day, month = month, day
        clock = found.groups()[4:]
    elif (found := _NAMED.fullmatch(text)) and found[2].lower() in _MONTHS:
        day, month, year = found[1], str(_MONTHS[found[2].lower()]), found[3]
        clock = found.groups()[3:]
    else:
        return None
    hour, minute, second, fraction, half, zone = clock
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half.upper() == "PM" else 0)
    try:
        shown = datetime(
            int(year), int(month), int(day), hours, int(minute), int(second or 0), int((fraction or "").ljust(6, "0"))
        )
        # The first and last days of the calendar could not be moved to another zone.
        return shown.replace(tzinfo=_zone(zone)) if 1970 <= shown.year < 2100 else None
    except ValueError:
        return None


def _zone(zone: str | None) -> timezone | None:
    if not zone:
        return None
    if zone[0] not in "+-":
        return UTC
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return timezone(timedelta(minutes=minutes if zone[0] == "+" else -minutes))
