"""MetaTrader 5, the whole trade history report as separated values: ReportHistory.xlsx saved anew by a spreadsheet.

Head, `Positions`, `Orders`, `Deals` and `Results` stand below each other as in the workbook, with the headings of the
terminal's language; the spreadsheet adds its country's separator and decimal mark, and writes volumes, which are text
in the workbook, as the terminal did. Sources: a report of IC Markets so saved in a public repository (`Trade History
Report,,,` … `Account:,,,"… (USD, ICMarketsSC-Demo, demo, Hedge)"` … figures as `4 182.78` and `- 0.08`), and a French
one of GoatFunded (`Heure,Position,Symbole,Type,Volume,Prix,S / L,T / P,Heure,Prix,Commission,Echange,Profit`).
"""

from dataclasses import replace

from app.platforms import mt5
from app.platforms.document import Cell, Document
from app.platforms.formats import formats
from app.platforms.hints import Hints
from app.platforms.notation import notation_of
from app.platforms.statement import Statement

# Volumes and what stands before them are text in the workbook: they do not speak for the spreadsheet's notation.
AFTER_VOLUMES = 6


@formats.register
class Mt5Csv:
    """The report with its head, so that account, server and currency are known."""

    key = "mt5_csv"

    @staticmethod
    def recognises(document: Document) -> bool:
        return document.container == "csv" and mt5.read_head(document) is not None

    @staticmethod
    def read(document: Document, hints: Hints) -> Statement:
        texts = {cell.text for row in document.rows for cell in row if cell.column >= AFTER_VOLUMES}
        notation = notation_of(texts, (), hints, delimiter=document.delimiter)
        rows = [[Cell(cell.column, notation.either(cell.text)) for cell in row] for row in document.rows]
        statement = mt5.read_mt5(replace(document, rows=rows), Mt5Csv.key, hints)
        return replace(statement, doubts=notation.doubts + statement.doubts)
