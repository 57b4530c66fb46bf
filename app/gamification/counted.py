"""Which decided activities count for challenges, badges and streaks, and where each stands, as statements ask it.

A statement calls the decision `d` and, unless it says otherwise, its activity `a`.
"""

from app.gamification.policy.packs import Verdict
from app.models.activity import Reason

# Decided, and never looked at.
UNCOUNTED = frozenset(
    {Reason.BUST, Reason.WITHDRAWN, Reason.BUSTED, Reason.SUPERSEDED, Reason.OTHER_ACCOUNT, Reason.FAILED}
)


def undone(activity: str = "a") -> str:
    """SQL: whether something has corrected, cancelled or replaced an activity since it was decided."""
    return f"EXISTS (SELECT 1 FROM taken_back b WHERE b.activity_id = {activity}.id)"


def placed(activity: str = "a") -> str:
    """SQL: `place` and `placed_at` (microseconds) of what an activity has replaced; NULL where there is none."""
    replaced = f"FROM taken_back b WHERE b.by_id = {activity}.id"
    return f"(SELECT min(b.place) {replaced}) AS place, (SELECT min(b.placed_at) {replaced}) AS placed_at"


# An outcome begins with its verdict: see `state.forbids`.
FORBIDDEN = f"substr(d.outcome, 3, 1) = '{int(Verdict.FORBID)}'"
# Neither corrected, cancelled nor replaced, whichever was reported first; whoever reported it.
HOLDS = f"d.reason NOT IN ({', '.join(str(int(reason)) for reason in sorted(UNCOUNTED))}) AND NOT {undone()}"
# Reported by a system, holding, and not forbidden when it was judged.
COUNTS = f"a.verified AND {HOLDS} AND NOT {FORBIDDEN}"


def stands(seq: int, recorded_at: int, place: int | None, placed_at: int | None) -> tuple[int, int]:
    """The decision in whose place an activity stands, and since when (microseconds): its own, or what it replaced."""
    if place is None or placed_at is None or place >= seq:
        return seq, recorded_at
    return place, placed_at
