"""CSV for spreadsheets: written so that no cell is taken for a formula, read so that the same file comes back."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

# What Excel, Numbers and Sheets take for the start of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = frozenset("0123456789.,-+")
BOM = "\ufeff"  # or Excel reads Arabic and Chinese as Latin


def defused(cell: Any) -> str:
    """The cell as text; an apostrophe stands before what would be run as a formula. Numbers stay numbers."""
    text = "" if cell is None else str(cell)
    if text.startswith(_FORMULA) and not (len(text) > 1 and set(text) <= _NUMBER and text[1:].strip("+-") == text[1:]):
        return "'" + text
    return text


def restored(cell: str) -> str:
    """What `defused` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def written(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A CSV file line by line, with a byte order mark."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield BOM
    for row in chain([titles], rows):
        writer.writerow([defused(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
