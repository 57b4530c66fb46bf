"""The tables of an HTML report as rows of cells.

Not the standard library's parser: a report of the largest size took it seconds, and some broken markup a time that
grows with its square. Reports are machine-made tables; this walks over the tags once, never backwards.
"""

import html
import re

from app.platforms.document import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_TEXT, Cell, Document, Row, tidy
from app.platforms.unreadable import UnreadableStatement

MAX_DEPTH = 16

# A quoted attribute value may contain “>”. Possessive, so that an unfinished tag fails without trying again.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15}+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|))*+)>")
_COLSPAN = re.compile(r"\bcolspan\s*=\s*[\"']?(\d{1,4})", re.IGNORECASE | re.ASCII)
_NOTE = re.compile(r"\btitle\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+))", re.IGNORECASE)
_HIDDEN = re.compile(r"\bclass\s*=\s*[\"']?[^\"'>=]*\bhidden\b", re.IGNORECASE)
_UNSHOWN = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "title")}
_CELLS = {"td", "th"}


def read_html(text: str) -> Document:
    """Rows of all tables in reading order; raises UnreadableStatement when the markup is cut short or hostile."""
    walker = _Walker()
    position = 0
    while 0 <= position < len(text):
        start = text.find("<", position)
        walker.text(text, position, start if start >= 0 else len(text))
        position = _after(text, start, walker) if start >= 0 else -1
    return walker.document()


def _after(text: str, start: int, walker: "_Walker") -> int:
    """Where reading goes on after the markup that begins at `start`; -1 when it never ends."""
    if text.startswith("<!--", start):
        end = text.find("-->", start)
        return end + 3 if end >= 0 else -1
    if text.startswith(("<!", "<?"), start):
        end = text.find(">", start)
        return end + 1 if end >= 0 else -1
    tag = _TAG.match(text, start)
    if not tag:
        # A tag that never ends swallows the rest, as in a browser; any other “<” is a character.
        return -1 if text[start + 1 : start + 2].isalpha() else start + 1
    name = tag[2].lower()
    walker.tag(name, bool(tag[1]), tag[3])
    if name in _UNSHOWN and not tag[1]:
        closing = _UNSHOWN[name].search(text, tag.end())
        return closing.start() if closing else -1
    return tag.end()


class _Walker:
    """Gathers rows while the tags go by; a table inside a cell gives its rows before the row around it."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.cells_read = 0
        self.preamble: list[str] = []
        self.around: list[list[Cell]] = []  # unfinished rows of the tables around this one
        self.row: list[Cell] = []
        self.column = 0
        self.span = 0  # columns of the cell being read, 0 outside of cells
        self.note = ""
        self.hidden = False
        self.parts: list[str] = []
        self.length = 0

    def text(self, text: str, start: int, end: int) -> None:
        if self.span and self.length < MAX_TEXT and start < end:
            part = text[start : min(end, start + MAX_TEXT)]
            self.parts.append(part)
            self.length += len(part)
        elif not self.around and not self.rows and len(self.preamble) < MAX_TEXT:
            self.preamble.append(text[start : min(end, start + MAX_TEXT)])

    def tag(self, name: str, closing: bool, attributes: str) -> None:
        if name in _CELLS:
            self.end_cell()
            if not closing:
                self.begin_cell(attributes[:2000])
        elif name == "tr":
            self.end_row()
        elif name == "table":
            self.end_table() if closing else self.begin_table()

    def begin_cell(self, attributes: str) -> None:
        self.cells_read += 1
        if self.cells_read > MAX_CELLS:
            raise UnreadableStatement("too_many_rows", rows=MAX_ROWS)
        if self.column >= MAX_COLUMNS:
            raise UnreadableStatement("too_wide", columns=MAX_COLUMNS)
        self.span, self.note, self.hidden = 1, "", False
        if not attributes:
            return
        if colspan := _COLSPAN.search(attributes):
            self.span = min(max(int(colspan[1]), 1), MAX_COLUMNS)
        if "title" in attributes and (note := _NOTE.search(attributes)):
            self.note = _shown(note[1] or note[2] or note[3] or "")
        # The terminal keeps a comment in a cell that it never shows and that the header row does not have.
        self.hidden = "hidden" in attributes and _HIDDEN.search(attributes) is not None

    def end_cell(self) -> None:
        if not self.span:
            return
        if not self.hidden:
            if shown := _shown(" ".join(self.parts)):
                self.row.append(Cell(self.column, shown, self.note))
            self.column += self.span
        self.span = self.length = 0
        self.parts.clear()

    def end_row(self) -> None:
        self.end_cell()
        if self.row:
            if len(self.rows) >= MAX_ROWS:
                raise UnreadableStatement("too_many_rows", rows=MAX_ROWS)
            self.rows.append(self.row)
            self.row = []
        self.column = 0

    def begin_table(self) -> None:
        self.end_cell()
        if len(self.around) >= MAX_DEPTH:
            raise UnreadableStatement("too_deep")
        self.around.append(self.row)
        self.row, self.column = [], 0

    def end_table(self) -> None:
        self.end_row()
        if self.around:
            self.row = self.around.pop()
            self.column = self.row[-1].column + 1 if self.row else 0

    def document(self) -> Document:
        if self.around:
            raise UnreadableStatement("cut_short")
        return Document("html", self.rows, _shown(" ".join(self.preamble)))


def _shown(markup: str) -> str:
    # Cut first: a character reference of thousands of digits is an error in the standard library.
    markup = markup[:MAX_TEXT]
    return tidy(html.unescape(markup) if "&" in markup else markup)
