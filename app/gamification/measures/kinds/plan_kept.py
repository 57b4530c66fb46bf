"""Trades by the member's own plan."""

from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.gamification.habits.own import Plan
from app.gamification.instruments import instrument
from app.gamification.measures.measure import ONE, Counted, Measure, Missed, Seen, measures
from app.gamification.measures.trades import NO_PLAN, NO_STOP, TRADES, TradeCount, refused
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l, _n

_EMPTY = Missed(Sentence(_l("Your plan said nothing of symbols, hours, size or stop")))
_SYMBOL = _l("%(symbol)s is not in your plan")
_HOURS = _l("Opened at %(found)s, your plan says from %(opens)s to %(closes)s")
_TOO_EARLY = _l("Opened at %(found)s, your plan says not before %(opens)s")
_TOO_LATE = _l("Opened at %(found)s, your plan says before %(closes)s")
_SIZE = _l("%(found)s lots, your plan says at most %(needed)s")


@measures.register
class PlanKept(Measure):
    """Close a number of trades that kept to the plan the member had written before opening them.

    It looks at symbols, hours, size and stop; how long a trade is held is a kind of its own.
    """

    key, title, icon, unit = "plan_kept", _l("Trades by your plan"), "list-todo", _l("trades")
    listens_to = TRADES
    needs_own = True

    Settings = TradeCount

    @classmethod
    def count(cls, seen: Seen, settings: TradeCount) -> Counted | Missed:
        if (reason := refused(seen, settings)) is not None:
            return reason
        trade = seen.facts
        plan = seen.own.plan_at(trade.opened_at * 1000)
        if plan is None:
            return NO_PLAN
        if not (plan.symbols or plan.opens or plan.closes or plan.max_lots or plan.needs_stop):
            return _EMPTY
        if plan.symbols and not _is_named(trade.symbol, plan.symbols):
            return Missed(Sentence(_SYMBOL, {"symbol": trade.symbol}))
        # Kept in milliseconds; the plan's clock is read in its own zone, summer time included.
        opened = from_micros(trade.opened_at * 1000).astimezone(ZoneInfo(plan.zone))
        if (late := _outside(plan, opened)) is not None:
            return late
        if plan.max_lots and Decimal(trade.lots) > Decimal(plan.max_lots):
            return Missed(Sentence(_SIZE, {"found": Decimal(trade.lots), "needed": Decimal(plan.max_lots)}))
        return NO_STOP if plan.needs_stop and trade.stop_loss is None else ONE

    @classmethod
    def goal(cls, settings: TradeCount) -> Sentence:
        words = _n(
            "Close %(trades)s trade that keeps to your own plan.",
            "Close %(trades)s trades that keep to your own plan.",
            "trades",
        )
        return Sentence(words, {"trades": settings.target})


def _is_named(symbol: str, planned: tuple[str, ...]) -> bool:
    return instrument(symbol).symbol in set(_plain(planned))


def _plain(symbols: tuple[str, ...]) -> Iterator[str]:
    return (instrument(symbol).symbol for symbol in symbols)


def _outside(plan: Plan, opened: datetime) -> Missed | None:
    at, opens, closes = opened.time(), plan.opens, plan.closes
    if opens is not None and closes is not None:
        # Over midnight where it closes before it opens; the same hour twice is the whole day.
        inside = opens <= at < closes if opens < closes else at >= opens or at < closes
        values = {"found": _hour(at), "opens": _hour(opens), "closes": _hour(closes)}
        return None if inside else Missed(Sentence(_HOURS, values))
    if opens is not None and at < opens:
        return Missed(Sentence(_TOO_EARLY, {"found": _hour(at), "opens": _hour(opens)}))
    if closes is not None and at >= closes:
        return Missed(Sentence(_TOO_LATE, {"found": _hour(at), "closes": _hour(closes)}))
    return None


def _hour(at: time) -> str:
    return f"{at:%H:%M}"
