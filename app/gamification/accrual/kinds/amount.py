"""Points by an amount of money: a deposit, a purchase at a partner."""

from decimal import Decimal
from typing import Any

from app.gamification.accrual.bases import bases
from app.gamification.activities import CUSTOM, DEPOSIT, PURCHASE
from app.lib.i18n import _l


@bases.register
class Amount:
    """Points for each unit of the amount's currency."""

    key = "amount"
    title = _l("Amount")
    unit = _l("amount")
    per = _l("points a unit of currency")
    per_one = _l("point a unit of currency")
    kinds = frozenset({DEPOSIT, PURCHASE, CUSTOM})

    @staticmethod
    def quantity(facts: Any) -> Decimal:
        return Decimal(facts.amount or 0)
