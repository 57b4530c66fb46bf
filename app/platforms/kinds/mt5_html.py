"""MetaTrader 5, trade history saved as “HTML”: ReportHistory.html."""

from app.platforms import mt5
from app.platforms.document import Document
from app.platforms.formats import formats
from app.platforms.hints import Hints
from app.platforms.statement import Statement


@formats.register
class Mt5Html:
    """Positions (missing in builds of 2016), orders, deals, open positions and results in one table."""

    key = "mt5_html"

    @staticmethod
    def recognises(document: Document) -> bool:
        return document.container == "html" and mt5.read_head(document) is not None

    @staticmethod
    def read(document: Document, hints: Hints) -> Statement:
        return mt5.read_mt5(document, Mt5Html.key, hints)
