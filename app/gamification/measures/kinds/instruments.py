"""Different instruments traded."""

from dataclasses import dataclass, field

from app.gamification.instruments import instrument
from app.gamification.measures.measure import Counted, Measure, Missed, Seen, measures
from app.gamification.measures.trades import TRADES, TradeFilter, refused
from app.lib.i18n import Sentence, _l, _n


@measures.register
class Instruments(Measure):
    """Close trades in a number of different instruments; EURUSD.pro is EURUSD."""

    key, title, icon, unit = "instruments", _l("Different instruments"), "layers", _l("instruments")
    listens_to = TRADES
    counts_different = True

    @dataclass(frozen=True)
    class Settings(TradeFilter):
        target: int = field(default=5, metadata={"label": _l("Instruments"), "min": 1, "max": 100})

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        return refused(seen, settings) or Counted(1, instrument(seen.facts.symbol).symbol)

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n(
            "Close trades in %(number)s instrument.",
            "Close trades in %(number)s different instruments.",
            "number",
        )
        return Sentence(words, {"number": settings.target})
