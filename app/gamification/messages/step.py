"""The message step: what a member is told about what has just happened."""

from app.gamification.programme import Programme
from app.gamification.state import Happening, MemberState

TIER_REACHED = "tier.reached"


def step(state: MemberState, activity: Happening, programme: Programme) -> None:
    """Tell of a new level; points themselves are told by the ledger's own page."""
    for _, _, effective_from, level_id, activity_id in state.new_history:
        if activity_id == activity.id:
            facts = {"level": level_id, "from": effective_from}
            state.messages.append((TIER_REACHED, facts, activity.recorded_at))
