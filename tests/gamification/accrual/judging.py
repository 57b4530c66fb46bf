"""One rule and one activity, without a database: what the compiled rule says."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.gamification.accrual.definition import read_definition
from app.gamification.accrual.rule import Circumstances, CompiledRule
from app.gamification.activities import Trade
from app.lib.clock import to_day
from app.models.people import ClientClass

NICOSIA = ZoneInfo("Europe/Nicosia")
DAY = to_day(date(2026, 3, 4))
REVISION = 7


def closed(**figures: Any) -> Trade:
    """A trade of one lot of EURUSD, open for an hour, that moved 50 pips."""
    usual: dict[str, Any] = {
        "symbol": "EURUSD",
        "side": 1,
        "lots": "1",
        "open_price": "1.1000",
        "close_price": "1.1050",
        "opened_at": 0,
        "closed_at": 3_600_000,
        "profit": "0",
        "commission": "0",
        "swap": "0",
        "currency": "USD",
    }
    return Trade(**usual | figures)


def rule(zone: ZoneInfo = NICOSIA, **definition: Any) -> CompiledRule:
    """A rule compiled; of closed trades, one point each, unless told otherwise."""
    plain = {"name": {"en": "Rule"}, "kind": "trade.closed", "base": {"kind": "fixed", "rate": "1"}, **definition}
    return CompiledRule(1, REVISION, read_definition(plain), 0, 2**62, zone)


def judge(
    judging: CompiledRule,
    facts: Any,
    *,
    day: int = DAY,
    recorded_day: int = DAY,
    level: str = "bronze",
    factor: str = "1",
    country: str = "AE",
    client_class: int = ClientClass.PROFESSIONAL,
    used: Callable[[int, int, int], int] = lambda *_: 0,
    **more: bool,
) -> list[Any]:
    """The entry that the rule writes into the outcome."""
    verdict = {"service_only": False, "wait_for_review": False, **more}
    at = Circumstances(
        day=day,
        recorded_day=recorded_day,
        level_key=level,
        level_factor=Decimal(factor),
        country=country,
        client_class=client_class,
        used=used,
        **verdict,
    )
    return judging.judge(facts, at)
