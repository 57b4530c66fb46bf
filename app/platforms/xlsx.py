"""The first sheet of an XLSX report as rows of cells.

Not openpyxl: it turns prices into floats, and it unpacks and expands whatever a hostile workbook asks for. The parts
of a MetaTrader report are UTF-16; expat reads the byte order mark.
"""

import io
import re
import struct
import zipfile
import zlib
from decimal import Context
from functools import lru_cache
from string import digits as DIGITS
from xml.parsers import expat

from app.platforms.document import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_TEXT, Cell, Document, Row, tidy
from app.platforms.unreadable import UnreadableStatement

MAX_UNPACKED = 48_000_000
MAX_RATIO = 150
MAX_PARTS = 500
MAX_DEPTH = 24
MAX_ELEMENTS = 1_200_000
CHUNK = 65_536

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_COLUMN = re.compile(r"[A-Z]{1,3}")
# Excel saves the binary neighbour of a decimal in 17 digits; it shows 15, which give the decimal back.
_AS_SHOWN = Context(prec=15)
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, expat.ExpatError,
    EOFError, OSError, ValueError, RuntimeError, OverflowError,
)  # fmt: skip
_READABLE = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def read_xlsx(data: bytes) -> Document:
    """The rows of the first sheet; raises UnreadableStatement for a damaged or hostile workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sheet, strings = _parts(archive)
            shared = _SharedStrings()
            if strings:
                _parse(archive, strings, shared)
            cells = _SheetCells(shared.texts)
            _parse(archive, sheet, cells)
    except UnreadableStatement:
        raise
    except _DAMAGE as error:
        raise UnreadableStatement("damaged") from error
    return Document("xlsx", cells.rows)


def _parts(archive: zipfile.ZipFile) -> tuple[zipfile.ZipInfo, zipfile.ZipInfo | None]:
    """The part of the first sheet and that of the shared strings, their sizes being bearable."""
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        raise UnreadableStatement("too_much_inside")
    sheets = sorted((part for part in parts if _SHEET.fullmatch(part.filename)), key=lambda part: part.filename)
    if not sheets:
        raise UnreadableStatement("unknown_format")
    strings = next((part for part in parts if part.filename.lower() == "xl/sharedstrings.xml"), None)
    needed = [part for part in (sheets[0], strings) if part]
    if any(part.flag_bits & 1 or part.compress_type not in _READABLE for part in needed):
        raise UnreadableStatement("damaged")
    unpacked = sum(part.file_size for part in needed)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * sum(part.compress_size for part in needed) + CHUNK:
        raise UnreadableStatement("too_much_inside")
    return sheets[0], strings


def _parse(archive: zipfile.ZipFile, part: zipfile.ZipInfo, into: "_Part") -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = CHUNK
    parser.StartElementHandler = into.begin
    parser.EndElementHandler = into.end
    parser.CharacterDataHandler = into.text
    # No report declares a document type, and without one there are no entities to expand.
    parser.StartDoctypeDeclHandler = _refuse
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _refuse(*_: object) -> None:
    raise UnreadableStatement("forbidden_markup")


class _Part:
    """What is gathered from one part; names are local, since producers differ in their prefixes."""

    def __init__(self) -> None:
        self.prefix: str | None = None
        self.depth = 0
        self.elements = 0
        self.reading = False
        self.parts: list[str] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnreadableStatement("too_deep")
        if self.elements > MAX_ELEMENTS:
            raise UnreadableStatement("too_much_inside")
        if self.prefix is None:
            self.prefix = name[: name.find(":") + 1]
        if self.prefix:
            name = name.removeprefix(self.prefix)
        self.reading = self.begin_local(name, attributes)

    def end(self, name: str) -> None:
        self.depth -= 1
        self.reading = False
        self.end_local(name.removeprefix(self.prefix) if self.prefix else name)

    def text(self, text: str) -> None:
        if self.reading and len(self.parts) < MAX_TEXT:
            self.parts.append(text[:MAX_TEXT])

    def gathered(self) -> str:
        text = self.parts[0] if len(self.parts) == 1 else "".join(self.parts)[:MAX_TEXT]
        self.parts.clear()
        return text

    def begin_local(self, name: str, attributes: dict[str, str]) -> bool:
        """Whether the text that follows is wanted."""
        raise NotImplementedError

    def end_local(self, name: str) -> None:
        raise NotImplementedError


class _SharedStrings(_Part):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def begin_local(self, name: str, attributes: dict[str, str]) -> bool:
        return name == "t"

    def end_local(self, name: str) -> None:
        if name == "si":
            self.texts.append(tidy(self.gathered()))


class _SheetCells(_Part):
    def __init__(self, shared: list[str]) -> None:
        super().__init__()
        self.shared = shared
        self.rows: list[Row] = []
        self.cells_read = 0
        self.row: list[Cell] = []
        self.column = -1
        self.kind = ""

    def begin_local(self, name: str, attributes: dict[str, str]) -> bool:
        if name == "c":
            self.kind = attributes.get("t", "n")
            self.column = _column(attributes["r"].rstrip(DIGITS)) if "r" in attributes else self.column + 1
        return name in ("v", "t")

    def end_local(self, name: str) -> None:
        if name == "c":
            if self.parts:
                self.end_cell()
        elif name == "row":
            if self.row:
                if len(self.rows) >= MAX_ROWS:
                    raise UnreadableStatement("too_many_rows", rows=MAX_ROWS)
                self.rows.append(self.row)
            self.row, self.column = [], -1

    def end_cell(self) -> None:
        self.cells_read += 1
        if self.cells_read > MAX_CELLS:
            raise UnreadableStatement("too_many_rows", rows=MAX_ROWS)
        if self.column >= MAX_COLUMNS:
            raise UnreadableStatement("too_wide", columns=MAX_COLUMNS)
        text = self.gathered()
        if self.kind == "s":
            text = self._shared(text)
        elif self.kind == "n":
            text = _as_shown(text)
        else:
            text = tidy(text)
        if text:
            self.row.append(Cell(self.column, text))

    def _shared(self, index: str) -> str:
        if not index.isdecimal() or len(index) > 9 or int(index) >= len(self.shared):
            raise UnreadableStatement("damaged")
        return self.shared[int(index)]


@lru_cache(512)
def _column(letters: str) -> int:
    """`A` is column 0, `AB` column 27."""
    if not _COLUMN.fullmatch(letters):
        raise UnreadableStatement("damaged")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _as_shown(text: str) -> str:
    text = text.strip()
    if len(text) <= 16 and text.isdecimal():
        return text
    try:
        value = _AS_SHOWN.create_decimal(text)
    except ArithmeticError:
        return tidy(text)
    # Written out, 1E+999999 would be a million characters.
    return format(value, "f") if abs(value.adjusted()) < 20 else tidy(text)
