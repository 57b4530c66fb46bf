"""What files of separated values have in common: no head stands above the table to say whose account it is."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from app.platforms.currency import currency_of
from app.platforms.document import Document
from app.platforms.doubts import Doubt
from app.platforms.hints import Hints
from app.platforms.notation import Notation
from app.platforms.statement import ClosedTrade, OtherRow, Statement
from app.platforms.table import Table, find_table
from app.platforms.unreadable import UnreadableStatement


def the_table(document: Document, names: Mapping[str, str], needed: set[str], hints: Hints) -> tuple[Table, Notation]:
    """The table of a file whose format was recognised by it, and how it is written; raises UnreadableStatement."""
    table = find_table(document, names, needed)
    if table is None:
        raise UnreadableStatement("unknown_format")
    return table, table.notation(hints)


def statement_of(
    table: Table,
    notation: Notation,
    hints: Hints,
    *,
    platform: Literal["mt4", "mt5", "ctrader"],
    format: str,
    deals: Sequence[ClosedTrade],
    others: Sequence[OtherRow],
    rows_read: int,
    stated_result: Decimal | None = None,
    doubts: tuple[Doubt, ...] = (),
) -> Statement:
    """A statement without a head. Raises UnreadableStatement where its rows are of several accounts."""
    currency, in_doubt = currency_of(table.currency or table.only("currency"), deals, hints)
    return Statement(
        platform=platform,
        format=format,
        company="",
        server=None,
        login=table.only("login"),
        currency=currency,
        account_type=None,
        rows_read=rows_read,
        deals=tuple(deals),
        not_trades=tuple(others),
        stated_result=stated_result,
        clock=table.clock(),
        doubts=notation.doubts + in_doubt + doubts,
    )
