"""Trades with a stop-loss."""

from app.gamification.measures.measure import ONE, Counted, Measure, Missed, Seen, measures
from app.gamification.measures.trades import NO_STOP, TRADES, TradeCount, refused
from app.lib.i18n import Sentence, _l, _n


@measures.register
class StopLoss(Measure):
    """Close a number of trades that had a stop-loss."""

    key, title, icon, unit = "stop_loss", _l("Trades with a stop-loss"), "shield", _l("trades")
    listens_to = TRADES

    Settings = TradeCount

    @classmethod
    def count(cls, seen: Seen, settings: TradeCount) -> Counted | Missed:
        return refused(seen, settings) or (NO_STOP if seen.facts.stop_loss is None else ONE)

    @classmethod
    def goal(cls, settings: TradeCount) -> Sentence:
        words = _n(
            "Close %(trades)s trade that has a stop-loss.",
            "Close %(trades)s trades that have a stop-loss.",
            "trades",
        )
        return Sentence(words, {"trades": settings.target})
