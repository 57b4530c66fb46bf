"""MetaTrader 5 reports openings and closings as separate deals; this finds the opening of each closing.

Each closing deal gives exactly one closed trade, because the deal's number is what a broker's system reports too.
1. Where the report lists closed positions, a closing is first looked for there: same symbol, side, time, volume.
2. Where a deal names its position, that is the one.
3. Otherwise openings are followed deal by deal. On a hedging account the oldest opening that is large enough was
   closed, unless the report still shows it open. On a netting account a symbol has one opening at the average price,
   and an `in/out` deal closes it and opens the rest on the other side.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import islice

from app.platforms.deals import Deal, Listed, Opening, Position, part_of
from app.platforms.document import EXACT
from app.platforms.statement import POSITION, ZERO, ClosedTrade, Side, ended_by

OPPOSITE: dict[Side, Side] = {"buy": "sell", "sell": "buy"}
# Nobody holds more positions of one symbol at once; without a bound a hostile file takes the square of its length.
CANDIDATES = 100


def close_trades(listed: Listed, netting: bool | None) -> Iterator[ClosedTrade]:
    """One closed trade for each closing deal, in the order of time; for each position when no deals are listed.

    Uses up what it is given: volume and costs of the listed positions are taken away as they are closed.
    """
    if not listed.deals:
        yield from map(_from_position, listed.positions)
        return
    if netting is None:
        netting = any(deal.direction == "in/out" for deal in listed.deals)
    deals = sorted(listed.deals, key=lambda deal: (deal.at, int(deal.number)))
    rows = _rows_of_closings(deals, listed.positions)
    book = _Book(netting, listed)
    for deal in deals:
        if deal.direction == "in":
            book.open(deal, deal.lots, deal.costs)
        else:
            yield _closed(deal, rows.get(deal.number), book)
    if all(deal.direction == "in" or deal.number in rows for deal in deals):
        listed_closings = {id(closing.row) for closing in rows.values()}
        yield from (_from_position(row) for row in listed.positions if id(row) not in listed_closings)


@dataclass(slots=True, eq=False)
class _Closing:
    """Some lots of a listed position."""

    row: Position
    lots: Decimal


def _closed(deal: Deal, closing: _Closing | None, book: "_Book") -> ClosedTrade:
    row = closing.row if closing else None
    openings = book.closed_by(deal, row)
    lots, costs = deal.lots, deal.costs
    if deal.direction == "in/out":
        lots = min(lots, closing.lots if closing else sum((opening.lots for opening in openings), ZERO) or lots)
        costs = part_of(costs, lots, deal.lots)
    taken = _taken(openings, lots)
    source: Opening | None = row or taken
    if taken:
        costs += taken.costs
    elif row:  # opened before the report begins: only the row knows what that cost
        costs = row.take(lots)
    if lots < deal.lots:
        book.open(deal, deal.lots - lots, deal.costs - part_of(deal.costs, lots, deal.lots))
    return ClosedTrade(
        deal=deal.number,
        position=source.position if source else deal.order,
        symbol=deal.symbol,
        side=OPPOSITE[deal.side],
        lots=lots,
        open_price=source.price if source else deal.price,
        close_price=deal.price,
        opened_at=source.at if source else deal.at,
        closed_at=deal.at,
        profit=deal.profit,
        commission=costs,
        swap=deal.swap,
        stop_loss=source.stop_loss if source else None,
        take_profit=source.take_profit if source else None,
        comment=deal.comment,
        ended_by=ended_by(deal.comment),
        opening_known=source is not None,
    )


def _from_position(row: Position) -> ClosedTrade:
    return ClosedTrade(
        deal=f"{POSITION}{row.position}",
        position=row.position,
        symbol=row.symbol,
        side=row.side,
        lots=row.lots,
        open_price=row.price,
        close_price=row.close_price,
        opened_at=row.at,
        closed_at=row.closed_at,
        profit=row.profit,
        commission=row.costs,
        swap=row.swap,
        stop_loss=row.stop_loss,
        take_profit=row.take_profit,
    )


def _taken(openings: Iterable[Opening], lots: Decimal) -> Opening | None:
    """The volume taken from one or more openings as one, at its average price and the time of the oldest."""
    first: Opening | None = None
    left, value, costs = lots, ZERO, ZERO
    for opening in openings:
        share = min(left, opening.lots)
        if share <= 0:
            continue
        first = first or opening
        value += opening.price * share
        costs += opening.take(share)
        left -= share
    if not first:
        return None
    price = first.price if value == first.price * (lots - left) else _average(value, lots - left)
    return Opening(first.position, first.side, lots - left, price, first.at, costs, first.stop_loss, first.take_profit)


def _rows_of_closings(deals: Sequence[Deal], positions: Sequence[Position]) -> dict[str, _Closing]:
    """The position that each closing deal belongs to, where the report lists positions; whole closings come first."""
    whole: dict[tuple[object, ...], list[Position]] = defaultdict(list)
    for row in reversed(positions):
        whole[row.symbol, row.side, row.closed_at, row.lots].append(row)
    found: dict[str, _Closing] = {}
    for deal in deals:
        if deal.direction != "in" and (same := whole.get((deal.symbol, OPPOSITE[deal.side], deal.at, deal.lots))):
            found[deal.number] = _Closing(same.pop(), deal.lots)
    used = {id(closing.row) for closing in found.values()}
    left: dict[tuple[str, Side], list[_Closing]] = defaultdict(list)
    for row in positions:
        if id(row) not in used:
            left[row.symbol, row.side].append(_Closing(row, row.lots))
    for deal in deals:
        if deal.direction == "in" or deal.number in found:
            continue
        rest = left[deal.symbol, OPPOSITE[deal.side]]
        if closing := _possible(deal, rest):
            lots = min(deal.lots, closing.lots)
            found[deal.number] = _Closing(closing.row, lots)
            closing.lots -= lots
            if not closing.lots:
                rest.remove(closing)
    return found


def _possible(deal: Deal, rest: list[_Closing]) -> _Closing | None:
    """The position that was open then and has the volume left, best one whose last closing this would be."""
    possible = [
        closing
        for closing in islice(rest, CANDIDATES)
        if closing.row.at <= deal.at <= closing.row.closed_at
        and (closing.lots >= deal.lots or deal.direction == "in/out")
    ]
    return min(possible, key=lambda closing: (closing.row.closed_at != deal.at, closing.row.at), default=None)


class _Book:
    """The openings not yet closed, oldest first, symbol by symbol."""

    def __init__(self, netting: bool, listed: Listed) -> None:
        self.netting = netting
        self.listed = listed
        self.openings: dict[str, list[Opening]] = defaultdict(list)
        self.by_position: dict[str, Opening] = {}
        self.by_closing_order: dict[str, Opening] = {}

    def open(self, deal: Deal, lots: Decimal, costs: Decimal) -> None:
        openings = self.openings[deal.symbol]
        position = deal.position or deal.order
        # One order may be filled by several deals; on a netting account every deal adds to the one position.
        last = openings[-1] if openings else None
        if last and last.lots and last.side == deal.side and (self.netting or last.position == position):
            last.price = _average(last.price * last.lots + deal.price * lots, last.lots + lots)
            last.lots += lots
            last.costs += costs
            return
        kept = ZERO if self.netting else self.listed.still_open.get(deal.order, ZERO)
        levels = self.listed.levels.get(deal.order, (None, None))
        opening = Opening(position, deal.side, lots, deal.price, deal.at, costs, *levels, kept)
        openings.append(opening)
        self.by_position[position] = opening

    def closed_by(self, deal: Deal, row: Position | None) -> list[Opening]:
        """The openings that a deal closes: one, or several when none is large enough."""
        named = row.position if row else deal.position
        if named:
            opening = self.by_position.get(named)
            return [opening] if opening else []
        openings = self.openings[deal.symbol]
        oldest = openings[:CANDIDATES] = [opening for opening in openings[:CANDIDATES] if opening.lots]
        facing = [opening for opening in oldest if opening.side != deal.side]
        if self.netting:
            return facing
        chosen = self.by_closing_order.get(deal.order)
        if not (chosen and chosen.lots >= deal.lots):
            enough = [opening for opening in facing if opening.lots - opening.kept >= deal.lots]
            exact = (opening for opening in enough if opening.lots - opening.kept == deal.lots)
            chosen = next(exact, enough[0] if enough else None)
        if chosen:
            self.by_closing_order[deal.order] = chosen
            return [chosen]
        return sorted(facing, key=lambda opening: opening.kept > 0)


def _average(value: Decimal, lots: Decimal) -> Decimal:
    return (value / lots).quantize(EXACT, ROUND_HALF_EVEN)
