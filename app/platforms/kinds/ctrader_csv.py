"""cTrader, History exported as CSV, alone or within a statement of several tables.

    Deals
    Deal ID, Order ID, Symbol, Opening Direction, Closing Direction, Opening time (UTC+8), Closing Time (UTC+8),
    Entry price, Closing price, Closing Quantity, Commissions, Swap, Pips, Gross USD, Net USD, Channel, Balance USD

Each row closes a position, wholly or partly; the headings name the offset of the times and the currency; which columns
there are is its owner's choice. Figures are as `1 049.40`, sizes as `1 428 Lots`, empty ones as a dash, times as
`20 Aug 2026 21:56:13.342`. A row without symbol has the sums. `Positions` (open), `Orders`, `Transactions` (money
moved) and `Summary` may follow. Ids carry letters (`DID315186380`) that the platform's API does not have.
Sources: help.ctrader.com (Trading → History, Deals: the columns); statements of Pepperstone and other brokers, in the
tests of importers in public repositories.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_EVEN, Decimal

from app.platforms.document import EXACT, Document, level, moment, money, number, volume
from app.platforms.doubts import Doubt
from app.platforms.formats import formats
from app.platforms.headless import statement_of, the_table
from app.platforms.hints import Hints
from app.platforms.notation import Notation
from app.platforms.statement import SIDES, ZERO, ClosedTrade, OtherRow, Statement, ended_by
from app.platforms.table import Record, Table, find_table
from app.platforms.unreadable import UnreadableStatement

NAMES = {
    "id": "id", "dealid": "id", "closingdealid": "id", "did": "id", "positionid": "position", "pid": "position",
    "symbol": "symbol", "instrument": "symbol", "openingdirection": "side",
    "openingtime": "opened", "opentime": "opened", "entrytime": "opened", "closingtime": "closed",
    "closetime": "closed",
    "entryprice": "price", "openingprice": "price", "entry": "price", "closingprice": "close_price",
    "closingquantity": "lots", "quantity": "lots", "lots": "lots", "closingvolume": "units", "volume": "units",
    "commission": "commission", "commissions": "commission", "swap": "swap", "swaps": "swap",
    "gross": "gross", "grosscurrency": "gross", "grossprofit": "gross", "net": "net", "netcurrency": "net",
    "netprofit": "net", "balance": "balance", "balancecurrency": "balance", "label": "label", "comment": "comment",
    "sl": "stop_loss", "stoploss": "stop_loss", "tp": "take_profit", "takeprofit": "take_profit",
    "account": "login", "accountnumber": "login", "login": "login",
}  # fmt: skip
TELLING = {"symbol", "side", "closed", "price", "close_price"}
# What the columns are called that the rules cannot do without, in the words of the platform.
WANTED = {"id": "Deal ID", "opened": "Opening Time", "lots": "Closing Quantity", "net": "Net"}
MONEY_NAMES = {
    "id": "id", "time": "closed", "transactiontype": "type", "type": "type", "gross": "gross", "grosscurrency": "gross",
    "amount": "gross", "note": "comment",
}  # fmt: skip
MONEY_NEEDED = {"id", "closed", "type", "gross"}
OPEN_NAMES = {
    "created": "opened", "createdtime": "opened", "openingtime": "opened", "symbol": "symbol", "quantity": "lots",
    "direction": "side", "entry": "price", "entryprice": "price", "net": "net", "netcurrency": "net", "id": "id",
    "positionid": "id",
}  # fmt: skip
OPEN_NEEDED = {"opened", "symbol", "lots", "side", "price", "net"}
UNITS_A_LOT = 100_000
FOLLOWING = 2000  # rows under the deals in which a heading is looked for

_ID = re.compile(r"[A-Z]{0,4}(\d{1,20})", re.ASCII)


@formats.register
class CtraderCsv:
    """The deals that closed positions, and the money that moved where the export lists it."""

    key = "ctrader_csv"

    @staticmethod
    def recognises(document: Document) -> bool:
        return find_table(document, NAMES, TELLING) is not None

    @staticmethod
    def read(document: Document, hints: Hints) -> Statement:
        table, notation = the_table(document, NAMES, TELLING, hints)
        _has_what_is_wanted(table)
        deals = tuple(_closed(record) for record in table.records(notation) if record["symbol"])
        others = (*_open(document, table, notation), *_moved(document, table, notation))
        return statement_of(
            table,
            notation,
            hints,
            platform="ctrader",
            format=CtraderCsv.key,
            deals=deals,
            others=others,
            rows_read=len(deals) + len(others),
            stated_result=_stated(table.records(notation)),
            doubts=(() if "lots" in table.where else (Doubt("lots", str(UNITS_A_LOT)),)),
        )


def _has_what_is_wanted(table: Table) -> None:
    there = set(table.where)
    if "units" in there:
        there.add("lots")
    if "gross" in there:
        there.add("net")
    if missing := [name for field, name in WANTED.items() if field not in there]:
        raise UnreadableStatement("missing_columns", columns=", ".join(missing))


def _closed(record: Record) -> ClosedTrade:
    deal = _id(record)
    side = SIDES.get(record["side"].lower())
    if not side:
        raise UnreadableStatement("bad_value", row=deal, value=record["side"][:40])
    commission, swap = money(record["commission"], deal), money(record["swap"], deal)
    profit = number(record["gross"], deal) if record["gross"] else number(record["net"], deal) - commission - swap
    comment = record["comment"] or record["label"]
    return ClosedTrade(
        deal=deal,
        position=_without_letters(record["position"]) or deal,
        symbol=record["symbol"],
        side=side,
        lots=volume(record["lots"], deal) if record["lots"] else _in_lots(volume(record["units"], deal)),
        open_price=number(record["price"], deal),
        close_price=number(record["close_price"], deal),
        opened_at=moment(record["opened"], deal),
        closed_at=moment(record["closed"], deal),
        profit=profit,
        commission=commission,
        swap=swap,
        stop_loss=level(record["stop_loss"], deal),
        take_profit=level(record["take_profit"], deal),
        comment=comment,
        ended_by=ended_by(comment),
    )


def _in_lots(units: Decimal) -> Decimal:
    return (units / UNITS_A_LOT).quantize(EXACT, ROUND_HALF_EVEN).normalize()


def _id(record: Record) -> str:
    found = _without_letters(record["id"])
    if not found:
        raise UnreadableStatement("bad_value", row=record["closed"][:40], value=record["id"][:40])
    return found


def _without_letters(text: str) -> str:
    found = _ID.fullmatch(text)
    return found[1] if found else ""


def _stated(records: Iterable[Record]) -> Decimal | None:
    """The net result as the row of sums has it."""
    for record in records:
        if not record["symbol"] and not record["id"] and record["net"]:
            return number(record["net"], "Net")
    return None


def _open(document: Document, deals: Table, notation: Notation) -> Iterator[OtherRow]:
    table = _following(document, deals, OPEN_NAMES, OPEN_NEEDED)
    for record in table.records(notation) if table else ():
        if record["side"].lower() in SIDES and record["opened"]:
            ref = _without_letters(record["id"]) or record["symbol"]
            yield OtherRow("open", ref, moment(record["opened"], ref), money(record["net"], ref), record["symbol"])


def _moved(document: Document, deals: Table, notation: Notation) -> Iterator[OtherRow]:
    table = _following(document, deals, MONEY_NAMES, MONEY_NEEDED)
    for record in table.records(notation) if table else ():
        if ref := _without_letters(record["id"]):
            amount = money(record["gross"], ref)
            if record["type"].lower().startswith("withdraw"):
                amount = -abs(amount)
            text = record["comment"] or record["type"]
            yield OtherRow("balance", ref, moment(record["closed"], ref), amount or ZERO, text)


def _following(document: Document, deals: Table, names: dict[str, str], needed: set[str]) -> Table | None:
    """A table under that of the deals."""
    start = deals.start + sum(1 for _ in deals.rows())
    return find_table(document, names, needed, start=start, within=FOLLOWING)
