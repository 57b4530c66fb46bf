"""What a trading platform's account statement says, free of the file format it came in.

Times are the broker's server clock. Few reports name a time zone, so every datetime here is naive; whoever imports
the statement decides which zone that clock keeps, unless `clock` says it. The holder's name is never taken out of
the file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from app.platforms.doubts import Doubt

Platform = Literal["mt4", "mt5", "ctrader"]
Side = Literal["buy", "sell"]
EndedBy = Literal["stop_loss", "take_profit", "stop_out"]

SIDES: dict[str, Side] = {"buy": "buy", "sell": "sell"}
ZERO = Decimal(0)
POSITION = "position-"  # begins the `deal` of a closed position whose deals are not listed
MONEY_KINDS = frozenset(
    {
        "balance", "credit", "charge", "correction", "bonus", "commission",
        "interest", "dividend", "tax", "agent", "compensation", "other",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClosedTrade:
    """One closing of a position: prices in the quote currency, money in the account's, times on the server's clock."""

    deal: str  # MT4: the order's ticket. MT5: the closing deal, or `position-N` when the report lists no deals
    position: str  # MT4: the first ticket of a chain of partial closes. MT5: the position
    symbol: str
    side: Side  # of the position, not of the deal that closed it
    lots: Decimal
    open_price: Decimal
    close_price: Decimal
    opened_at: datetime
    closed_at: datetime
    profit: Decimal
    commission: Decimal
    swap: Decimal
    taxes: Decimal = ZERO
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    comment: str = ""
    ended_by: EndedBy | None = None
    archived: bool = False  # a broker's summary of a month or quarter: carries money, is no trade
    opening_known: bool = True  # False: opened before the report begins; open price and time repeat the close's

    @property
    def names_deal(self) -> bool:
        """Whether the report names the deal, by which another report of the same trade is known."""
        return not self.deal.startswith(POSITION)

    @property
    def set_aside(self) -> Literal["archived", "closed_by", "opening_unknown"] | None:
        """Why this row can earn nothing whatever the rules say, or None for a real trade."""
        if self.archived:
            return "archived"
        if self.lots <= 0:  # the emptied half of an MT4 close-by pair; the other half has the volume
            return "closed_by"
        return None if self.opening_known else "opening_unknown"


@dataclass(frozen=True, slots=True)
class OtherRow:
    """A row that is not a closed trade: one of MONEY_KINDS, or `cancelled`, `open`, `working`."""

    kind: str
    ref: str
    at: datetime
    amount: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole account statement, in the order of its file."""

    platform: Platform
    format: str
    company: str
    server: str | None
    login: str | None
    currency: str
    account_type: str | None  # "demo", "real" or "contest" where the file says so
    rows_read: int  # every row understood, in all sections of the report
    deals: tuple[ClosedTrade, ...]
    not_trades: tuple[OtherRow, ...]
    stated_result: Decimal | None  # the closed profit or loss as the report itself sums it up
    clock: str | None = None  # "UTC" where the file names its offset, which is then taken away; else the server's own
    doubts: tuple[Doubt, ...] = ()  # what the file leaves open

    @property
    def trades(self) -> tuple[ClosedTrade, ...]:
        """The real trades: closed rows without archived summaries and rows that cannot be rated."""
        return tuple(trade for trade in self.deals if trade.set_aside is None)

    @property
    def open_trades(self) -> int:
        return sum(row.kind == "open" for row in self.not_trades)

    @property
    def cancelled(self) -> int:
        return sum(row.kind == "cancelled" for row in self.not_trades)

    @property
    def adds_up(self) -> bool | None:
        """Whether the closed rows sum to what the report states; None where that cannot be told."""
        # MetaTrader 5 also counts what opening the still open positions has cost.
        if self.stated_result is None or (self.platform == "mt5" and self.open_trades):
            return None
        return self.result == self.stated_result

    @property
    def result(self) -> Decimal:
        """The closed profit or loss after all costs, archived summaries included."""
        return _sum(trade.profit + trade.commission + trade.swap + trade.taxes for trade in self.deals)


@dataclass(frozen=True, slots=True)
class Totals:
    """Control figures of a statement; the four sums are over closed trades, archived summaries included."""

    rows_read: int
    closed: int
    cancelled: int
    balance_rows: int
    archived: int
    open: int
    lots: Decimal
    commission: Decimal
    swap: Decimal
    profit: Decimal


def ended_by(comment: str) -> EndedBy | None:
    """What closed a trade, as both platforms note it: `[sl]`, `[tp 1.1]`, `[sl/gap]`, `so: 50%/…`, `[so 18%/…]`."""
    comment = comment.lower()
    if "[sl" in comment:
        return "stop_loss"
    if "[tp" in comment:
        return "take_profit"
    return "stop_out" if "[so " in comment or comment.startswith("so:") else None


def totals(statement: Statement) -> Totals:
    """The control figures; `closed` counts archived summaries too, as the report's own total of trades does."""
    deals = statement.deals
    return Totals(
        rows_read=statement.rows_read,
        closed=len(deals),
        cancelled=statement.cancelled,
        balance_rows=sum(row.kind in MONEY_KINDS for row in statement.not_trades),
        archived=sum(trade.archived for trade in deals),
        open=statement.open_trades,
        lots=_sum(trade.lots for trade in deals),
        commission=_sum(trade.commission for trade in deals),
        swap=_sum(trade.swap for trade in deals),
        profit=_sum(trade.profit for trade in deals),
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
