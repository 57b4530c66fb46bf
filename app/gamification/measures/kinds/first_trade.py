"""The first trade."""

from dataclasses import dataclass, field

from app.gamification.measures.measure import ONE, Counted, Measure, Missed, Seen, measures
from app.gamification.measures.trades import TRADES, TradeFilter, refused
from app.lib.i18n import Sentence, _l


@measures.register
class FirstTrade(Measure):
    """Close one trade."""

    key, title, icon, unit = "first_trade", _l("First trade"), "rocket", _l("trade")
    listens_to = TRADES

    @dataclass(frozen=True)
    class Settings(TradeFilter):
        target: int = field(default=1, metadata={"label": _l("Trades"), "min": 1, "max": 1})

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        return refused(seen, settings) or ONE

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        return Sentence(_l("Close your first trade."))
