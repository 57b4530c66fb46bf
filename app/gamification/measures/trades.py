"""What the measures of trades share: which of them are looked at, and how a refusal is said."""

from dataclasses import dataclass, field
from decimal import Decimal

from app.gamification.instruments import GROUPS, instrument
from app.gamification.measures.measure import Missed, Seen
from app.lib.i18n import Sentence, _l

TRADES = frozenset({"trade.closed"})
_SHORT = _l("Open %(found)s s, needs %(needed)s s")
_OTHER = _l("%(symbol)s is not part of it")
NO_STOP = Missed(Sentence(_l("Closed without a stop-loss")))
NO_PLAN = Missed(Sentence(_l("You had written no plan when it was opened")))
_BONUS = Missed(Sentence(_l("Paid by bonus funds")))


@dataclass(frozen=True, kw_only=True)
class TradeFilter:
    """Settings of every measure of trades, behind its target."""

    seconds: int = field(
        default=180,
        metadata={
            "label": _l("Open for at least (seconds)"),
            "help": _l("Shorter trades do not count, so that opening and closing at once brings nothing."),
            "min": 0,
            "max": 604_800,
        },
    )
    groups: tuple[str, ...] = field(
        default=(),
        metadata={"label": _l("Only these instruments"), "choices": GROUPS, "optional": True},
    )


@dataclass(frozen=True)
class TradeCount(TradeFilter):
    """Settings of a measure that counts trades one by one."""

    target: int = field(default=10, metadata={"label": _l("Trades"), "min": 1, "max": 10_000})


def refused(seen: Seen, settings: TradeFilter) -> Missed | None:
    """Why a trade is not looked at, or None."""
    trade = seen.facts
    if trade.bonus_funds:
        return _BONUS
    # Kept in milliseconds: a trade of 179.9 s is no trade of 180.
    open_ms = trade.closed_at - trade.opened_at
    if open_ms < 1000 * settings.seconds:
        return Missed(Sentence(_SHORT, {"found": Decimal(open_ms // 1000), "needed": settings.seconds}))
    if settings.groups and instrument(trade.symbol).group not in settings.groups:
        return Missed(Sentence(_OTHER, {"symbol": trade.symbol}))
    return None
