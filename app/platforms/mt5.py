"""The trade history report of MetaTrader 5, whatever it was saved as.

The terminal writes headings in its user's language but never translates `buy`, `in` or `balance`. So a section is
told by the shape of its rows, never by its title; fields stand at the columns of the section's own heading row.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from app.platforms.deals import Deal, Listed, Position
from app.platforms.document import Document, Row, is_moment, is_number, level, moment, money, number, volume
from app.platforms.doubts import Doubt
from app.platforms.hints import NOTHING_TOLD, Hints
from app.platforms.pairing import close_trades
from app.platforms.statement import MONEY_KINDS, SIDES, OtherRow, Side, Statement
from app.platforms.unreadable import UnreadableStatement

POSITION_FIELDS = 13  # from here on a row is a closed position or a deal; a `Fee` column may be one more
OPEN_POSITION_FIELDS = 12
ORDER_FIELDS = 11
WHOLE_ROW = 8  # cells that even an order without levels and comment has
DIRECTIONS = {"in", "out", "in/out", "out by"}
NEVER_TRADED = {"canceled", "cancelled", "expired", "rejected"}

# “Profit” in the terminal's languages: only needed where a section of positions has columns after it.
PROFITS = {
    "profit",
    "gewinn",
    "beneficio",
    "bénéfice",
    "profitto",
    "lucro",
    "прибыль",
    "zysk",
    "kâr",
    "盈利",
    "利润",
    "利益",
    "الربح",
}

_ACCOUNT = re.compile(r"(\d{1,20})\s*\(([^()]*\b[A-Z]{3,5}\b[^()]*)\)", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3,5}", re.ASCII)
_LEVERAGE = re.compile(r"1\s*:\s*\d+", re.ASCII)
ID = re.compile(r"\d{1,20}", re.ASCII)
_ACCOUNT_TYPES = {"demo", "real", "contest"}
_BOOKINGS = {"hedge": False, "hedging": False, "netting": True, "exchange": True}


@dataclass(frozen=True, slots=True)
class Account:
    """What stands in the report's head: `login (currency, server, type, booking)`."""

    login: str
    currency: str
    server: str | None
    company: str
    type: str | None
    netting: bool | None


def read_head(document: Document) -> Account | None:
    """The account of the report, None when there is none (a strategy tester's report has none)."""
    for index, row in enumerate(document.rows[:12]):
        for cell in row:
            if found := _ACCOUNT.fullmatch(cell.text):
                following = document.rows[index + 1 : index + 2]
                return _account(found[1], found[2], following[0] if following else [])
    return None


def _account(login: str, details: str, following: Row) -> Account:
    currency, server, kind, netting = "", None, None, None
    for detail in (part.strip() for part in details.split(",")):
        if not currency and _CURRENCY.fullmatch(detail):
            currency = detail
        elif detail.lower() in _ACCOUNT_TYPES:
            kind = detail.lower()
        elif detail.lower() in _BOOKINGS:
            netting = _BOOKINGS[detail.lower()]
        elif detail and not _LEVERAGE.fullmatch(detail):
            server = detail
    # The company's name is the row after the account's, in every language.
    company = following[-1].text if len(following) == 2 and not is_moment(following[-1].text) else ""
    return Account(login, currency, server, company, kind, netting)


def read_mt5(document: Document, key: str, hints: Hints = NOTHING_TOLD) -> Statement:
    """The statement in a document that has a head; raises UnreadableStatement."""
    account = read_head(document)
    if not account:
        raise UnreadableStatement("unknown_format")
    currency = account.currency or hints.currency
    if not currency:
        raise UnreadableStatement("no_currency")
    sections = _Sections(document)
    doubts = doubts_of(sections.listed)
    deals = close_trades(sections.listed, account.netting)
    return Statement(
        platform="mt5",
        format=key,
        company=account.company,
        server=account.server,
        login=account.login,
        currency=currency,
        account_type=account.type,
        rows_read=sections.rows_read,
        deals=tuple(deals),
        not_trades=tuple(sections.others),
        stated_result=_stated_result(document),
        doubts=doubts,
    )


def doubts_of(listed: Listed) -> tuple[Doubt, ...]:
    """Positions without deals have no number that a broker's system would report too."""
    return (Doubt("positions", ""),) if listed.positions and not listed.deals else ()


def _stated_result(document: Document) -> Decimal | None:
    for row in document.rows:
        if len(row) > 1 and row[0].text == "Total Net Profit:":
            return number(row[1].text, row[0].text)
    return None


class _Sections:
    """The rows of a report, sorted into what they are."""

    def __init__(self, document: Document) -> None:
        self.rows_read = 0
        self.position_fields: int | None = None
        self.listed = Listed()
        self.others: list[OtherRow] = []
        columns: list[int] = []
        for row in document.rows:
            if _is_heading(row):
                columns = [cell.column for cell in row]
                self.position_fields = _position_fields(row)
            elif columns and row[0].column == columns[0]:
                texts = {cell.column: cell.text for cell in row}
                fields = [texts.get(column, "") for column in columns]
                # A whole row with a broken time is read too, and refused: sums must not change in silence.
                if ID.fullmatch(fields[1]) and (is_moment(fields[0]) or len(row) >= WHOLE_ROW):
                    self.rows_read += 1
                    self.add(fields)

    def add(self, fields: list[str]) -> None:
        if len(fields) >= POSITION_FIELDS:
            if fields[4] and is_number(_first(fields[4])):
                self.listed.positions.append(_position(fields[: self.position_fields]))
            elif side := SIDES.get(fields[3].lower()):
                self.listed.deals.append(_deal(fields, side))
            else:
                self.others.append(_booking(fields))
        elif len(fields) == OPEN_POSITION_FIELDS:
            self.listed.still_open[fields[1]] = volume(_first(fields[4]), fields[1])
            self.others.append(_other(fields, "open", money(fields[10], fields[1])))
        elif is_moment(fields[8]):
            self.listed.levels[fields[1]] = level(fields[6], fields[1]), level(fields[7], fields[1])
            if _never_traded(fields):
                self.others.append(_other(fields, "cancelled", Decimal(0)))
        else:
            self.others.append(_other(fields, "working", Decimal(0)))


def _is_heading(row: Row) -> bool:
    return len(row) >= ORDER_FIELDS and not any(is_number(cell.text) or is_moment(cell.text) for cell in row)


def _position_fields(heading: Row) -> int | None:
    """How many columns a position has up to its profit, where something of the terminal's or of Excel's follows it."""
    named = (index for index, cell in enumerate(heading, 1) if cell.text.lower() in PROFITS)
    last = max(named, default=0)
    return last if last >= POSITION_FIELDS else None


def _first(volume: str) -> str:
    """`0.05 / 0.10` is what was done of what was asked; a plain volume is itself."""
    return volume.partition("/")[0].strip()


def _never_traded(order: list[str]) -> bool:
    _, slash, done = order[4].partition("/")
    return order[9].lower() in NEVER_TRADED or bool(slash and not money(done.strip(), order[1]))


def _position(fields: list[str]) -> Position:
    # Read from the end: some builds have a fee between commission and swap.
    row = fields[1]
    side = SIDES.get(fields[3].lower())
    if not side:
        raise UnreadableStatement("bad_value", row=row, value=fields[3][:40])
    return Position(
        position=row,
        symbol=fields[2],
        side=side,
        lots=volume(_first(fields[4]), row),
        price=number(fields[5], row),
        at=moment(fields[0], row),
        stop_loss=level(fields[6], row),
        take_profit=level(fields[7], row),
        closed_at=moment(fields[8], row),
        close_price=number(fields[9], row),
        costs=sum((money(cost, row) for cost in fields[10:-2]), Decimal(0)),
        swap=money(fields[-2], row),
        profit=number(fields[-1], row),
    )


def _deal(fields: list[str], side: Side) -> Deal:
    row = fields[1]
    if fields[4].lower() not in DIRECTIONS:
        raise UnreadableStatement("bad_value", row=row, value=fields[4][:40])
    return Deal(
        number=row,
        order=fields[7],
        symbol=fields[2],
        side=side,
        direction=fields[4].lower(),
        lots=volume(fields[5], row),
        price=number(fields[6], row),
        at=moment(fields[0], row),
        costs=sum((money(cost, row) for cost in fields[8:-4]), Decimal(0)),
        swap=money(fields[-4], row),
        profit=money(fields[-3], row),
        comment=fields[-1],
    )


def _booking(fields: list[str]) -> OtherRow:
    """Money that moved without a trade: deposits, credits, interest, dividends, corrections, charges."""
    kind = fields[3].lower()
    amount = sum((money(part, fields[1]) for part in fields[8:-2]), Decimal(0))
    return OtherRow(
        kind=kind if kind in MONEY_KINDS else "other",
        ref=fields[1],
        at=moment(fields[0], fields[1]),
        amount=amount,
        text=fields[-1],
    )


def _other(fields: list[str], kind: str, amount: Decimal) -> OtherRow:
    return OtherRow(kind=kind, ref=fields[1], at=moment(fields[0], fields[1]), amount=amount, text=fields[2])
