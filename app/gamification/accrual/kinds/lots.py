"""Points by trading volume in lots."""

from decimal import Decimal

from app.gamification.accrual.bases import bases
from app.gamification.activities import TRADE, Trade
from app.lib.i18n import _l


@bases.register
class Lots:
    """Points for each lot closed."""

    key = "lots"
    title = _l("Lots closed")
    unit = _l("lots")
    per = _l("points a lot")
    per_one = _l("point a lot")
    kinds = frozenset({TRADE})

    @staticmethod
    def quantity(facts: Trade) -> Decimal:
        return Decimal(facts.lots)
