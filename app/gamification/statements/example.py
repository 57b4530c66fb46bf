"""A statement of nobody's, for visitors who have none at hand: invented trades of the last months."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from app.platforms.statement import ClosedTrade, Statement

DAYS = 190
_SEED = 20


class _Market(NamedTuple):
    symbol: str
    price: Decimal
    pip: Decimal
    dollars: Decimal  # what a pip of one lot is worth, about


_MARKETS = (
    _Market("EURUSD", Decimal("1.0840"), Decimal("0.0001"), Decimal(10)),
    _Market("EURUSD", Decimal("1.0910"), Decimal("0.0001"), Decimal(10)),
    _Market("GBPUSD", Decimal("1.2710"), Decimal("0.0001"), Decimal(10)),
    _Market("USDJPY", Decimal("149.20"), Decimal("0.01"), Decimal("6.7")),
    _Market("XAUUSD", Decimal("2318.00"), Decimal("0.1"), Decimal(10)),
)
_LOTS = tuple(Decimal(lots) for lots in ("0.05", "0.10", "0.10", "0.20", "0.20", "0.30", "0.50", "1.00"))
# Some are too short, and some move too little: an example that only earns would explain half of it.
_SECONDS = (95, 420, 1_260, 2_700, 5_400, 9_000, 14_400)
_PIPS = (2, 4, 6, 9, 14, 21, 33)


def example(today: datetime) -> Statement:
    """Some 110 closed trades of the months before `today`, on the server's clock."""
    drawn = Random(_SEED)
    deals = tuple(
        _trade(drawn, number, datetime.combine(day, time(8)))
        for number, day in enumerate(_days(drawn, today), start=48_210_001)
    )
    return Statement(
        platform="mt5",
        format="example",
        company="",
        server=None,
        login=None,
        currency="USD",
        account_type=None,
        rows_read=len(deals),
        deals=deals,
        not_trades=(),
        stated_result=None,
    )


def _days(drawn: Random, today: datetime) -> list[datetime]:
    days = [today - timedelta(days=back) for back in range(DAYS, 1, -1)]
    # Nobody trades at weekends, nor every day, nor in every month alike.
    return [
        day
        for day in days
        if day.weekday() < 5
        for _ in range(drawn.choice((0, 0, 1, 1, 2) if day.month % 3 else (0, 1, 2, 3)))
    ]


def _trade(drawn: Random, number: int, morning: datetime) -> ClosedTrade:
    market, lots = drawn.choice(_MARKETS), drawn.choice(_LOTS)
    opened = morning + timedelta(seconds=drawn.randrange(36_000))
    moved = drawn.choice(_PIPS) * drawn.choice((1, 1, -1))
    open_price = market.price + drawn.randrange(-60, 60) * market.pip
    side = drawn.choice(("buy", "sell"))
    way = moved if side == "buy" else -moved
    return ClosedTrade(
        deal=str(number),
        position=str(number),
        symbol=market.symbol,
        side="buy" if side == "buy" else "sell",
        lots=lots,
        open_price=open_price,
        close_price=open_price + way * market.pip,
        opened_at=opened,
        closed_at=opened + timedelta(seconds=drawn.choice(_SECONDS)),
        profit=(moved * market.dollars * lots).quantize(Decimal("0.01")),
        commission=Decimal(0),
        swap=Decimal(0),
        stop_loss=open_price - way * 2 * market.pip,
    )
