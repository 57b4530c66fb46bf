"""Whatever is uploaded is answered with a statement or a clear refusal, soon and without taking much memory."""

import random
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import process_time
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.platforms.detect import read_statement
from app.platforms.document import MAX_BYTES
from app.platforms.statement import Statement
from app.platforms.unreadable import SENTENCES, UnreadableStatement
from tests.platforms.writing import DEALS_2016, mt4, mt5_html, mt5_rows, xlsx, zipped

SAMPLES = [path.read_bytes() for path in sorted((Path(__file__).parent / "samples").glob("[cm]*.*"))]
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

HEADING = "Ticket,Open Time,Type,Lots,Symbol,Price,Close Time,Price,Profit,Comment,Login"
TIMES = "{time},buy,{lots},EURUSD,1.1,2025.03.03 10:00,1.2,{profit}"


def separated(rows: str, *, time: str = "2025.03.03 09:00", lots: str = "0.1", profit: str = "9") -> bytes:
    """A history of MT4 of these rows."""
    filled = rows.replace("{time}", time).replace("{lots}", lots).replace("{profit}", profit)
    return f"{HEADING}\n{filled}\n".encode()


def longest(heading: str, row: str) -> bytes:
    """The longest history of these rows that fits, each under a number of its own."""
    room = (MAX_BYTES - len(heading)) // len(row.format(n=10_000_000))
    return (heading + "".join(row.format(n=10_000_000 + n) for n in range(min(room, 90_000)))).encode()


def many_orders() -> bytes:
    row = "{n},2025.03.03 09:15:00,buy,0.50,eurusd,1.04800,2025.03.03 15:42:10,1.05200,200.00,[sl],\n"
    return longest(HEADING + "\n", row)


def many_closings() -> bytes:
    """Each closes what was opened as far before it as can be."""
    heading = "Time,Deal,Symbol,Type,Direction,Volume,Price,Order,Commission,Profit\n"
    row = "2025.03.03 09:15,{n},X,{side},1,1,{n},0,0\n"
    opened = longest(heading, row.replace("{side}", "buy,in"))[:2_000_000].rpartition(b"\n")[0]
    closed = longest("", row.replace("{side}", "sell,out").replace("{n}", "2{n}", 1))[:2_200_000].rpartition(b"\n")[0]
    return opened + b"\n" + closed


def many_deals_of_ctrader() -> bytes:
    heading = (
        "ID,Symbol,Opening Direction,Opening Time (UTC+2),Closing Time (UTC+2),Entry price,Closing price,"
        "Closing Quantity,Net USD\n"
    )
    row = "DID{n},EURUSD,Buy,03 Mar 2025 09:15:00.123,03 Mar 2025 15:42:00.500,1.048,1.052,1.5 Lots,{n}.34\n"
    return longest(heading, row)


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
    "a quote that is never closed": (lambda: separated(f'7,{TIMES},"oh' + f"\n8,{TIMES},x" * 50), "damaged"),
    "a quote that swallows a row": (lambda: separated(f'7,{TIMES},"oh\n8,{TIMES},"\n9,{TIMES},x'), "damaged"),
    "quotes inside of quotes": (lambda: separated(f'7,{TIMES},"a"b"c"'), "damaged"),
    "quotes over the whole file": (lambda: separated('"' + "x\n" * 2_000_000), "damaged"),
    "NULs between its cells": (
        lambda: separated(f"7,\0{TIMES.replace(',', chr(0) + ',', 1)},x", time="\0\0"),
        "unknown_format",
    ),
    "separated values of 4,000 columns": (lambda: separated(",".join("1" * 4000)), "too_wide"),
    "a heading of 4,000 columns": (lambda: ("Ticket," * 2857).encode(), "too_wide"),
    "one line of the largest size": (lambda: b"Ticket" * (MAX_BYTES // 6), "unknown_format"),
    "one line of cells": (lambda: full("1,"), "unknown_format"),
    "separated rows without end": (lambda: full("1\n", HEADING + "\n"), "too_many_rows"),
    "separated cells without end": (lambda: full(",".join("1" * 60) + "\n", HEADING + "\n"), "too_many_rows"),
    "a ticket of a million digits": (lambda: separated(f"{'9' * 19_000},{TIMES},x"), "bad_value"),
    "a profit of thousands of digits": (lambda: separated(f"7,{TIMES},x", profit="9" * 9000), "bad_value"),
    "a profit of 10^400": (lambda: separated(f"7,{TIMES},x", profit="1e400"), "bad_value"),
    "a profit of 400 digits": (lambda: separated(f"7,{TIMES},x", profit="1" + "0" * 400), "bad_value"),
    "a profit that is no number": (lambda: separated(f"7,{TIMES},x", profit="NaN"), "bad_value"),
    "an infinite profit": (lambda: separated(f"7,{TIMES},x", profit="-Infinity"), "bad_value"),
    "a profit that is a formula": (lambda: separated(f"7,{TIMES},x", profit="=1+1"), "bad_value"),
    "a profit in other digits": (lambda: separated(f"7,{TIMES},x", profit="١٢٣"), "bad_value"),
    "a profit above everything": (lambda: separated(f"7,{TIMES},x", profit="99999999999999"), "bad_value"),
    "a size below nothing": (lambda: separated(f"7,{TIMES},x", lots="-1"), "bad_value"),
    "a day that never was": (lambda: separated(f"7,{TIMES},x", time="2025-02-30 09:00"), "bad_value"),
    "an hour that never was": (lambda: separated(f"7,{TIMES},x", time="13/13/2025 25:61 PM"), "bad_value"),
    "a year of the Romans": (lambda: separated(f"7,{TIMES},x", time="0001-01-01 00:00+14:00"), "bad_value"),
    "a trade without a ticket": (lambda: separated(f",{TIMES},x"), "bad_value"),
    "two accounts in one": (lambda: separated(f"7,{TIMES},x,111\n8,{TIMES},x,222"), "several_accounts"),
    "an export of cTrader that hides its ids": (
        lambda: (
            b"Symbol,Opening Direction,Closing Time (UTC+3),Entry price,Closing price,Closing Quantity,Net USD\n"
            b"EURUSD,Buy,03 Jun 2026 14:34:12.258,1.1,1.2,5 Lots,202.50\n"
        ),
        "missing_columns",
    ),
    "a shared string that is not there": (lambda: sheet('<row><c t="s"><v>7</v></c></row>'), "damaged"),
}

LONGEST = [many_deals, many_tickets, many_orders, many_closings, many_deals_of_ctrader]

# Seconds of its process, on a slow day of a slow machine. What takes the square of a file takes hours.
SOON = 60
LITTLE = 200  # megabytes
KILOBYTES = 1024 if sys.platform != "darwin" else 1024 * 1024  # of what a system counts memory in, in a megabyte


class Answer(NamedTuple):
    """What a file was answered with, and what that took."""

    refused: str | None  # the reason
    sentence: str
    deals: int
    seconds: float
    megabytes: int


def answer(data: bytes) -> Answer:
    """Reads a file in a process of its own, whose time and memory are its alone."""
    context = get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(data, sending))
    process.start()
    given = receiving.recv()
    process.join()
    return Answer(*given)


def _answer(data: bytes, sending: Connection) -> None:
    before, started = getrusage(RUSAGE_SELF).ru_maxrss, process_time()
    refused, sentence, deals = None, "", 0
    try:
        deals = len(read_statement(data).deals)
    except UnreadableStatement as refusal:
        refused, sentence = refusal.reason, str(refusal)
    took = getrusage(RUSAGE_SELF).ru_maxrss - before
    sending.send((refused, sentence, deals, process_time() - started, took // KILOBYTES))


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_clearly_soon_and_in_little_memory(name: str):
    make, reason = HOSTILE[name]
    given = answer(make())
    assert given.refused == reason
    assert given.sentence.endswith(".")
    assert given.seconds < SOON
    assert given.megabytes < LITTLE


@pytest.mark.parametrize("make", LONGEST)
def test_the_longest_honest_report_is_read_soon_and_in_little_memory(make: Callable[[], bytes]):
    given = answer(make())
    assert given.deals >= 8000
    assert given.seconds < SOON
    assert given.megabytes < LITTLE


@pytest.mark.parametrize("rows", ["", "\0", "\ud800" * 9, f"{HEADING}\n" * 1000])
def test_a_history_of_nothing_has_no_trades(rows: str):
    data = f"{HEADING}\n{rows}".encode("utf-16-le", "surrogatepass")
    assert read_statement(b"\xff\xfe" + data).deals == ()


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


VALUE = st.sampled_from(
    ["", "7", "DID7", "2025.03.03 09:00:00", "03/04/2025 9:00 PM", "03 Jun 2026 14:34:12.258", "2025-03-03T09:00Z",
     "9999-12-31 23:59:59-14:00", "buy", "sell", "balance", "in", "out", "in/out", "0", "1.5", "1,5", "1.234", "-1", "1 428 Lots",
     "0.05 / 0.10", "NaN", "1e9", "٣", "—", "EURUSD", "X", "[sl]", '"', "\0", "\ud800", "\u202e=1+1", "9" * 15, "1." + "9" * 20]
)  # fmt: skip
HEADINGS = [
    HEADING,
    "Time,Deal,Symbol,Type,Direction,Volume,Price,Order,Commission,Fee,Swap,Profit,Balance,Comment,Position ID",
    "Time,Position,Symbol,Type,Volume,Price,S / L,T / P,Time,Price,Commission,Swap,Profit",
    "ID,Symbol,Opening Direction,Opening Time (UTC-14),Closing Time (UTC+14),Entry price,Closing price,Closing Quantity,"
    "Closing volume,Swap,Gross USD,Net EUR",
]


@given(st.sampled_from(HEADINGS), st.lists(st.lists(VALUE, max_size=16), max_size=8), st.sampled_from(",;\t"))
def test_any_separated_values_are_read_or_refused(heading: str, rows: list[list[str]], delimiter: str):
    lines = [heading.replace(",", delimiter), *(delimiter.join(row) for row in rows)]
    reads_or_refuses("\n".join(lines).encode("utf-8", "surrogatepass"))


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
