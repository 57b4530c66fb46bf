"""A file of separated values as rows of cells.

The standard library's reader, strictly: an open quote would otherwise swallow rows without a word, and the sums of the
statement would be wrong.
"""

import csv
import re

from app.platforms.document import MAX_COLUMNS, MAX_ROWS, MAX_TEXT, Cell, Document, Row, tidy
from app.platforms.unreadable import UnreadableStatement

DELIMITERS = ",;\t|"
# More than in a page: a row takes a third of the bytes, so that a file of the largest size has three times as many.
MAX_CELLS = 1_000_000
MAX_LINE = 20_000
HEAD = 80  # lines in which a heading stands
SWALLOWED = 3  # delimiters in a cell of several lines that show that it is rows

# A comma between digits is a decimal mark as likely as not.
_BREAKS = {sign: re.compile(rf"(?<!\d){re.escape(sign)}|{re.escape(sign)}(?!\d)") for sign in DELIMITERS}
_DECLARED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def read_separated(text: str) -> Document:
    """The rows of a file of separated values, as far as it is whole; raises UnreadableStatement if too large."""
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
    # Not splitlines: it also breaks at signs that a comment may hold.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if any(len(line) > MAX_LINE for line in lines):
        raise UnreadableStatement("unknown_format")
    delimiter = declared[1] if declared and declared[1] in DELIMITERS else _delimiter(lines[:HEAD])
    rows: list[Row] = []
    cells_read = 0
    damaged = False
    try:
        for fields in csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True):
            row = [Cell(column, shown) for column, field in enumerate(fields) if (shown := _shown(field, delimiter))]
            if not row:
                continue
            if row[-1].column >= MAX_COLUMNS:
                raise UnreadableStatement("too_wide", columns=MAX_COLUMNS)
            cells_read += len(row)
            if len(rows) >= MAX_ROWS or cells_read > MAX_CELLS:
                raise UnreadableStatement("too_many_rows", rows=MAX_ROWS)
            rows.append(row)
    except csv.Error:
        damaged = True
    return Document("csv", rows, delimiter=delimiter, damaged=damaged)


def _delimiter(lines: list[str]) -> str:
    """What separates the cells of the widest line: that of the heading, which holds no figures."""
    return max(DELIMITERS, key=lambda sign: max((len(_BREAKS[sign].findall(line)) for line in lines), default=0))


def _shown(field: str, delimiter: str) -> str:
    if not field or field.isspace():
        return ""
    if "\n" in field and field.count(delimiter) >= SWALLOWED:
        raise UnreadableStatement("damaged")
    return tidy(field[:MAX_TEXT])
