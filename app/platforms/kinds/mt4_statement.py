"""MetaTrader 4, account history saved as “Report”: Statement.htm."""

from app.platforms import mt4
from app.platforms.document import Document
from app.platforms.formats import formats
from app.platforms.hints import Hints
from app.platforms.statement import Statement


@formats.register
class Mt4Statement:
    """Closed transactions, open trades, working orders and a summary."""

    key = "mt4_statement"

    @staticmethod
    def recognises(document: Document) -> bool:
        return mt4.columns(document) is not None and not mt4.has_section(document, "Details:")

    @staticmethod
    def read(document: Document, hints: Hints) -> Statement:
        return mt4.read_mt4(document, Mt4Statement.key, hints)
