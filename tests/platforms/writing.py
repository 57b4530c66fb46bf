"""Writes small statements in the layouts of the terminals, so that a test shows only the rows it is about."""

import io
import zipfile
from collections.abc import Sequence

MT4_HEADINGS = (
    "Ticket", "Open Time", "Type", "Size", "Item", "Price", "S / L", "T / P", "Close Time", "Price",
    "Commission", "Taxes", "Swap", "Profit",
)  # fmt: skip
POSITIONS = (
    "Time", "Position", "Symbol", "Type", "Volume", "Price", "S / L", "T / P", "Time", "Price",
    "Commission", "Swap", "Profit",
)  # fmt: skip
ORDERS = ("Open Time", "Order", "Symbol", "Type", "Volume", "Price", "S / L", "T / P", "Time", "State", "Comment")
DEALS = (
    "Time", "Deal", "Symbol", "Type", "Direction", "Volume", "Price", "Order", "Commission", "Fee", "Swap", "Profit",
    "Balance", "Comment",
)  # fmt: skip
DEALS_2016 = tuple(name for name in DEALS if name != "Fee")
OPEN_POSITIONS = (
    "Time", "Position", "Symbol", "Type", "Volume", "Price", "S / L", "T / P", "Market Price", "Swap", "Profit",
    "Comment",
)  # fmt: skip
WORKING_ORDERS = (
    "Open Time", "Order", "Symbol", "Type", "Volume", "Price", "S / L", "T / P", "Market Price", "State", "Comment",
)  # fmt: skip

# How `|` separated rows stand in tests: an empty field is an empty cell.
Rows = str


def fields(rows: Rows) -> list[list[str]]:
    return [[field.strip() for field in line.split("|")] for line in rows.strip().splitlines()]


def mt4(
    closed: Rows,
    still_open: Rows = "",
    working: Rows = "",
    *,
    account: str = "5001001",
    currency: str = "USD",
    company: str = "Meridian Markets",
    result: str | None = None,
    detailed: bool = False,
    head: str = "",
) -> str:
    """A Statement or DetailedStatement; a row is `note|ticket|time|type|…`, a money row ends with its amount there."""
    parts = [
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">',
        f"<html><head><title>Statement: {account} - Alice</title>{head}",
        '<style type="text/css"><!--\n.mspt { mso-number-format:\\#\\,\\#\\#0\\.00; }\n//--></style></head>',
        f"<body topmargin=1><div align=center><div><b>{company}</b></div><br>",
        "<table cellspacing=1 cellpadding=3 border=0>",
        f"<tr align=left><td colspan=2><b>Account: {account}</b></td><td colspan=5><b>Name: Alice</b></td>"
        f"<td colspan=2><b>Currency: {currency}</b></td><td colspan=2><b>Leverage: 1:100</b></td>"
        "<td colspan=3 align=right><b>2025 March 14, 18:02</b></td></tr>",
        "<tr align=left><td colspan=14><b>Closed Transactions:</b></td></tr>",
        _mt4_headings("Close Time"),
        *(_mt4_row(row, detailed) for row in fields(closed) if closed.strip()),
    ]
    if result is not None:
        parts.append(
            "<tr align=right><td colspan=12><b>Closed P/L:</b></td>"
            f'<td colspan=2 title="Commission + Swap + Profit + Taxes" class=mspt><b>{result}</b></td></tr>'
        )
    parts.append("<tr align=left><td colspan=14><b>Open Trades:</b></td></tr>" + _mt4_headings("&nbsp;"))
    parts += [_mt4_row(row, detailed) for row in fields(still_open) if still_open.strip()]
    parts.append("<tr align=left><td colspan=14><b>Working Orders:</b></td></tr>")
    parts += [_mt4_row(row, detailed) for row in fields(working) if working.strip()]
    parts.append("<tr align=left><td colspan=14><b>Summary:</b></td></tr>")
    if detailed:
        parts.append("<tr align=left><td colspan=14><b>Details:</b></td></tr>")
    return "\n".join(parts) + "\n</table>\n</div></body></html>\n"


def _mt4_headings(close_time: str) -> str:
    cells = "".join(f"<td>{name if name != 'Close Time' else close_time}</td>" for name in MT4_HEADINGS)
    return f'<tr align=center bgcolor="#C0C0C0">{cells}</tr>'


def _mt4_row(row: list[str], detailed: bool) -> str:
    note, *cells = row
    first = f'<td title="{note}">{cells[0]}</td>' if note else f"<td>{cells[0]}</td>"
    second = f"<td class=msdate nowrap>{cells[1]}</td><td>{cells[2]}</td>"
    if len(cells) == 4:  # money without a trade
        return (
            f"<tr align=right>{first}{second}<td colspan=10 align=left>{note}</td><td class=mspt>{cells[3]}</td></tr>"
        )
    if len(cells) == 11:  # a pending order, its note in place of the money
        ending = f"<td colspan=4>{cells[10]}</td>"
    else:
        ending = "".join(f"<td class=mspt>{cell}</td>" for cell in cells[10:])
    middle = "".join(f"<td>{cell or '&nbsp;'}</td>" for cell in cells[3:10])
    line = f"<tr align=right>{first}{second}{middle}{ending}</tr>"
    if detailed and note:
        line += f"\n<tr align=right><td colspan=9>&nbsp;</td><td>&nbsp;</td><td colspan=3>{note}</td></tr>"
    return line


Section = tuple[str, Sequence[str], Rows]


def mt5_rows(
    *sections: Section,
    account: str = "6001001 (USD, Meridian-Live, real, Hedge)",
    company: str = "Meridian Markets",
    title: str = "Trade History Report",
    result: str | None = None,
) -> list[list[str]]:
    """The rows of a trade history report, for `mt5_html` or `xlsx`."""
    rows = [[title], ["Name:", "Alice"], ["Account:", account], ["Company:", company], ["Date:", "2025.03.14 18:02"]]
    for name, headings, content in sections:
        rows += [[name], list(headings), *(fields(content) if content.strip() else [])]
    rows += [["Balance:", "10 000.00", "Free Margin:", "9 000.00"], ["Results"]]
    if result is not None:
        rows.append(["Total Net Profit:", result, "Gross Profit:", "0.00"])
    return rows


def mt5_html(rows: Sequence[Sequence[str]]) -> str:
    """The report as the terminal writes it, with the cell that is never shown and that headings do not have."""
    lines = []
    for row in rows:
        cells = [f'<td class="">{cell}</td>' for cell in row]
        if len(row) == len(POSITIONS) and row[4][:1].isdigit():
            cells.insert(4, '<td class="hidden" colspan="8">typed by hand</td>')
        lines.append(f'<tr bgcolor="#FFFFFF" align="right">{"".join(cells)}</tr>')
    table = "\r\n".join(lines)
    return (
        "<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 4.01 Transitional//EN'>\r\n<html><head>"
        f"<title>6001001: Alice</title></head><body><table>\r\n{table}\r\n</table></body></html>\r\n"
    )


def xlsx(rows: Sequence[Sequence[str]], encoding: str = "utf-16", doctype: str = "") -> bytes:
    """The rows as a workbook: numbers as numbers, volumes and all other text as shared strings."""
    texts: dict[str, int] = {}
    lines = []
    for number, row in enumerate(rows, 1):
        cells = []
        for column, cell in enumerate(row):
            place = f'r="{_letters(column)}{number}"'
            plain = cell.replace(" ", "")
            if cell and plain.lstrip("-").replace(".", "", 1).isdecimal() and column != 4:
                cells.append(f'<c {place} s="7"><v>{plain}</v></c>')
            elif cell:
                cells.append(f'<c {place} s="6" t="s"><v>{texts.setdefault(cell, len(texts))}</v></c>')
            else:
                cells.append(f'<c {place} s="6"/>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    strings = "".join(f"<si><t>{text.replace('&', '&amp;').replace('<', '&lt;')}</t></si>" for text in texts)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "xl/sharedStrings.xml": f"<sst {space}>{strings}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {space}><sheetData>{''.join(lines)}</sheetData></worksheet>",
    }
    return zipped({name: f'<?xml version="1.0"?>{doctype}{part}'.encode(encoding) for name, part in parts.items()})


def zipped(parts: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 3, 14, 18, 2, 0)), part, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
