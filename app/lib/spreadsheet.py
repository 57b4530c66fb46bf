"""CSV for spreadsheets: written so that no cell is taken for a formula, read so that the same file comes back."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from app.lib.i18n import Sentence, _l

# What Excel, Numbers and Sheets take for the start of a formula, in full width too (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-[0-9]+([.,][0-9]+)?")
BOM = "\ufeff"  # or Excel reads Arabic and Chinese as Latin

LARGEST = 1_000_000  # bytes
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 10_000, 200, 20_000
TOO_LONG = _l("Row %(row)s has a cell of more than %(most)s letters.")
EMPTY = _l("The file is empty.")
_SEPARATORS = (",", ";", "\t")
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class Unreadable(Exception):
    """A file that is no table of text; `sentence` says what to do."""

    def __init__(self, msgid: str, **values: Any) -> None:
        super().__init__(msgid % values)
        self.sentence = Sentence(msgid, values)


class Sheet(NamedTuple):
    """A table that was read: its headings, and each row under the number that a spreadsheet shows beside it."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def defused(cell: Any) -> str:
    """The cell as text; an apostrophe stands before what would be run as a formula. Numbers stay numbers."""
    text = "" if cell is None else str(cell)
    return "'" + text if _runs(text) and not _NUMBER.fullmatch(text) else text


def restored(cell: str) -> str:
    """What `defused` was given."""
    return cell[1:] if cell.startswith("'") and _runs(cell) else cell


def _runs(text: str) -> bool:
    # Some programs drop spaces and apostrophes before they look.
    return text.lstrip("' \u00a0").startswith(_FORMULA)


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


def read(content: bytes) -> Sheet:
    """The table in a file: UTF-8 or UTF-16, its cells parted by comma, semicolon or tab. Raises Unreadable."""
    if len(content) > LARGEST:
        raise Unreadable(_l("The file is larger than 1 MB. Split it, and bring in one part after the other."))
    if content.startswith(_WORKBOOK):
        raise Unreadable(_l("This is an Excel workbook. Save it as CSV UTF-8 in Excel, then choose that file."))
    text = _decoded(content)
    if not text.strip():
        raise Unreadable(EMPTY)
    rows = _rows(text, _separator(text))
    if not rows:
        raise Unreadable(EMPTY)
    _, headings = rows[0]
    if len(headings) > MOST_COLUMNS:
        raise Unreadable(_l("The file has more than %(most)s columns."), most=MOST_COLUMNS)
    if len(rows) - 1 > MOST_ROWS:
        raise Unreadable(_l("The file has more than %(most)s rows. Split it."), most=MOST_ROWS)
    return Sheet(tuple(heading.strip() for heading in headings), tuple(rows[1:]))


def _decoded(content: bytes) -> str:
    encoding = "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in content[:200]:  # UTF-16 without its mark: every other byte of plain headings is zero
        even, odd = content[:200:2].count(0), content[1:200:2].count(0)
        encoding = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = content.decode(encoding).removeprefix(BOM)
        if "\0" in text:  # which no database would take
            raise ValueError
        return text
    except ValueError:
        raise Unreadable(
            _l("The letters of this file cannot be read. Save it as “CSV UTF-8”, then choose it again.")
        ) from None


def _separator(text: str) -> str:
    """What parts the headings: of the three the one that stands there most often."""
    heading = re.split(r"[\r\n]", text, maxsplit=1)[0]
    if heading.startswith("sep=") and heading[4:] in _SEPARATORS:
        return heading[4:]
    return max(_SEPARATORS, key=heading.count)


def _rows(text: str, separator: str) -> list[tuple[int, tuple[str, ...]]]:
    found: list[tuple[int, tuple[str, ...]]] = []
    number = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            number += 1
            if not any(cell.strip() for cell in row) or (number == 1 and row[0].startswith("sep=")):
                continue
            if any(len(cell) > LONGEST_CELL for cell in row):
                raise Unreadable(
                    _l("Row %(row)s has a cell of more than %(most)s letters."), row=number, most=LONGEST_CELL
                )
            found.append((number, tuple(restored(cell) for cell in row)))
            if len(found) > MOST_ROWS + 1:
                break
    except csv.Error:
        raise Unreadable(
            _l("Row %(row)s cannot be read. Perhaps a quotation mark is missing."), row=number + 1
        ) from None
    return found
