"""Corrections, busts and verified twins: the first step of the fold, which undoes what no longer holds.

An amendment names what it corrects or busts by its sender's id, and may arrive before it. All activities linked that
way form a chain. When one is folded:
  1. it takes back everything in its chain that still counts, except what amends itself, directly or through others;
  2. it earns nothing if something that amends it has been folded already, or if it is a bust.
So the latest recorded of a chain wins, in any order of arrival, and each counts once.
"""

from app.gamification.ledger.book import QUALIFYING
from app.gamification.programme import Programme
from app.gamification.state import Effects, Happening, MemberState
from app.gamification.tiers.step import count
from app.lib.periods import day_at
from app.models.activity import Reason


def step(state: MemberState, activity: Happening, programme: Programme) -> None:
    """Undo what this activity replaces, and bar it from earning where something has replaced it."""
    if activity.id in state.foreign:
        activity.barred = Reason.OTHER_ACCOUNT
        return
    if activity.is_bust:
        activity.barred = Reason.BUST
    own = state.effects.get(activity.id)
    if own is None:
        return
    later = _amending(state, own)
    if activity.amends is not None:
        for other in _chain(state, own):
            if other is not own and other not in later:
                undo(state, other, activity.recorded_at, programme)
    if later:
        latest = max(later, key=lambda effects: effects.id)
        activity.barred = Reason.BUSTED if latest.is_bust else Reason.SUPERSEDED
    for twin in own.twins:
        if twin.decided and activity.verified:
            undo(state, twin, activity.recorded_at, programme)
        elif twin.decided and activity.barred is None:
            activity.barred = Reason.SUPERSEDED


def undo(state: MemberState, effects: Effects, recorded_at: int, programme: Programme) -> None:
    """Reverse every accrual of an activity that still stands, its qualifying and its cap counters."""
    for posted in effects.posted:
        state.book.reverse(posted, posted.occurred_at, recorded_at)
        if posted.unit == QUALIFYING:
            count(state, -posted.amount, day_at(posted.occurred_at, programme.zone), recorded_at, programme)
    for rule_id, day, points in effects.caps:
        state.count_cap(rule_id, day, -points)
    effects.posted, effects.caps = [], []


def _amending(state: MemberState, effects: Effects) -> list[Effects]:
    """What has been folded and amends this activity, directly or through others."""
    found: list[Effects] = []
    front = [effects]
    while front:
        names = {(one.source_id, one.external_id) for one in front}
        front = [
            one
            for one in state.effects.values()
            if one.amends is not None
            and (one.source_id, one.amends) in names
            and one.account_id == effects.account_id
            and one not in found
        ]
        found += front
    return [one for one in found if one.decided]


def _chain(state: MemberState, effects: Effects) -> list[Effects]:
    """Everything linked to this activity by amendments, itself included."""
    found = [effects]
    for one in found:
        found += [
            other
            for other in state.effects.values()
            if other not in found
            and (other.source_id, other.account_id) == (one.source_id, one.account_id)
            and (other.amends == one.external_id or one.amends == other.external_id)
        ]
    return found
