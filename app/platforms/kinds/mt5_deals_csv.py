"""MetaTrader 5, a table of deals alone: copied out of the terminal's history, or written by a script.

The terminal's own columns, in any order and with those at the end missing:

    Time, Deal, Symbol, Type, Direction, Volume, Price, Order, Commission, Fee, Swap, Profit, Balance, Comment

Sources: the section `Deals` of the terminal's report; its history copied by Ctrl+C, tabs between the cells; scripts
that write the names of `ENUM_DEAL_TYPE` and `ENUM_DEAL_ENTRY` or their numbers, and often `Position ID` (mql5.com, Deal
Properties). Headings in German, Spanish, French and Chinese as the terminal translates them.
"""

from app.platforms import mt5
from app.platforms.deals import Deal, Listed
from app.platforms.document import Document, moment, money, number, volume
from app.platforms.formats import formats
from app.platforms.headless import statement_of, the_table
from app.platforms.hints import Hints
from app.platforms.pairing import close_trades
from app.platforms.statement import MONEY_KINDS, SIDES, OtherRow, Side, Statement
from app.platforms.table import MT5_NAMES, Record, find_table
from app.platforms.unreadable import UnreadableStatement

NAMES = MT5_NAMES | {
    "deal": "deal", "dealid": "deal", "dealticket": "deal", "ticket": "deal", "transaccion": "deal",
    "transaktion": "deal", "transaction": "deal", "成交": "deal", "positionid": "position", "position": "position",
    "direction": "direction", "entry": "direction", "richtung": "direction", "direccion": "direction",
    "趋势": "direction", "order": "order", "orderid": "order", "auftrag": "order", "orden": "order", "ordre": "order",
    "订单": "order",
}  # fmt: skip
NEEDED = {"opened", "deal", "symbol", "type", "direction", "lots", "price", "profit"}
TYPES = {"0": "buy", "1": "sell", "2": "balance", "3": "credit", "4": "charge", "5": "correction", "6": "bonus"}
DIRECTIONS = {"0": "in", "1": "out", "2": "in/out", "3": "out by", "inout": "in/out", "outby": "out by"}


@formats.register
class Mt5DealsCsv:
    """Deals without a head: the account is named by a column, or by its owner."""

    key = "mt5_deals_csv"

    @staticmethod
    def recognises(document: Document) -> bool:
        return find_table(document, NAMES, NEEDED) is not None and mt5.read_head(document) is None

    @staticmethod
    def read(document: Document, hints: Hints) -> Statement:
        table, notation = the_table(document, NAMES, NEEDED, hints)
        listed = Listed()
        others: list[OtherRow] = []
        for record in table.records(notation):
            if not _is_deal(record):
                continue
            kind = _plain(record["type"], "deal_type_", TYPES)
            if side := SIDES.get(kind):
                listed.deals.append(_deal(record, side))
            else:
                others.append(_booking(record, kind))
        rows_read = len(listed.deals) + len(others)
        deals = tuple(close_trades(listed, None))
        return statement_of(
            table,
            notation,
            hints,
            platform="mt5",
            format=Mt5DealsCsv.key,
            deals=deals,
            others=others,
            rows_read=rows_read,
        )


def _is_deal(record: Record) -> bool:
    if mt5.ID.fullmatch(record["deal"].removesuffix(".0")):
        return True
    if _plain(record["type"], "deal_type_", TYPES) in SIDES:
        raise UnreadableStatement("bad_value", row=record["opened"][:40], value=record["deal"][:40])
    return False


def _plain(text: str, prefix: str, names: dict[str, str]) -> str:
    text = text.lower().removeprefix(prefix).removeprefix("entry_").replace("_", " ")
    return names.get(text, text)


def _deal(record: Record, side: Side) -> Deal:
    row = record["deal"].removesuffix(".0")
    direction = _plain(record["direction"], "deal_entry_", DIRECTIONS)
    if direction not in mt5.DIRECTIONS:
        raise UnreadableStatement("bad_value", row=row, value=record["direction"][:40])
    return Deal(
        number=row,
        order=record["order"] or row,
        symbol=record["symbol"],
        side=side,
        direction=direction,
        lots=volume(record["lots"], row),
        price=number(record["price"], row),
        at=moment(record["opened"], row),
        costs=money(record["commission"], row) + money(record["fee"], row),
        swap=money(record["swap"], row),
        profit=money(record["profit"], row),
        comment=record["comment"],
        position=record["position"].removesuffix(".0"),
    )


def _booking(record: Record, kind: str) -> OtherRow:
    row = record["deal"]
    return OtherRow(
        kind=kind if kind in MONEY_KINDS else "other",
        ref=row,
        at=moment(record["opened"], row),
        amount=sum((money(record[part], row) for part in ("commission", "fee", "swap")), money(record["profit"], row)),
        text=record["comment"],
    )
