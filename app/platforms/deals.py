"""What a MetaTrader 5 report lists: deals, closed positions, and the openings that are followed through them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from app.platforms.statement import ZERO, Side

Levels = tuple[Decimal | None, Decimal | None]  # stop-loss, take-profit


@dataclass(frozen=True, slots=True)
class Deal:
    """One execution; `side` is the deal's own, `costs` its commission and fee."""

    number: str
    order: str
    symbol: str
    side: Side
    direction: str  # in, out, in/out, out by
    lots: Decimal
    price: Decimal
    at: datetime
    costs: Decimal
    swap: Decimal
    profit: Decimal
    comment: str
    position: str = ""  # the position, where the file names it: then nothing need be followed


@dataclass(slots=True)
class Opening:
    """What is left of a position; `kept` lots of it are still open where the report ends."""

    position: str
    side: Side
    lots: Decimal
    price: Decimal
    at: datetime
    costs: Decimal
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    kept: Decimal = ZERO

    def take(self, lots: Decimal) -> Decimal:
        """Take volume away; its share of the opening's costs, the last taker getting what rounding left."""
        share = self.costs if lots >= self.lots else part_of(self.costs, lots, self.lots)
        self.costs -= share
        self.lots -= min(lots, self.lots)
        return share


@dataclass(slots=True)
class Position(Opening):
    """A row of the section of closed positions."""

    symbol: str = ""
    closed_at: datetime = datetime.min
    close_price: Decimal = ZERO
    swap: Decimal = ZERO
    profit: Decimal = ZERO


@dataclass(slots=True)
class Listed:
    """What a report lists; orders are known by their stop-loss and take-profit."""

    deals: list[Deal] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    still_open: dict[str, Decimal] = field(default_factory=dict)  # lots by position
    levels: dict[str, Levels] = field(default_factory=dict)  # by order


def part_of(costs: Decimal, lots: Decimal, of: Decimal) -> Decimal:
    """The share of some costs that falls on a part of the volume, in whole units of their last digit."""
    return costs if lots >= of else (costs * lots / of).quantize(costs, ROUND_HALF_EVEN)
