"""Trades with a stop-loss."""

from dataclasses import dataclass, field

from app.gamification.measures.measure import ONE, Counted, Measure, Missed, Seen, measures
from app.gamification.measures.trades import NO_STOP, TRADES, TradeFilter, refused
from app.lib.i18n import Sentence, _l, _n


@measures.register
class StopLoss(Measure):
    """Close a number of trades that had a stop-loss."""

    key, title, icon, unit = "stop_loss", _l("Trades with a stop-loss"), "shield", _l("trades")
    listens_to = TRADES

    @dataclass(frozen=True)
    class Settings(TradeFilter):
        target: int = field(default=10, metadata={"label": _l("Trades"), "min": 1, "max": 10_000})

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        return refused(seen, settings) or (NO_STOP if seen.facts.stop_loss is None else ONE)

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n(
            "Close %(trades)s trade that has a stop-loss.",
            "Close %(trades)s trades that have a stop-loss.",
            "trades",
        )
        return Sentence(words, {"trades": settings.target})
