"""Points by the notional value of a trade."""

from decimal import Decimal

from app.gamification.accrual.bases import bases
from app.gamification.activities import TRADE, Trade
from app.gamification.instruments import instrument
from app.lib.i18n import _l

THOUSAND = Decimal(1000)


@bases.register
class Notional:
    """Points for each thousand units of the base currency (or of the contract) closed."""

    key = "notional"
    title = _l("Notional value")
    unit = _l("thousand units")
    per = _l("points a thousand")
    per_one = _l("point a thousand")
    kinds = frozenset({TRADE})

    @staticmethod
    def quantity(facts: Trade) -> Decimal:
        return Decimal(facts.lots) * instrument(facts.symbol).contract / THOUSAND
