"""Points for the activity itself, whatever its size."""

from decimal import Decimal
from typing import Any

from app.gamification.accrual.bases import bases
from app.lib.i18n import _l


@bases.register
class Fixed:
    """The same points each time."""

    key = "fixed"
    title = _l("Fixed")
    unit = _l("time")
    per = _l("points each time")
    per_one = _l("point each time")
    kinds = None

    @staticmethod
    def quantity(facts: Any) -> Decimal:
        return Decimal(1)
