"""The tables of an HTML report as rows of cells.

Not the standard library's parser: a report of the largest size takes it seconds, and some broken markup a time that
grows with its square. Reports are machine-made tables; this walks over the tags once, never backwards.
"""

import html
import re

from app.platforms.document import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_TEXT, Cell, Document, Row, tidy
from app.platforms.unreadable import UnreadableStatement

MAX_DEPTH = 16

# A comment, a declaration or a tag; and last, markup that never ends, which swallows the rest as it does in a browser.
# A quoted attribute value may contain “>”. Possessive, so that no part is ever tried twice.
_MARKUP = re.compile(
    r"<!--[\s\S]*?-->"
    r"|<(?!!--)[!?][^>]*+>"
    r"|<(/?)([a-zA-Z][a-zA-Z0-9]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|))*+)>"
    r"|(<(?:[a-zA-Z!?]|/[a-zA-Z]))"
)
_COLSPAN = re.compile(r"\bcolspan\s*=\s*[\"']?(\d{1,4})", re.IGNORECASE | re.ASCII)
_NOTE = re.compile(r"\btitle\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+))", re.IGNORECASE)
_HIDDEN = re.compile(r"\bclass\s*=\s*[\"']?[^\"'>=]*\bhidden\b", re.IGNORECASE)
_UNSHOWN = {"script", "style", "title"}


def read_html(text: str) -> Document:
    """Rows of all tables in reading order; raises UnreadableStatement when the markup is cut short or hostile."""
    rows = _Rows()
    preamble: list[str] = []
    unshown = ""
    position = 0
    for markup in _MARKUP.finditer(text):
        start = markup.start()
        if not unshown and position < start:
            if rows.in_cell:
                rows.add_text(text[position : min(start, position + MAX_TEXT)])
            elif not rows.begun and len(preamble) < MAX_TEXT:
                preamble.append(text[position : min(start, position + MAX_TEXT)])
        position = markup.end()
        slash, name, attributes, unfinished = markup.groups()
        if unfinished:
            break
        if not name:
            continue
        name = name.lower()
        if unshown:
            if slash and name == unshown:
                unshown = ""
        elif name in ("td", "th"):
            if rows.in_cell:
                rows.end_cell()
            if not slash:
                rows.begin_cell(attributes)
        elif name == "tr":
            rows.end_row()
        elif name == "table":
            rows.end_table() if slash else rows.begin_table()
        elif name in _UNSHOWN and not slash:
            unshown = name
    return rows.document(_shown(" ".join(preamble)))


class _Rows:
    """Gathers rows while the tags go by; a table inside a cell gives its rows before the row around it."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.around: list[list[Cell]] = []  # unfinished rows of the tables around this one
        self.begun = False
        self.cells_read = 0
        self.row: list[Cell] = []
        self.column = 0
        self.in_cell = False
        self.attributes = ""
        self.texts: list[str] = []

    def add_text(self, text: str) -> None:
        if len(self.texts) < MAX_TEXT:
            self.texts.append(text)

    def begin_cell(self, attributes: str) -> None:
        self.cells_read += 1
        if self.cells_read > MAX_CELLS:
            raise UnreadableStatement("too_many_rows", rows=MAX_ROWS)
        if self.column >= MAX_COLUMNS:
            raise UnreadableStatement("too_wide", columns=MAX_COLUMNS)
        self.in_cell = True
        self.attributes = attributes

    def end_cell(self) -> None:
        self.in_cell = False
        span, note = 1, ""
        if self.attributes:
            attributes = self.attributes[:2000]
            # The terminal keeps a comment in a cell that it never shows and that the heading row does not have.
            if "hidden" in attributes and _HIDDEN.search(attributes):
                self.texts.clear()
                return
            if colspan := _COLSPAN.search(attributes):
                span = min(max(int(colspan[1]), 1), MAX_COLUMNS)
            if "title" in attributes and (found := _NOTE.search(attributes)):
                note = _shown(found[1] or found[2] or found[3] or "")
        if self.texts:
            if shown := _shown(" ".join(self.texts)):
                self.row.append(Cell(self.column, shown, note))
            self.texts.clear()
        self.column += span

    def end_row(self) -> None:
        if self.in_cell:
            self.end_cell()
        if self.row:
            if len(self.rows) >= MAX_ROWS:
                raise UnreadableStatement("too_many_rows", rows=MAX_ROWS)
            self.rows.append(self.row)
            self.row = []
        self.column = 0

    def begin_table(self) -> None:
        if self.in_cell:
            self.end_cell()
        if len(self.around) >= MAX_DEPTH:
            raise UnreadableStatement("too_deep")
        self.begun = True
        self.around.append(self.row)
        self.row, self.column = [], 0

    def end_table(self) -> None:
        self.end_row()
        if self.around:
            self.row = self.around.pop()
            self.column = self.row[-1].column + 1 if self.row else 0

    def document(self, preamble: str) -> Document:
        if self.around:
            raise UnreadableStatement("cut_short")
        return Document("html", self.rows, preamble)


def _shown(markup: str) -> str:
    # Cut first: a character reference of thousands of digits is an error in the standard library.
    markup = markup[:MAX_TEXT]
    return tidy(html.unescape(markup) if "&" in markup else markup)
