"""How the members of the demo season trade: styles, what each plans, and how a plan is settled at the market's prices."""

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.accrual.fields import pips_moved
from app.gamification.activities import Trade, TradeClosed
from app.gamification.instruments import instrument
from app.lib.periods import day_of, start_of
from app.seeds.demo.market import CENT, QUOTED, Market, is_open, nights

SHORTEST_THAT_EARNS, LEAST_PIPS, HOLD_DAYS = 180, 3, 5  # of the seeded rules, for those whose standing is aimed at
PROGRAMME_ZONE = ZoneInfo("Europe/Nicosia")
LARGEST_LOT = Decimal(60)


@dataclass(frozen=True)
class Style:
    """How somebody trades: `busy` is the share of days with trades, `a_day` how many those have on average."""

    key: str
    busy: float
    a_day: float
    seconds: tuple[int, int]  # open for, drawn evenly on a logarithmic scale
    symbols: Mapping[str, int]  # symbol → weight
    stops: float  # share with a stop-loss
    bonus: float = 0.0  # share on bonus funds


_PAIRS = {"EURUSD": 30, "GBPUSD": 18, "USDJPY": 16, "AUDUSD": 8, "USDCAD": 7, "EURJPY": 6, "GBPJPY": 5, "EURGBP": 4}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
STYLES = {
    style.key: style
    for style in (
        Style("scalper", 0.62, 5.2, (15, 420), {"EURUSD": 40, "GBPUSD": 15, "US30": 15, "XAUUSD": 30}, 0.25),
        Style("day", 0.5, 2.4, (4 * _MINUTE, 7 * _HOUR), {**_PAIRS, "XAUUSD": 18, "US500": 5, "GER40": 6}, 0.6),
        Style("swing", 0.3, 1.2, (14 * _HOUR, 9 * _DAY), {**_PAIRS, "NZDUSD": 5, "USDCHF": 7, "AUDJPY": 5}, 0.92),
        Style("gold", 0.45, 2.0, (3 * _MINUTE, 20 * _HOUR), {"XAUUSD": 80, "XAGUSD": 12, "EURUSD": 8}, 0.5),
        Style("index", 0.45, 2.1, (2 * _MINUTE, 5 * _HOUR), {"US30": 25, "US500": 20, "NAS100": 30, "GER40": 25}, 0.55),
        Style("coins", 0.4, 1.7, (10 * _MINUTE, 3 * _DAY), {"BTCUSD": 60, "ETHUSD": 30, "XAUUSD": 10}, 0.3),
        Style("bonus", 0.4, 2.2, (90, 4 * _HOUR), {**_PAIRS, "XAUUSD": 25}, 0.2, bonus=0.55),
        Style("learner", 0.2, 1.3, (5 * _MINUTE, 30 * _HOUR), {"EURUSD": 60, "GBPUSD": 20, "USDJPY": 20}, 0.8),
    )
}
# A night's swap of one lot in dollars, bought and sold; of what is not named, the first.
_SWAPS = {
    "": (-4.6, -1.1),
    "XAUUSD": (-31.0, 12.5),
    "US30": (-7.2, 1.9),
    "BTCUSD": (-24.0, -9.0),
    "USDJPY": (7.8, -14.9),
}


class Plan(NamedTuple):
    """A trade before it is settled; `size` in lots, not yet rounded."""

    symbol: str
    side: int
    size: float
    opened: datetime
    closed: datetime
    stop: bool = False
    bonus: bool = False


def plans(
    chance: random.Random, style: Style, size: float, days: range, zone: ZoneInfo, until: datetime, *, busy: float = 1.0
) -> Iterator[Plan]:
    """What somebody trades on these days (numbers, in their own zone); `size` is their usual one, in lots."""
    symbols, weights = list(style.symbols), list(style.symbols.values())
    low, high = (math.log(seconds) for seconds in style.seconds)
    for day in days:
        if chance.random() >= style.busy * busy:
            continue
        morning = start_of(day, zone)
        for _ in range(1 + int(chance.expovariate(1 / max(style.a_day - 0.5, 0.1)))):
            symbol = chance.choices(symbols, weights)[0]
            opened = morning + timedelta(seconds=int(chance.triangular(8, 23, 16) * 3600))
            closed = opened + timedelta(seconds=int(math.exp(chance.uniform(low, high))))
            lots = size * math.exp(chance.gauss(0, 0.45)) * (0.4 if symbol in ("BTCUSD", "XAGUSD") else 1)
            side = 1 if chance.random() < 0.54 else -1
            stop, bonus = chance.random() < style.stops, chance.random() < style.bonus
            if closed < until and is_open(symbol, opened) and is_open(symbol, closed):
                yield Plan(symbol, side, lots, opened, closed, stop, bonus)


def settle(
    plan: Plan, market: Market, chance: random.Random, *, ending: str = "", lots: Decimal | None = None
) -> TradeClosed:
    """The closed trade: bought at the ask and sold at the bid, profit by the conventions, rounded once.

    `lots`: exactly so many, instead of the plan's size in hundredths.
    """
    symbol, side = plan.symbol, plan.side
    lots = lots or lots_of(plan.size)
    opening, closing = market.quote(symbol, plan.opened), market.quote(symbol, plan.closed)
    opened, closed = (opening[1], closing[0]) if side == 1 else (opening[0], closing[1])
    stop_loss, take_profit = _limits(plan, opened, closed, chance) if plan.stop else (None, None)
    return TradeClosed(
        symbol=symbol + ending,
        side="buy" if side == 1 else "sell",
        lots=str(lots),
        open_price=str(opened),
        close_price=str(closed),
        opened_at=plan.opened,
        closed_at=plan.closed,
        profit=str(market.profit(symbol, side, lots, opened, closed, plan.closed)),
        commission=str((lots * -7).quantize(CENT)) if ending == ".pro" else "0.00",
        swap=str(_swap(plan, lots)),
        currency="USD",
        stop_loss=None if stop_loss is None else str(stop_loss),
        take_profit=None if take_profit is None else str(take_profit),
        bonus_funds=plan.bonus,
    )


def lots_of(size: float) -> Decimal:
    """A size as platforms take it: in hundredths, one at least."""
    return min(max(CENT, Decimal(f"{size:.2f}")), LARGEST_LOT)


def pips(trade: TradeClosed) -> Decimal:
    """How far price went between opening and closing."""
    return pips_moved(Trade(*trade.kept()))


def earns(trade: TradeClosed) -> bool:
    """Whether the seeded trade rules pay for it, where the law lets them."""
    open_for = (trade.closed_at - trade.opened_at).total_seconds()
    return not trade.bonus_funds and open_for >= SHORTEST_THAT_EARNS and pips(trade) >= LEAST_PIPS


def sized(planned: list[Plan], market: Market, lots: float, since: datetime, until: datetime) -> list[Plan]:
    """The plans, larger or smaller, so that those that earn and close within the time add up to so many lots."""
    within = [plan for plan in planned if since <= plan.closed < until]
    counted = sum(plan.size for plan in within if earns(settle(plan, market, random.Random(0))))
    factor = lots / counted if counted else 1.0
    return [plan._replace(size=plan.size * factor) for plan in planned]


def released_by(now: datetime) -> datetime:
    """What closed before, and was reported at once, is no longer held by the seeded rules."""
    return start_of(day_of(now, PROGRAMME_ZONE) - HOLD_DAYS + 1, PROGRAMME_ZONE)


def _limits(plan: Plan, opened: Decimal, closed: Decimal, chance: random.Random) -> tuple[Decimal, Decimal | None]:
    """Stop-loss and perhaps take-profit: where one was met, it is the price of the close."""
    step = Decimal(1).scaleb(-QUOTED[plan.symbol][0])
    result = plan.side * (closed - opened)
    reach = abs(closed - opened) + opened * Decimal(f"{chance.uniform(0.0012, 0.006):.5f}")
    stop = closed if result < 0 and chance.random() < 0.4 else (opened - plan.side * reach).quantize(step)
    if chance.random() < 0.45:
        return stop, None
    goal = closed if result > 0 and chance.random() < 0.5 else (opened + plan.side * reach * 2).quantize(step)
    return stop, goal


def _swap(plan: Plan, lots: Decimal) -> Decimal:
    held = nights(plan.opened, plan.closed)
    if not held:
        return Decimal("0.00")
    bought, sold = _SWAPS.get(plan.symbol, _SWAPS[""])
    contract = Decimal(min(instrument(plan.symbol).contract, 1000)) / 1000 if plan.symbol not in _SWAPS else Decimal(1)
    return (Decimal(str(bought if plan.side == 1 else sold)) * lots * held * contract).quantize(CENT)
