"""Closings are paired with openings so that nothing is lost and nothing counted twice."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.platforms.deals import Deal, Listed, Position
from app.platforms.pairing import OPPOSITE, close_trades
from app.platforms.statement import Side

START = datetime(2025, 3, 3)
SIDES: tuple[Side, Side] = ("buy", "sell")
LOTS = st.integers(1, 50).map(lambda hundredths: Decimal(hundredths) / 100)


@dataclass
class Held:
    number: int
    side: Side
    lots: Decimal
    left: Decimal
    at: datetime


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Deal], list[Position], dict[str, str]]:
    """A hedging account's deals, its closed positions, and which position each closing really closed."""
    deals: list[Deal] = []
    positions: list[Position] = []
    truth: dict[str, str] = {}
    held: list[Held] = []
    for number in range(1, draw(st.integers(1, 25))):
        at = START + timedelta(minutes=number)
        price = Decimal(draw(st.integers(10_000, 12_000))) / 10_000
        if held and draw(st.booleans()):
            one = draw(st.sampled_from(held))
            lots = min(one.left, draw(LOTS))
            one.left -= lots
            deals.append(executed(number, OPPOSITE[one.side], "out", lots, price, at))
            truth[str(number)] = str(one.number)
            if not one.left:
                held.remove(one)
                row = Position(str(one.number), one.side, one.lots, Decimal(1), one.at, Decimal(0))
                positions.append(replace(row, symbol="X", closed_at=at, close_price=price))
        else:
            one = Held(number, draw(st.sampled_from(SIDES)), lots := draw(LOTS), lots, at)
            held.append(one)
            deals.append(executed(number, one.side, "in", lots, price, at))
    return deals, positions, truth


def executed(number: int, side: Side, direction: str, lots: Decimal, price: Decimal, at: datetime) -> Deal:
    profit = Decimal(number if direction == "out" else 0)
    return Deal(
        str(number), str(number), "X", side, direction, lots, price, at, Decimal("-1.00"), Decimal(0), profit, ""
    )


@given(histories())
def test_each_closing_is_one_trade_with_its_own_money(history):
    deals, positions, _ = history
    for listed in (Listed(deals), Listed(deals, positions)):
        trades = list(close_trades(listed, netting=False))
        closings = [deal for deal in deals if deal.direction == "out"]
        assert [trade.deal for trade in trades] == [deal.number for deal in closings]
        assert [trade.lots for trade in trades] == [deal.lots for deal in closings]
        assert sum(trade.profit for trade in trades) == sum(deal.profit for deal in closings)
        assert all(trade.opened_at <= trade.closed_at for trade in trades)


@given(histories())
def test_costs_of_openings_are_shared_out_exactly_once(history):
    deals, _, _ = history
    trades = list(close_trades(Listed(deals), netting=False))
    closed = sum(trade.commission for trade in trades)
    assert closed >= sum(deal.costs for deal in deals)
    volume = {side: sum(d.lots if d.direction == "in" else 0 for d in deals if d.side == side) for side in OPPOSITE}
    if all(volume[side] == sum(t.lots for t in trades if t.side == side) for side in OPPOSITE):
        assert closed == sum(deal.costs for deal in deals)


@given(histories())
def test_a_position_closed_at_one_stroke_is_found_by_its_row(history):
    deals, positions, truth = history
    closings = list(truth.values())
    whole = {row.position for row in positions if closings.count(row.position) == 1}
    for trade in close_trades(Listed(deals, positions), netting=False):
        if truth[trade.deal] in whole:
            assert trade.position == truth[trade.deal]


@given(histories())
def test_the_order_of_rows_in_the_file_means_nothing(history):
    deals, positions, _ = history
    again = [replace(row) for row in positions]
    forwards = list(close_trades(Listed(deals, positions), netting=False))
    assert list(close_trades(Listed(deals[::-1], again), netting=False)) == forwards
