"""Days with a trade."""

from dataclasses import dataclass, field

from app.gamification.measures.measure import Counted, Measure, Missed, Seen, measures
from app.gamification.measures.trades import TRADES, TradeFilter, refused
from app.lib.i18n import Sentence, _l, _n


@measures.register
class TradingDays(Measure):
    """Close a trade on a number of different days."""

    key, title, icon, unit = "trading_days", _l("Trading days"), "calendar-days", _l("days")
    listens_to = TRADES
    counts_different = True

    @dataclass(frozen=True)
    class Settings(TradeFilter):
        target: int = field(default=5, metadata={"label": _l("Days"), "min": 1, "max": 366})

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        return refused(seen, settings) or Counted(1, str(seen.day))

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n("Close a trade on %(days)s day.", "Close a trade on %(days)s different days.", "days")
        return Sentence(words, {"days": settings.target})
