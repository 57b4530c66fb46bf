"""MetaTrader 4, account history as separated values: what scripts and spreadsheets make of the statement.

The terminal itself saves no such file. Scripts write one with the columns of its report, or with the names of the
functions they call (OrderOpenTime, OrderLots, …); others come from the report opened in a spreadsheet. Known columns:

    Ticket, Open Time, Type, Size, Item, Price, S / L, T / P, Close Time, Price, Commission, Taxes, Swap, Profit,
    Comment

Sources: ExportHistory.mq4 of mt4-expert.de (comma, `Commissions`, optional decimal comma); `MT4TradeLog2CSV` of
Ito-coder on GitHub; the reports' own names since 2006 (`app/platforms/mt4.py`); client-area exports of Exness
(`ticket, opening_time_utc, closing_time_utc, type, lots, symbol, opening_price, …, profit_usd, close_reason`).
An MT5 export with these columns cannot be told apart and is read as MT4.
"""

from collections.abc import Iterator
from dataclasses import replace

from app.platforms.document import Document
from app.platforms.formats import formats
from app.platforms.headless import statement_of, the_table
from app.platforms.hints import Hints
from app.platforms.mt4 import TICKET, Ticket, entry_of, joined
from app.platforms.statement import SIDES, ClosedTrade, EndedBy, OtherRow, Statement
from app.platforms.table import Record, find_table
from app.platforms.unreadable import UnreadableStatement

NAMES = {
    "ticket": "ticket", "ticketno": "ticket", "ticketid": "ticket",
    "opentime": "opened", "openingtime": "opened", "timeopen": "opened", "opendate": "opened",
    "type": "type", "ordertype": "type", "cmd": "type", "action": "type", "side": "type", "direction": "type",
    "size": "lots", "lots": "lots", "lot": "lots", "volume": "lots", "lotsize": "lots", "quantity": "lots",
    "item": "symbol", "symbol": "symbol", "instrument": "symbol", "pair": "symbol",
    "price": "price", "openprice": "price", "openingprice": "price", "entryprice": "price", "priceopen": "price",
    "sl": "stop_loss", "stoploss": "stop_loss", "tp": "take_profit", "takeprofit": "take_profit",
    "closetime": "closed", "closingtime": "closed", "timeclose": "closed", "closedate": "closed",
    "price2": "close_price", "closeprice": "close_price", "closingprice": "close_price", "exitprice": "close_price",
    "priceclose": "close_price",
    "commission": "commission", "commissions": "commission", "commis": "commission", "taxes": "taxes", "tax": "taxes",
    "swap": "swap", "swaps": "swap", "profit": "profit", "tradepl": "profit", "pl": "profit", "pnl": "profit",
    "comment": "comment", "closereason": "reason", "login": "login", "account": "login", "accountnumber": "login",
    "currency": "currency", "accountcurrency": "currency",
}  # fmt: skip
NEEDED = {"ticket", "opened", "type", "lots", "symbol", "price", "closed", "close_price", "profit"}
# The numbers of MQL4's own constants, for scripts that write them as they are.
TYPES = {
    "0": "buy", "1": "sell", "2": "buy limit", "3": "sell limit", "4": "buy stop", "5": "sell stop",
    "6": "balance", "7": "credit", "deposit": "balance", "withdrawal": "balance", "long": "buy", "short": "sell",
}  # fmt: skip
REASONS: dict[str, EndedBy] = {"sl": "stop_loss", "tp": "take_profit", "so": "stop_out"}
NEVER = "1970"  # the year of a time that is zero: an open trade's close


@formats.register
class Mt4Csv:
    """One table of tickets, its columns known by their names in any order."""

    key = "mt4_csv"

    @staticmethod
    def recognises(document: Document) -> bool:
        return find_table(document, NAMES, NEEDED) is not None

    @staticmethod
    def read(document: Document, hints: Hints) -> Statement:
        table, notation = the_table(document, NAMES, NEEDED, hints)
        deals: list[ClosedTrade] = []
        others: list[OtherRow] = []
        for record in table.records(notation):
            for entry in _entries(record):
                if isinstance(entry, ClosedTrade):
                    deals.append(entry)
                else:
                    others.append(entry)
        return statement_of(
            table,
            notation,
            hints,
            platform="mt4",
            format=Mt4Csv.key,
            deals=tuple(joined(deals)),
            others=others,
            rows_read=len(deals) + len(others),
        )


def _entries(record: Record) -> Iterator[ClosedTrade | OtherRow]:
    kind = record["type"].lower().removeprefix("op_").replace("_", " ")
    kind = TYPES.get(kind, kind)
    number = record["ticket"].removeprefix("#").removesuffix(".0")
    if not TICKET.fullmatch(number):
        if kind in SIDES:  # leaving a trade out would falsify the sums in silence
            raise UnreadableStatement("bad_value", row=record["opened"][:40], value=record["ticket"][:40])
        return  # a sum under the table
    record |= {"ticket": number, "type": kind}
    if record["closed"].startswith(NEVER):
        record["closed"] = ""
    entry = entry_of(Ticket(record, record["comment"]))
    if isinstance(entry, ClosedTrade) and (reason := REASONS.get(record["reason"].lower())):
        entry = replace(entry, ended_by=reason)
    yield entry
