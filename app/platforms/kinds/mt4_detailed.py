"""MetaTrader 4, account history saved as “Detailed report”: DetailedStatement.htm."""

from app.platforms import mt4
from app.platforms.document import Document
from app.platforms.formats import formats
from app.platforms.hints import Hints
from app.platforms.statement import Statement


@formats.register
class Mt4DetailedStatement:
    """The plain statement with a second line for each comment and a section of ratios."""

    key = "mt4_detailed"

    @staticmethod
    def recognises(document: Document) -> bool:
        return mt4.columns(document) is not None and mt4.has_section(document, "Details:")

    @staticmethod
    def read(document: Document, hints: Hints) -> Statement:
        return mt4.read_mt4(document, Mt4DetailedStatement.key, hints)
