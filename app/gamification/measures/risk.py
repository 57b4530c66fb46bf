"""What a trade put at risk, in the money of its account: from its own figures, so that no rate has to be known."""

from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from app.gamification.instruments import instrument


class Risk(NamedTuple):
    """Money between the opening price and the stop, and how much less it may be, as the profit was rounded."""

    amount: Decimal
    spare: Decimal


NOTHING = Risk(Decimal(0), Decimal(0))


def risked(trade: Any) -> Risk | None:
    """What a closed trade with a stop would have lost at it; None where its figures do not tell.

    What a price move is worth follows from the trade itself: its profit over the move from open to close. Where it
    closed where it opened, lots and contract say it, if the account is kept in the currency the symbol is quoted in.
    A stop behind the opening price, such as one that trails, risks nothing.
    """
    with localcontext() as exact:
        exact.prec = 60
        opened, stop, profit = Decimal(trade.open_price), Decimal(trade.stop_loss), Decimal(trade.profit)
        distance = trade.side * (opened - stop)
        if distance <= 0:
            return NOTHING
        moved = abs(Decimal(trade.close_price) - opened)
        if moved and profit:
            half = Decimal((0, (5,), int(profit.as_tuple().exponent) - 1))
            return Risk(abs(profit) * distance / moved, half * distance / moved)
        known = instrument(trade.symbol)
        if known.base and known.quote == trade.currency:
            return Risk(distance * Decimal(trade.lots) * known.contract, Decimal(0))
    return None
