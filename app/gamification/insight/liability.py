"""What outstanding points may still cost: their number × what one costs × the share that will be redeemed.

Everything is exact until the one rounding, half-even, to the currency's smallest unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any

# Fewer points than that have come to their end: too few to tell what share is redeemed.
ENOUGH = 10_000


class Origin(StrEnum):
    """Where the expected redemption rate comes from."""

    SET = "set"  # by the programme's owner
    MEASURED = "measured"  # of all points that came to their end, those that were redeemed
    ASSUMED = "assumed"  # all of them, until there is something to measure


@dataclass(frozen=True, slots=True)
class Rate:
    """The share of outstanding points that will be redeemed, from 0 to 1."""

    share: Fraction
    origin: Origin


@dataclass(frozen=True, slots=True)
class Liability:
    """Money in the programme's currency; `breakage` is the cost of what will never be redeemed."""

    points: int
    value: Decimal
    breakage: Decimal
    rate: Rate
    cap: Decimal | None

    @property
    def used(self) -> Decimal | None:
        """The share of the cap; None without one."""
        return self.value / self.cap if self.cap else None

    @property
    def is_over(self) -> bool:
        """Whether it is above its cap."""
        return self.cap is not None and self.value > self.cap


def rate_of(settings: Mapping[str, Any], redeemed: int, expired: int) -> Rate:
    """What is set under `liability: {"redemption_rate": "0.80"}`, else what the ledger shows, else everything."""
    if (chosen := _chosen(settings)) is not None:
        return Rate(Fraction(chosen), Origin.SET)
    redeemed = max(redeemed, 0)
    if redeemed + expired < ENOUGH:
        return Rate(Fraction(1), Origin.ASSUMED)
    return Rate(Fraction(redeemed, redeemed + expired), Origin.MEASURED)


def liability(points: int, point_cost: Decimal, rate: Rate, decimals: int, cap: Decimal | None = None) -> Liability:
    """The liability of outstanding points; what is left of their full cost is breakage."""
    value = cost(points, point_cost, decimals, rate.share)
    return Liability(points, value, cost(points, point_cost, decimals) - value, rate, cap)


def cost(points: int, point_cost: Decimal, decimals: int, share: Fraction = Fraction(1)) -> Decimal:
    """What points cost, rounded once."""
    smallest = points * Fraction(point_cost) * share * 10**decimals
    return Decimal(round(smallest)).scaleb(-decimals)  # a fraction rounds half-even


def _chosen(settings: Mapping[str, Any]) -> Decimal | None:
    try:
        rate = Decimal(settings.get("liability", {})["redemption_rate"])
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation):
        return None
    return rate if rate.is_finite() and 0 <= rate <= 1 else None
