"""CSV: nothing that is written runs as a formula, and what is read back is what was written."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lib.spreadsheet import LARGEST, MOST_ROWS, Unreadable, defused, read, restored, written

# What a spreadsheet may run: OWASP's list, and the full-width twins that some take for the same.
FORMULAS = (
    " =1+1",
    "\u00a0@SUM(A1)",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "－1+2",
    "'=1",
    "''=1",
)
CELLS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=20)


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_a_formula(cell: str):
    assert defused(cell).startswith("'")
    assert restored(defused(cell)) == cell


@pytest.mark.parametrize("cell", ["-5", "-5.25", "5", "it's", "'quoted'", "", "a=b", "مرحبا"])
def test_plain_cells_stay_as_they_are(cell: str):
    assert defused(cell) == cell == restored(cell)


@given(st.text())
def test_every_cell_comes_back(cell: str):
    assert restored(defused(cell)) == cell


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8))
def test_every_table_comes_back(rows: list[tuple[str, ...]]):
    content = "".join(written(("a", "b", "c"), rows)).encode()
    sheet = read(content)
    assert sheet.headings == ("a", "b", "c")
    assert [row for _, row in sheet.rows] == [row for row in rows if any(cell.strip() for cell in row)]


def test_rows_have_the_numbers_of_the_spreadsheet():
    assert [number for number, _ in read(b"a,b\n1,2\n\n,,\n3,4\n").rows] == [2, 5]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_it_reads_what_spreadsheets_save(separator: str, encoding: str):
    content = separator.join(("key", "name")) + "\r\n" + separator.join(("a", "مرحبا")) + "\r\n"
    sheet = read(content.encode(encoding))
    assert sheet.headings == ("key", "name")
    assert sheet.rows == ((2, ("a", "مرحبا")),)


def test_excels_hint_of_the_separator_is_no_heading():
    sheet = read(b"sep=;\r\nkey;name\r\na;b\r\n")
    assert sheet.headings == ("key", "name")
    assert sheet.rows == ((3, ("a", "b")),)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf  \n", "empty"),
        (b",,,\n", "empty"),
        (b"a" * (LARGEST + 1), "larger than 1 MB"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "Excel workbook"),
        ("name\ncafé".encode("latin-1"), "cannot be read"),
        (b'a,b\n"never closed,1\n' + b"x" * 200_000, "quotation mark"),
        (b'a,b\n"closed" but not quite,1\n', "quotation mark"),
        (b"a,b\n1," + b"x" * 30_000 + b"\n", "more than 20000 letters"),
        (b",".join(b"c" for _ in range(500)) + b"\n", "columns"),
        (b"a\n" + b"1\n" * (MOST_ROWS + 1), "rows"),
    ],
)
def test_what_is_no_table_says_what_to_do(content: bytes, told: str):
    with pytest.raises(Unreadable) as refused:
        read(content)
    assert told in str(refused.value)


def test_a_row_of_nothing_but_commas_is_read_in_no_time():
    with pytest.raises(Unreadable):
        read(b"," * (LARGEST - 2) + b"x\n")


def test_files_begin_with_a_mark_that_excel_needs():
    content = "".join(written(["a"], [["=1"]]))
    assert content.startswith("\ufeff")
    assert next(iter(list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))[1:])) == ["'=1"]
