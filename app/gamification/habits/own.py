"""A member's own limits and plans as they stood at a moment: what was set later never judges what came before."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import NamedTuple, TypeVar

import msgspec

Version = TypeVar("Version")


class Limit(NamedTuple):
    """The most a member wants to lose in one trade, in one currency."""

    amount: Decimal
    currency: str


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules a member means to trade by; what is empty is not asked for. Hours are of the member's zone `zone`."""

    symbols: tuple[str, ...] = ()
    opens: time | None = None  # no trade is opened before
    closes: time | None = None  # nor at or after; before `opens` means over midnight
    zone: str = "UTC"
    max_lots: str = ""  # decimal text
    needs_stop: bool = False
    hold_minutes: int = 0  # a trade stays open for at least as long


@dataclass(frozen=True)
class OwnRules:
    """Every version, oldest first: (since in microseconds, what was set; None: nothing any more)."""

    limits: Sequence[tuple[int, Limit | None]] = ()
    plans: Sequence[tuple[int, Plan | None]] = ()

    def limit_at(self, instant: int) -> Limit | None:
        """The limit that was set before this instant (microseconds)."""
        return _at(self.limits, instant)

    def plan_at(self, instant: int) -> Plan | None:
        """The plan that was written before this instant (microseconds)."""
        return _at(self.plans, instant)


def _at(versions: Sequence[tuple[int, Version | None]], instant: int) -> Version | None:
    place = bisect_right(versions, instant, key=lambda version: version[0])
    return versions[place - 1][1] if place else None


NOTHING_SET = OwnRules()
