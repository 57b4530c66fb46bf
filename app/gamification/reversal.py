"""Corrections, busts and verified twins: the first step of the fold, which undoes what no longer holds.

An amendment names what it corrects or busts by its sender's id, and may arrive before it. All activities linked that
way form a chain. When one is folded:
  1. it takes back everything in its chain that still counts, except what amends itself, directly or through others;
  2. it earns nothing if something that amends it has been folded already, or if it is a bust;
  3. of the same deal reported with and without trust, the verified chain counts and the other is taken back whole.
So the latest recorded of a chain wins, in any order of arrival, and each deal counts once. Only what has been folded
is looked at: what is stored but still waits must make no difference, or a rebuilt history would not be the same.
"""

from app.gamification.badges import step as badges
from app.gamification.challenges import step as challenges
from app.gamification.ledger.book import QUALIFYING
from app.gamification.programme import Programme
from app.gamification.state import Counted, Effects, Happening, MemberState
from app.gamification.streaks import step as streaks
from app.gamification.tiers.step import count
from app.lib.periods import day_at
from app.models.activity import Reason


def step(state: MemberState, activity: Happening, programme: Programme) -> None:
    """Undo what this activity replaces, and bar it from earning where something has replaced it."""
    activity.place, activity.placed_at = state.decisions + 1, activity.recorded_at
    if activity.id in state.foreign:
        activity.barred = Reason.OTHER_ACCOUNT
        return
    if activity.is_bust:
        activity.barred = Reason.BUST if activity.verified else Reason.WITHDRAWN
    own = state.effects.get(activity.id)
    if own is None:
        return
    chain, later = own.chain(), own.later()
    twins = [twin for one in chain for twin in one.twins if twin.decided]
    replaced = [one for one in chain[1:] if one not in later] if activity.amends is not None else []
    if twins and activity.verified:
        replaced += [one for twin in twins for one in twin.chain()]
    elif twins:
        replaced = chain[1:]
    for one in replaced:
        undo(state, one, activity, programme)
    if later:
        latest = max(later, key=lambda effects: effects.id)
        activity.barred = Reason.BUSTED if latest.is_bust else Reason.SUPERSEDED
    elif twins and not activity.verified and activity.barred is None:
        activity.barred = Reason.SUPERSEDED


def undo(state: MemberState, effects: Effects, by: Happening, programme: Programme) -> None:
    """Reverse every accrual of an activity that still stands, its qualifying and its cap counters."""
    recorded_at = by.recorded_at
    for posted in effects.posted:
        state.book.reverse(posted, posted.occurred_at, recorded_at)
        if posted.unit == QUALIFYING:
            count(state, -posted.amount, day_at(posted.occurred_at, programme.zone), recorded_at, programme)
    for rule_id, day, points in effects.caps:
        state.count_cap(rule_id, day, -points)
    effects.posted, effects.caps = [], []
    state.lessons.pop(effects.id, None)
    if effects.counted is not None:
        _forget(state, effects, effects.counted, by, programme)
        effects.counted = None


def _forget(state: MemberState, effects: Effects, one: Counted, by: Happening, programme: Programme) -> None:
    """Let challenges, badges and streaks be as if it had never happened; what replaces it stands in its place."""
    state.taken_back.append((effects.id, by.id, effects.place, effects.placed_at))
    by.place, by.placed_at = min((by.place, by.placed_at), (effects.place, effects.placed_at))
    challenges.undo(state, effects, programme)
    badges.undo(state, effects, by.recorded_at, programme)
    if one.kind_key in streaks.PRACTICE:
        streaks.undo(state, effects.id)
