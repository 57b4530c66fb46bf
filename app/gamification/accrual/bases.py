"""The registry of accrual bases: what a rule counts before its rate and factors."""

from decimal import Decimal
from typing import Any, ClassVar, Protocol

from app.gamification.accrual import kinds
from app.lib.registry import Registry


class Basis(Protocol):
    """One quantity that points can be paid on; each is one file in `kinds/`."""

    key: ClassVar[str]
    title: ClassVar[str]
    unit: ClassVar[str]  # the word under the figure: "lots"
    per: ClassVar[str]  # the words under the rate: "points a lot"
    per_one: ClassVar[str]  # the same where the rate is 1: "point a lot"
    kinds: ClassVar[frozenset[int] | None]  # codes of the activities that have it; None: all

    @staticmethod
    def quantity(facts: Any) -> Decimal:
        """How much of it an activity has."""


bases: Registry[Basis] = Registry("accrual basis")


def load() -> None:
    """Find the bases; called once by whoever compiles rules."""
    if not bases.all():
        bases.discover(kinds)
