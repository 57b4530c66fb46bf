"""Trading volume in lots."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from app.gamification.measures.measure import Counted, Measure, Missed, Seen, measures
from app.gamification.measures.trades import TRADES, TradeFilter, refused
from app.lib.i18n import Sentence, _l, _n


@measures.register
class LotsTraded(Measure):
    """Close trades of a number of lots in all."""

    key, title, icon, unit = "lots_traded", _l("Lots traded"), "chart-candlestick", _l("lots")
    listens_to = TRADES
    scale = 8

    @dataclass(frozen=True)
    class Settings(TradeFilter):
        target: Decimal = field(
            default=Decimal(5), metadata={"label": _l("Lots"), "min": Decimal("0.01"), "max": Decimal(100_000)}
        )

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        return refused(seen, settings) or Counted(_units(seen.facts.lots))

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n(
            "Close trades of %(lots)s lot in all.",
            "Close trades of %(lots)s lots in all.",
            "lots",
        )
        return Sentence(words, {"lots": settings.target})


@lru_cache(maxsize=4096)  # most trades are of the same few sizes
def _units(lots: str) -> int:
    return int(Decimal(lots).scaleb(LotsTraded.scale))
