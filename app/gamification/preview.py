"""What the programme would decide about activities now: the same fold as in a round, on values, nothing written."""

from collections.abc import Sequence
from datetime import datetime

from app.gamification import pipeline, programme, rounds
from app.gamification.activities import Incoming
from app.gamification.state import Happening, MemberState
from app.gamification.tiers import load as tier_days
from app.lib.clock import to_micros
from app.models.base import reader


def decide(
    member_id: int, items: Sequence[Incoming], account_id: int | None, now: datetime, *, verified: bool = True
) -> list[tuple[int, str]]:
    """Reason and outcome for each activity of a member, folded in this order as if it were recorded now.

    `verified`: whether a source that the programme trusts reports it. Corrections and unverified twins that are stored
    already are left out of account: they would need the ids that activities have only once they are stored.
    """
    while True:
        try:
            state = _folded(member_id, items, account_id, now, verified)
        except programme.Changed:
            continue
        return [(reason, outcome) for _, _, _, _, reason, outcome in state.new_decisions]


def _folded(
    member_id: int, items: Sequence[Incoming], account_id: int | None, now: datetime, verified: bool
) -> MemberState:
    current, recorded_at = programme.current(), to_micros(now)
    with reader().connect() as conn:
        states = rounds.load(conn, current, [member_id])
        states[member_id].happenings = [
            Happening(
                place, 0, item.id, item.kind, account_id, item.deal, verified, item.flags, item.amends,
                item.occurred_at, recorded_at, item.data,
            )
            for place, item in enumerate(items)
        ]  # fmt: skip
        rounds.load_caps(conn, current, states)
        tier_days.load(conn, current, states, recorded_at)
    pipeline.try_out(states[member_id], current)
    return states[member_id]
