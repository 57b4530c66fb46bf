"""How many members hold a badge, and of how many.

Counting walks an index of everyone who holds it. A few are counted once a minute; many, which takes a tenth of a second
where a million members are, a few times a day, when their share has hardly moved.
"""

from typing import NamedTuple

from sqlalchemy import text

from app.gamification.insight.figures import EVER, Figure
from app.lib.cache import Kept
from app.models.base import kept_by_app, read_one

FEW = 10_000
SECONDS, OF_MANY = 60.0, 6 * 3600.0

# Whoever holds a level holds the first one too.
_HELD = "FROM badge_award WHERE badge_id = :badge AND level = 1 AND fell_at IS NULL"
_FEW = text(f"SELECT count(*) FROM (SELECT 1 {_HELD} LIMIT :most) AS few")
_MANY = text(f"SELECT count(*) {_HELD}")
# The worker counts members beside the pages; they are counted here only until it has done so once.
_MEMBERS = text(
    f"SELECT coalesce((SELECT amount FROM day_figure WHERE figure = {int(Figure.MEMBERS)} AND day = {EVER}"
    " AND subject_id = 0), (SELECT count(*) FROM member WHERE erased_at IS NULL))"
)


class Share(NamedTuple):
    """How many hold it, and how many members there are."""

    holding: int
    members: int

    @property
    def is_few(self) -> bool:
        """Whether they are so few that their number says more than their share."""
        return self.holding * 1000 < self.members


def of(badge_id: int) -> Share:
    """Who holds a badge. One or two short statements a minute."""

    def count() -> Share:
        found = int(read_one(_FEW, {"badge": badge_id, "most": FEW + 1})[0])
        if found > FEW:
            found = kept_by_app(f"many holders of badge {badge_id}", lambda: Kept(many, OF_MANY))()
        # Who joined since members were counted may hold it already.
        return Share(found, max(found, int(read_one(_MEMBERS)[0])))

    def many() -> int:
        return int(read_one(_MANY, {"badge": badge_id})[0])

    return kept_by_app(f"holders of badge {badge_id}", lambda: Kept(count, SECONDS))()
