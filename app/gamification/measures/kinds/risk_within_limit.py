"""Trades that risked no more than the member wants to lose in one."""

from decimal import Decimal

from app.gamification.measures.measure import ONE, Counted, Measure, Missed, Seen, measures
from app.gamification.measures.risk import risked
from app.gamification.measures.trades import NO_STOP, TRADES, TradeCount, refused
from app.lib.i18n import Sentence, _l, _n

CENT = Decimal("0.01")
_NO_LIMIT = Missed(Sentence(_l("You had set no limit when it was opened")))
_UNKNOWN = Missed(Sentence(_l("It closed where it opened: its risk in money cannot be told")))
_CURRENCY = _l("The account is kept in %(found)s, your limit in %(needed)s")
_TOO_MUCH = _l("Risked %(found)s %(currency)s, your limit was %(needed)s %(currency)s")


@measures.register
class RiskWithinLimit(Measure):
    """Close a number of trades whose stop kept the risk within the limit the member had set before opening them.

    The profit is rounded to the cent; what that leaves open is said in the member's favour.
    """

    key, title, icon, unit = "risk_within_limit", _l("Risk within your limit"), "ruler", _l("trades")
    listens_to = TRADES
    needs_own = True

    Settings = TradeCount

    @classmethod
    def count(cls, seen: Seen, settings: TradeCount) -> Counted | Missed:
        if (reason := refused(seen, settings)) is not None:
            return reason
        trade = seen.facts
        if trade.stop_loss is None:
            return NO_STOP
        limit = seen.own.limit_at(trade.opened_at * 1000)
        if limit is None:
            return _NO_LIMIT
        if trade.currency != limit.currency:
            return Missed(Sentence(_CURRENCY, {"found": trade.currency, "needed": limit.currency}))
        risk = risked(trade)
        if risk is None:
            return _UNKNOWN
        if risk.amount - risk.spare <= limit.amount:
            return ONE
        found = max(risk.amount.quantize(CENT), limit.amount + CENT) if risk.amount < 10**20 else risk.amount
        values = {"found": found, "needed": limit.amount, "currency": limit.currency}
        return Missed(Sentence(_TOO_MUCH, values))

    @classmethod
    def goal(cls, settings: TradeCount) -> Sentence:
        words = _n(
            "Close %(trades)s trade that risks no more than your own limit.",
            "Close %(trades)s trades that each risk no more than your own limit.",
            "trades",
        )
        return Sentence(words, {"trades": settings.target})
