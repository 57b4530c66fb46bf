"""Points by the count a broker's own activity carries."""

from decimal import Decimal

from app.gamification.accrual.bases import bases
from app.gamification.activities import CUSTOM, Own
from app.lib.i18n import _l


@bases.register
class Count:
    """Points for each one counted."""

    key = "count"
    title = _l("Count")
    unit = _l("counted")
    per = _l("points each")
    per_one = _l("point each")
    kinds = frozenset({CUSTOM})

    @staticmethod
    def quantity(facts: Own) -> Decimal:
        return Decimal(facts.times)
