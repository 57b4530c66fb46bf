"""Trades with a stop-loss, one after the other."""

from dataclasses import dataclass, field

from app.gamification.measures.measure import ONE, Counted, Measure, Missed, Progress, Seen, measures
from app.gamification.measures.trades import TRADES, TradeFilter, refused
from app.lib.i18n import Sentence, _l, _n

_BEGINS_AGAIN = Missed(Sentence(_l("Closed without a stop-loss: the row begins again")))


@measures.register
class StopLossRow(Measure):
    """Close a number of trades in a row that all had a stop-loss, in the order in which they are reported.

    A trade that is not looked at, because it was too short or in another instrument, neither counts nor breaks it.
    """

    key, title, icon, unit = "stop_loss_row", _l("Stop-losses in a row"), "shield-check", _l("in a row")
    listens_to = TRADES
    for_badges = False

    @dataclass(frozen=True)
    class Settings(TradeFilter):
        target: int = field(default=10, metadata={"label": _l("Trades in a row"), "min": 1, "max": 1000})

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        return refused(seen, settings) or (_BEGINS_AGAIN if seen.facts.stop_loss is None else ONE)

    @classmethod
    def fold(cls, progress: Progress, found: Counted | Missed) -> Progress:
        return Progress() if found is _BEGINS_AGAIN else super().fold(progress, found)

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n(
            "Close %(trades)s trade that has a stop-loss.",
            "Close %(trades)s trades in a row that have a stop-loss.",
            "trades",
        )
        return Sentence(words, {"trades": settings.target})
