"""MetaTrader 5, trade history saved as “Open XML (MS Office Excel 2007)”: ReportHistory.xlsx."""

from app.platforms import mt5
from app.platforms.document import Document
from app.platforms.formats import formats
from app.platforms.hints import Hints
from app.platforms.statement import Statement


@formats.register
class Mt5Xlsx:
    """The report as a workbook: volumes are text, prices numbers, sums formulas."""

    key = "mt5_xlsx"

    @staticmethod
    def recognises(document: Document) -> bool:
        return document.container == "xlsx" and mt5.read_head(document) is not None

    @staticmethod
    def read(document: Document, hints: Hints) -> Statement:
        return mt5.read_mt5(document, Mt5Xlsx.key, hints)
