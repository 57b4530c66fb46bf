"""Whatever is uploaded is answered with a statement or a clear refusal, soon and without taking much memory."""

import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.platforms.detect import read_statement
from app.platforms.document import MAX_BYTES
from app.platforms.statement import Statement
from app.platforms.unreadable import SENTENCES, UnreadableStatement
from tests.platforms.writing import DEALS_2016, mt4, mt5_html, mt5_rows, xlsx, zipped

SAMPLES = [path.read_bytes() for path in sorted((Path(__file__).parent / "samples").glob("m*.*"))]
WORKBOOK = (Path(__file__).parent / "samples/mt5_history.xlsx").read_bytes()
PAGE = (Path(__file__).parent / "samples/mt4_statement.htm").read_bytes()


def full(piece: str, before: str = "", after: str = "") -> bytes:
    """A file of the largest size, one piece of markup over and over."""
    room = MAX_BYTES - len(before) - len(after)
    return (before + piece * (room // len(piece)) + after).encode()


def sheet(rows: str, doctype: str = "") -> bytes:
    part = f'<?xml version="1.0"?>{doctype}<worksheet><sheetData>{rows}</sheetData></worksheet>'
    return zipped({"xl/worksheets/sheet1.xml": part.encode()})


def many_deals() -> bytes:
    """The longest report of deals that fits, each closing as far from its opening as can be."""
    line = "2016.08.05 04:43:02|{}|X|{}|{}|1|1|{}|0|0|0|0|"
    sides = [("buy", "in"), ("sell", "out")]
    rows = "\n".join(line.format(n, *sides[n > 8000], n) for n in range(1, 16_001))
    return mt5_html(mt5_rows(("Deals", DEALS_2016, rows))).replace(' class=""', "").encode()


def many_tickets() -> bytes:
    row = "[sl]|{}|2025.03.03 09:15:00|buy|0.50|eurusd|1.04800|0.0|0.0|2025.03.03 15:42:10|1.05200|-3.50|0|0|200.00"
    return mt4("\n".join(row.format(n) for n in range(12_000))).encode()


BILLION_LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "blank": (lambda: b" \r\n\t\0" * 100, "empty"),
    "larger than allowed": (lambda: b" <table>" * (MAX_BYTES // 8 + 1), "too_large"),
    "binary": (lambda: random.Random(1).randbytes(100_000), "unknown_format"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 50, "unknown_format"),
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "unknown_format"),
    "plain text": (lambda: b"time,symbol,side\n2025-03-03,EURUSD,buy\n", "unknown_format"),
    "another page": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "unknown_format"),
    "halves of characters": (lambda: b"\xff\xfe" + b"\x00\xd8" * 50_000, "unknown_format"),
    "half a page": (lambda: PAGE[: len(PAGE) // 2], "cut_short"),
    "half a workbook": (lambda: WORKBOOK[: len(WORKBOOK) // 2], "damaged"),
    "a workbook's first bytes": (lambda: b"PK\x03\x04" + random.Random(1).randbytes(5000), "damaged"),
    "another archive": (lambda: zipped({"readme.txt": b"hello"}), "unknown_format"),
    "a workbook of no markup": (lambda: zipped({"xl/worksheets/sheet1.xml": b"\0\1\2"}), "damaged"),
    "a row of 4,000 columns": (lambda: b"<table><tr>" + b"<td>1</td>" * 4000 + b"</tr></table>", "too_wide"),
    "a sheet's row of 4,000 columns": (lambda: sheet("<row>" + "<c><v>1</v></c>" * 4000 + "</row>"), "too_wide"),
    "a cell far to the right": (lambda: sheet('<row><c r="XFD1"><v>1</v></c></row>'), "too_wide"),
    "tables in tables": (lambda: full("<table><tr><td>"), "too_deep"),
    "elements in elements": (lambda: sheet("<row>" * 30 + "</row>" * 30), "too_deep"),
    "cells without end": (lambda: full("<tr>" + "<td>x" * 60, "<table>"), "too_many_rows"),
    "rows without end": (lambda: full("<tr><td>x", "<table>"), "too_many_rows"),
    "only less-than signs": (lambda: full("<"), "unknown_format"),
    "tags that never end": (lambda: full("<a "), "unknown_format"),
    "quotes that never end": (lambda: full('<a ="'), "unknown_format"),
    "comments that never end": (lambda: full("<!--"), "unknown_format"),
    "comments that seem to end": (lambda: full("<!-- >"), "unknown_format"),
    "styles that never end": (lambda: full("<style>"), "unknown_format"),
    "references without end": (
        lambda: full("&abcdefghijklmnopqrstuvwxyz", "<table><td>", "</table>"),
        "unknown_format",
    ),
    "a reference of many digits": (lambda: b"<table><td>&#" + b"9" * 9000 + b";</table>", "unknown_format"),
    "a zip bomb": (lambda: sheet("x" * 60_000_000), "too_much_inside"),
    "a smaller zip bomb": (lambda: sheet("x" * 20_000_000), "too_much_inside"),
    "an archive of thousands": (lambda: zipped({f"{n}": b"" for n in range(5000)}), "too_much_inside"),
    "entities in entities": (lambda: sheet("<c>&j;</c>", BILLION_LAUGHS + "]>"), "forbidden_markup"),
    "an entity from a file": (
        lambda: sheet("<c>&x;</c>", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        "forbidden_markup",
    ),
    "a number of a million digits": (lambda: sheet("<row><c><v>1E+999999</v></c></row>"), "unknown_format"),
    "a shared string that is not there": (lambda: sheet('<row><c t="s"><v>7</v></c></row>'), "damaged"),
}

# Two seconds of a quiet machine are promised; a core that is shared takes longer for the same work.
SOON = 5


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_clearly_and_soon(name: str):
    make, reason = HOSTILE[name]
    data = make()
    started = process_time()
    with pytest.raises(UnreadableStatement) as refusal:
        read_statement(data)
    assert process_time() - started < SOON
    assert refusal.value.reason == reason
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("make", [many_deals, many_tickets])
def test_the_longest_honest_report_is_read_soon(make: Callable[[], bytes]):
    data = make()
    started = process_time()
    assert len(read_statement(data).deals) >= 8000
    assert process_time() - started < SOON


@pytest.mark.parametrize("name", ["rows without end", "a zip bomb", "entities in entities"])
def test_it_takes_little_memory(name: str):
    data = HOSTILE[name][0]()
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableStatement):
            read_statement(data)
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()


def reads_or_refuses(data: bytes) -> None:
    try:
        assert isinstance(read_statement(data), Statement)
    except UnreadableStatement as refusal:
        assert refusal.sentence in SENTENCES.values()
        assert refusal.sentence % refusal.values == str(refusal)


@given(st.binary(max_size=2000))
@example(b"PK")
@example(b"<table>")
def test_any_bytes_are_read_or_refused(data: bytes):
    reads_or_refuses(data)


MARKUP = st.sampled_from(
    ["<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<td colspan=3>", '<td title="[sl]">',
     '<td class="hidden">', "<!--", "-->", "<style>", "&#55296;", "Ticket", "Account: 7", "Currency: USD", "2025.03.03 09:00:00", "buy", "in",
     "out", "1", "-1", "0.00", "1 / 0", "7 (USD, X, demo)", "\ud800", "\0", "×"]
)  # fmt: skip


@given(st.lists(MARKUP, max_size=200))
def test_any_markup_is_read_or_refused(pieces: list[str]):
    reads_or_refuses("".join(pieces).encode("utf-8", "surrogatepass"))


@settings(max_examples=200)
@given(st.sampled_from(SAMPLES), st.data())
def test_a_statement_damaged_anywhere_is_read_or_refused(data: bytes, draw: st.DataObject):
    start = draw.draw(st.integers(0, len(data)))
    end = draw.draw(st.integers(start, min(len(data), start + 200)))
    reads_or_refuses(data[:start] + draw.draw(st.binary(max_size=50)) + data[end:])


CELL = st.sampled_from(["", "2025.03.03 09:00:00", "7", "buy", "sell", "balance", "in", "out", "in/out", "out by",
                        "1", "0", "0.5", "1 / 0", "-3", "9" * 15, "filled", "X", "1.1"])  # fmt: skip


@given(st.lists(st.tuples(CELL, CELL, CELL, st.sampled_from(["buy", "sell", "balance"])), max_size=12), st.data())
def test_any_row_of_a_report_is_read_or_refused(starts: list[tuple[str, ...]], draw: st.DataObject):
    rows = [[f"h{column}" for column in range(draw.draw(st.sampled_from([11, 12, 13, 14])))]]
    for number, (_, *_rest, side) in enumerate(starts, 1):
        rest = draw.draw(st.lists(CELL, min_size=len(rows[0]) - 4, max_size=len(rows[0]) - 4))
        rows.append(["2025.03.03 09:00:00", str(number), "X", side, *rest])
    head = [["Account:", "7 (USD, X, demo)"]]
    reads_or_refuses(mt5_html(head + rows).encode())
    reads_or_refuses(xlsx(head + rows))
