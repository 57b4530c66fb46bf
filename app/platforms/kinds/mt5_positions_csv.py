"""MetaTrader 5, a table of closed positions alone: copied out of the terminal's history, or cut out of its report.

    Time, Position, Symbol, Type, Volume, Price, S / L, T / P, Time, Price, Commission, Fee, Swap, Profit, Comment

The first time and price are of the opening, the second of the closing. Sources: the section `Positions` of the
terminal's report and its history copied by Ctrl+C; importers of trading journals that take it as it is; headings in
German, Spanish, French and Chinese as the terminal translates them.
"""

from app.platforms import mt5
from app.platforms.deals import Listed, Position
from app.platforms.document import Document, level, moment, money, number, volume
from app.platforms.formats import formats
from app.platforms.headless import statement_of, the_table
from app.platforms.hints import Hints
from app.platforms.pairing import close_trades
from app.platforms.statement import SIDES, OtherRow, Statement
from app.platforms.table import MT5_NAMES, Record, find_table
from app.platforms.unreadable import UnreadableStatement

NAMES = MT5_NAMES | {
    "position": "position", "positionid": "position", "posicion": "position", "持仓": "position", "仓位": "position",
    "opentime": "opened", "closetime": "closed", "openprice": "price", "closeprice": "close_price",
}  # fmt: skip
NEEDED = {"opened", "position", "symbol", "type", "lots", "price", "closed", "close_price", "profit"}


@formats.register
class Mt5PositionsCsv:
    """Closed positions without deals; each counts as one trade, under the number of its position."""

    key = "mt5_positions_csv"

    @staticmethod
    def recognises(document: Document) -> bool:
        return find_table(document, NAMES, NEEDED) is not None and mt5.read_head(document) is None

    @staticmethod
    def read(document: Document, hints: Hints) -> Statement:
        table, notation = the_table(document, NAMES, NEEDED, hints)
        listed = Listed()
        others: list[OtherRow] = []
        for record in table.records(notation):
            if not _is_position(record):
                continue
            if record["closed"]:
                listed.positions.append(_position(record))
            else:
                at = moment(record["opened"], record["position"])
                amount = money(record["profit"], record["position"])
                others.append(OtherRow("open", record["position"], at, amount, record["symbol"]))
        noted = mt5.doubts_of(listed)
        deals = tuple(close_trades(listed, None))
        return statement_of(
            table,
            notation,
            hints,
            platform="mt5",
            format=Mt5PositionsCsv.key,
            deals=deals,
            others=others,
            rows_read=len(deals) + len(others),
            doubts=noted,
        )


def _is_position(record: Record) -> bool:
    is_trade = record["type"].lower() in SIDES
    if is_trade and not mt5.ID.fullmatch(record["position"].removesuffix(".0")):
        raise UnreadableStatement("bad_value", row=record["opened"][:40], value=record["position"][:40])
    return is_trade


def _position(record: Record) -> Position:
    row = record["position"].removesuffix(".0")
    return Position(
        position=row,
        symbol=record["symbol"],
        side=SIDES[record["type"].lower()],
        lots=volume(record["lots"], row),
        price=number(record["price"], row),
        at=moment(record["opened"], row),
        stop_loss=level(record["stop_loss"], row),
        take_profit=level(record["take_profit"], row),
        closed_at=moment(record["closed"], row),
        close_price=number(record["close_price"], row),
        costs=money(record["commission"], row) + money(record["fee"], row),
        swap=money(record["swap"], row),
        profit=number(record["profit"], row),
    )
