"""A file as rows of cells, whatever it was written in, and the reading of numbers and times out of cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from app.platforms.unreadable import UnreadableStatement

MAX_BYTES = 5_000_000
MAX_ROWS = 100_000
MAX_CELLS = 500_000
MAX_COLUMNS = 64
MAX_TEXT = 500  # characters of one cell; a report has none longer, and unescaping more would cost time

# What an amount column of eight decimals in 64 bits can hold; no account statement comes near.
MAX_AMOUNT = Decimal(90_000_000_000)
EXACT = Decimal("0.00000001")

_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,20})?", re.ASCII)
_COMMA_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_MOMENT = re.compile(r"(?:19[7-9]\d|20\d\d)\.\d\d\.\d\d \d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?", re.ASCII)


class Cell(NamedTuple):
    """One cell that is not empty: its first column, what it shows, and the note that hangs on it (HTML `title`)."""

    column: int
    text: str
    note: str = ""


Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Document:
    """The rows of a file that hold anything, and the text that stands before its first table."""

    container: Literal["html", "xlsx", "csv"]
    rows: Sequence[Row]
    preamble: str = ""
    delimiter: str = ""  # between the cells of a file of separated values
    damaged: bool = False  # known before it is known what the file is: there are rows that could not be read


def tidy(text: str) -> str:
    """Text on one line without control, formatting or half characters, which no database or page wants."""
    text = " ".join(text.split())
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


def is_number(text: str) -> bool:
    return _PLAIN_NUMBER.fullmatch(text.replace(" ", "")) is not None


@lru_cache(4096)  # a report repeats 0.00, 0.01 and its stop levels
def _exact(text: str) -> Decimal | None:
    digits = text
    if not _PLAIN_NUMBER.fullmatch(digits):
        digits = "".join(text.split()).replace("\N{MINUS SIGN}", "-").replace("'", "")
        if _COMMA_THOUSANDS.fullmatch(digits):
            digits = digits.replace(",", "")
        if not _PLAIN_NUMBER.fullmatch(digits):
            return None
    value = Decimal(digits)
    if abs(value) > MAX_AMOUNT:
        return None
    rounded = value.quantize(EXACT, ROUND_HALF_EVEN)
    return value if value == rounded else rounded


def number(text: str, row: str) -> Decimal:
    """The exact number in a cell, spaces and commas marking thousands; raises UnreadableStatement("bad_value")."""
    value = _exact(text)
    if value is None:
        raise UnreadableStatement("bad_value", row=row, value=text[:40])
    return value


def volume(text: str, row: str) -> Decimal:
    """As `number`, in lots and never negative."""
    lots = number(text, row)
    if lots < 0:
        raise UnreadableStatement("bad_value", row=row, value=text[:40])
    return lots


def money(text: str, row: str) -> Decimal:
    """As `number`, an empty cell being nothing."""
    return number(text, row) if text else Decimal(0)


def level(text: str, row: str) -> Decimal | None:
    """A stop-loss or take-profit price, None where the platform shows 0 or nothing."""
    return (number(text, row) or None) if text else None


def is_moment(text: str) -> bool:
    return _MOMENT.fullmatch(text) is not None


def moment(text: str, row: str) -> datetime:
    """`2023.12.29 07:32:27`, seconds and fractions optional, naive; raises UnreadableStatement("bad_value")."""
    if _MOMENT.fullmatch(text):
        try:
            return datetime.fromisoformat(text[:10].replace(".", "-") + text[10:])
        except ValueError:
            pass
    raise UnreadableStatement("bad_value", row=row, value=text[:40])
