"""The layout that both account reports of MetaTrader 4 share: one table of tickets under `Closed Transactions`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from app.platforms.document import Document, Row, is_moment, level, moment, money, number, volume
from app.platforms.hints import NOTHING_TOLD, Hints
from app.platforms.statement import MONEY_KINDS, SIDES, ClosedTrade, OtherRow, Side, Statement, ended_by
from app.platforms.unreadable import UnreadableStatement

# The names the heading has had since 2006; the two prices are told apart by their order.
HEADINGS = {
    "ticket": "ticket", "open time": "opened", "type": "type", "size": "lots", "lots": "lots", "item": "symbol",
    "symbol": "symbol", "price": "price", "s / l": "stop_loss", "s/l": "stop_loss", "t / p": "take_profit",
    "t/p": "take_profit", "close time": "closed", "commission": "commission", "commis": "commission",
    "taxes": "taxes", "swap": "swap", "profit": "profit", "trade p/l": "profit",
}  # fmt: skip
NEEDED = {"ticket", "opened", "type", "lots", "symbol", "price", "closed", "close_price", "swap", "profit"}
HEAD = 40  # rows in which the account and the heading stand
ARCHIVED_SYMBOL = "profit"

_ACCOUNT = re.compile(r"(?:Account|A/C No):\s*(\d{1,20})?", re.IGNORECASE | re.ASCII)
_CURRENCY = re.compile(r"Currency:\s*([A-Za-z]{3,5})\b", re.IGNORECASE | re.ASCII)
TICKET = re.compile(r"\d{1,20}", re.ASCII)
_CAME_FROM = re.compile(r"\bfrom #(\d{1,20})", re.ASCII)
_WENT_TO = re.compile(r"\bto #(\d{1,20})", re.ASCII)
_PENDING = re.compile(r"(?:buy|sell) (?:stop )?(?:limit|stop)")

Columns = dict[str, int]


def columns(document: Document) -> Columns | None:
    """Where each field stands, by the heading of the closed transactions; None when there is no such heading."""
    for row in document.rows[:HEAD]:
        if len(row) >= len(NEEDED):
            found = _named(row)
            if found.keys() >= NEEDED:
                return found
    return None


def has_section(document: Document, title: str) -> bool:
    return any(len(row) == 1 and row[0].text == title for row in document.rows)


def read_mt4(document: Document, key: str, hints: Hints = NOTHING_TOLD) -> Statement:
    """The statement in a document whose `columns` are known; raises UnreadableStatement."""
    where = columns(document)
    if not where:
        raise UnreadableStatement("unknown_format")
    deals: list[ClosedTrade] = []
    others: list[OtherRow] = []
    for row in _tickets(document, where):
        entry = entry_of(row)
        if isinstance(entry, ClosedTrade):
            deals.append(entry)
        else:
            others.append(entry)
    header = " \n".join(cell.text for row in document.rows[:HEAD] for cell in row)
    account, named = _ACCOUNT.search(header), _CURRENCY.search(header)
    currency = named[1].upper() if named else hints.currency
    if not currency:
        raise UnreadableStatement("no_currency")
    return Statement(
        platform="mt4",
        format=key,
        company=document.preamble,
        server=None,
        login=account[1] if account else None,
        currency=currency,
        account_type=None,
        rows_read=len(deals) + len(others),
        deals=tuple(joined(deals)),
        not_trades=tuple(others),
        stated_result=_stated_result(document),
    )


def _named(row: Row) -> Columns:
    found: Columns = {}
    for cell in row:
        name = HEADINGS.get(cell.text.lower(), "")
        if name == "price" and name in found:
            name = "close_price"
        if name:
            found.setdefault(name, cell.column)
    return found


class Ticket:
    """One row with a ticket and a time; its fields by name, and the note that the terminal hangs on it."""

    def __init__(self, fields: Mapping[str, str], note: str) -> None:
        self.fields, self.note = fields, note
        self.number = self["ticket"]
        self.opened = moment(self["opened"], self.number)
        self.type = self["type"].lower()

    def __getitem__(self, field: str) -> str:
        return self.fields.get(field, "")

    def number_in(self, field: str) -> Decimal:
        return number(self[field], self.number)

    def money_in(self, field: str) -> Decimal:
        return money(self[field], self.number)


def _tickets(document: Document, where: Columns) -> Iterator[Ticket]:
    for row in document.rows:
        texts = {cell.column: cell.text for cell in row[:4]}
        if not TICKET.fullmatch(texts.get(where["ticket"], "")):
            continue
        # A whole row with a broken time is read too, and refused: leaving it out would falsify the sums in silence.
        if is_moment(texts.get(where["opened"], "")) or len(row) >= len(NEEDED):
            cells = {cell.column: cell for cell in row}
            fields = {name: cells[column].text for name, column in where.items() if column in cells}
            yield Ticket(fields, cells[where["ticket"]].note)


def entry_of(row: Ticket) -> ClosedTrade | OtherRow:
    """What a ticket is: a closed trade, or money, an open trade, an order."""
    closed = is_moment(row["closed"])
    if side := SIDES.get(row.type):
        return _closed(row, side) if closed else _other(row, "open", row.money_in("profit"))
    if _PENDING.fullmatch(row.type):
        # Cancelled, expired or refused: an order of the past never traded under this ticket.
        return _other(row, "cancelled" if closed else "working", Decimal(0))
    return _other(row, row.type if row.type in MONEY_KINDS else "other", row.money_in("profit"))


def _other(row: Ticket, kind: str, amount: Decimal) -> OtherRow:
    return OtherRow(kind=kind, ref=row.number, at=row.opened, amount=amount, text=row.note or row["symbol"])


def _closed(row: Ticket, side: Side) -> ClosedTrade:
    return ClosedTrade(
        deal=row.number,
        position=row.number,
        symbol=row["symbol"],
        side=side,
        lots=volume(row["lots"], row.number),
        open_price=row.number_in("price"),
        close_price=row.number_in("close_price"),
        opened_at=row.opened,
        closed_at=moment(row["closed"], row.number),
        profit=row.number_in("profit"),
        commission=row.money_in("commission"),
        swap=row.money_in("swap"),
        taxes=row.money_in("taxes"),
        stop_loss=level(row["stop_loss"], row.number),
        take_profit=level(row["take_profit"], row.number),
        comment=row.note,
        ended_by=ended_by(row.note),
        archived=row["symbol"].lower() == ARCHIVED_SYMBOL,
    )


def joined(deals: list[ClosedTrade]) -> Iterator[ClosedTrade]:
    """The same trades, the parts of one partially closed order sharing the position of its first ticket."""
    before: dict[str, str] = {}
    for trade in deals:
        if came_from := _CAME_FROM.search(trade.comment):
            before[trade.deal] = came_from[1]
        elif went_to := _WENT_TO.search(trade.comment):
            before.setdefault(went_to[1], trade.deal)
    first: dict[str, str] = {}
    for trade in deals:
        position = _first(trade.deal, before, first)
        yield trade if position == trade.deal else replace(trade, position=position)


def _first(ticket: str, before: dict[str, str], first: dict[str, str]) -> str:
    walked: list[str] = []
    while ticket in before and ticket not in first:
        walked.append(ticket)
        first[ticket] = ticket  # comments can be typed by hand, also in a circle
        ticket = before[ticket]
    root = first.get(ticket, ticket)
    for passed in walked:
        first[passed] = root
    return root


def _stated_result(document: Document) -> Decimal | None:
    for row in document.rows:
        if len(row) == 2 and row[0].text == "Closed P/L:":
            return number(row[1].text, row[0].text)
    return None
