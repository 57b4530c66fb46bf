"""A member's own limit of risk: a new one is a new row, and judges what is opened from then on."""

from datetime import datetime
from decimal import Decimal

from app.gamification.errors.habits import BadRiskLimit, NoSuchCurrency
from app.gamification.habits.versions import Versions
from app.lib.amounts import plain
from app.lib.currencies import currency_codes, decimals
from app.models.habits import RiskLimit

MOST = Decimal(1_000_000_000)
DECIMALS = 2
_LIMITS = Versions(RiskLimit)


def put(member_id: int, amount: Decimal, currency: str, *, now: datetime) -> bool:
    """Set the most the member wants to risk in one trade; whether it is another than before.

    Inside an open transaction. Raises MemberNotFound, BadRiskLimit, NoSuchCurrency, ChangedTooOften.
    """
    if currency not in currency_codes():
        raise NoSuchCurrency()
    if not amount.is_finite() or not 0 < amount <= MOST or amount != round(amount, min(DECIMALS, decimals(currency))):
        raise BadRiskLimit(most=MOST, places=min(DECIMALS, decimals(currency)))
    return _LIMITS.put(member_id, {"amount": plain(amount), "currency": currency}, now=now)


def end(member_id: int, *, now: datetime) -> bool:
    """Set no limit any more; whether there was one. Inside an open transaction; raises MemberNotFound."""
    return _LIMITS.put(member_id, {"amount": "", "currency": ""}, now=now, ends=True)
