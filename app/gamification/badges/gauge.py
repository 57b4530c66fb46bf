"""Criteria of badges that look at where a member stands instead of counting activities: one file each in `kinds/`."""

from functools import cache
from typing import Any, ClassVar

from app.gamification.activities import PaysFor
from app.gamification.badges import kinds
from app.gamification.measures.measure import Measure
from app.gamification.state import MemberState
from app.lib.registry import Registry


class Gauge(Measure):
    """A figure that can be read off a member's state at any time. `facts`: what it pays for in the eyes of the law."""

    listens_to = frozenset()
    facts: ClassVar[frozenset[PaysFor]]
    is_last: ClassVar[bool] = False  # looks at other badges, and is read after them
    is_sum: ClassVar[bool] = False  # gets smaller only where something that made it up was taken back
    needs_practice: ClassVar[bool] = False  # looks at every day of practice

    @classmethod
    def read(cls, state: MemberState, settings: Any, programme: Any) -> int | None:
        """The figure now; None where nothing was loaded by which it could have changed. Pure."""
        raise NotImplementedError


gauges: Registry[Gauge] = Registry("gauge")


@cache
def load_gauges() -> None:
    """Find the gauges; called by whoever reads definitions."""
    gauges.discover(kinds)
