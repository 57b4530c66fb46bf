"""Trades held for as long as the member planned."""

from app.gamification.measures.measure import ONE, Counted, Measure, Missed, Seen, measures
from app.gamification.measures.trades import NO_PLAN, TRADES, TradeCount, refused
from app.lib.i18n import Sentence, _l, _n

MINUTE_MS = 60_000
_NO_TIME = Missed(Sentence(_l("Your plan said nothing of how long to hold")))
_SHORT = _n(
    "Held for %(found)s min, your plan says %(needed)s minute",
    "Held for %(found)s min, your plan says %(needed)s minutes",
    "needed",
)


@measures.register
class HeldByPlan(Measure):
    """Close a number of trades held for at least as long as the member's plan said when they were opened."""

    key, title, icon, unit = "held_by_plan", _l("Held by your plan"), "timer", _l("trades")
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
        if plan.hold_minutes <= 0:
            return _NO_TIME
        held = trade.closed_at - trade.opened_at
        if held < plan.hold_minutes * MINUTE_MS:
            return Missed(Sentence(_SHORT, {"found": held // MINUTE_MS, "needed": plan.hold_minutes}))
        return ONE

    @classmethod
    def goal(cls, settings: TradeCount) -> Sentence:
        words = _n(
            "Hold %(trades)s trade for as long as your plan says.",
            "Hold %(trades)s trades for as long as your plan says.",
            "trades",
        )
        return Sentence(words, {"trades": settings.target})
