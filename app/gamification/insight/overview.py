"""The overview: decisions first, then what the programme does, what it costs, and how its machinery runs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.gamification.insight import reads
from app.gamification.insight.earners import Earner, earners
from app.gamification.insight.liability import Liability, cost, liability, rate_of
from app.gamification.insight.reads import Figures
from app.gamification.insight.stretch import Stretch
from app.gamification.insight.waiting import Item, Machinery, machinery, waiting
from app.gamification.ledger.outcome import compiled
from app.gamification.programme import Programme
from app.gamification.programme_settings import limits
from app.lib.currencies import decimals
from app.lib.periods import day_of


@dataclass(frozen=True, slots=True)
class Costs:
    """What points cost, in the programme's currency."""

    point: Decimal
    currency: str
    liability: Liability
    spent: Decimal  # on what was redeemed in the stretch, less refunds
    spent_before: Decimal

    def of(self, points: int) -> Decimal:
        """The cost of points, all of them redeemed."""
        return cost(points, self.point, decimals(self.currency))


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the desk's first page says."""

    items: tuple[Item, ...]
    more: int  # proposals that are not named
    figures: Figures
    costs: Costs
    earners: tuple[Earner, ...]
    machinery: Machinery

    @property
    def decisions(self) -> int:
        """How many things wait for a decision."""
        return sum(not item.fails for item in self.items) + self.more

    @property
    def failures(self) -> int:
        """How many things went wrong."""
        return self.machinery.backlog.failed + self.machinery.given_up


def stretch(days: int, now: datetime) -> Stretch:
    """That many days up to today, in the programme's zone."""
    return Stretch(days, day_of(now, compiled().zone))


def overview(me: int, days: int, now: datetime) -> Overview:
    """Everything, for one of the staff; a fixed number of statements, whatever the number of members."""
    current = compiled()
    figures, found = reads.figures(stretch(days, now)), machinery()
    items, more = waiting(me, found)
    rules = earners(figures.revisions, current)
    return Overview(tuple(items), more, figures, costs(figures, current), rules, found)


def counted(days: int, now: datetime) -> tuple[Figures, Costs, tuple[Earner, ...]]:
    """The figures alone, for a file."""
    current, figures = compiled(), reads.figures(stretch(days, now))
    return figures, costs(figures, current), earners(figures.revisions, current)


def costs(figures: Figures, current: Programme) -> Costs:
    """What outstanding points may still cost, and what redeemed ones did."""
    currency, price = current.currency, current.point_cost
    rate = rate_of(current.settings, figures.redeemed_ever, figures.expired_ever)
    cap = limits.read(current.settings.get("limits", {})).liability
    places = decimals(currency)
    return Costs(
        price,
        currency,
        liability(figures.outstanding, price, rate, places, cap),
        cost(figures.redeemed.now - figures.refunded.now, price, places),
        cost(figures.redeemed.before - figures.refunded.before, price, places),
    )
