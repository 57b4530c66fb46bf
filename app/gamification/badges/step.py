"""The badge step: counts for every badge that looks at an activity, and gives the levels that it reaches. Pure.

It stands behind the tier step, so that what badges bring is spendable only and moves no tier.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from app.gamification.accrual.expiry import life_of
from app.gamification.badges.compiled import CompiledBadge
from app.gamification.badges.counts import Award, Badges, Held, Tally
from app.gamification.badges.gauge import Gauge
from app.gamification.badges.messages import AWARDED, TAKEN
from app.gamification.challenges.entry import EntryState
from app.gamification.ledger.book import POINTS, Posted, Reference
from app.gamification.measures.measure import Missed, Seen
from app.gamification.policy.packs import Verdict
from app.gamification.programme import Programme
from app.gamification.state import Effects, Happening, MemberState
from app.gamification.streaks.step import PRACTICE
from app.lib.periods import day_at
from app.models.ledger import Cause, State

# A reference's part: badge, level, how often a level of it had been taken back by then.
_LEVELS, _TAKEN = 1 << 3, 1 << 16


def part_of(badge_id: int, level: int, taken: int) -> int:
    """The part of the reference of a badge's transfer."""
    return (badge_id * _LEVELS + level) * _TAKEN + taken


def badge_of(part: int) -> tuple[int, int]:
    """(badge, level) that a reference names."""
    return divmod(part // _TAKEN, _LEVELS)


def step(state: MemberState, activity: Happening, programme: Programme) -> None:
    """Count the activity, give what it reaches, and what challenges have given or taken back."""
    mine = state.badges
    if mine is None:
        return
    if activity.counts and not activity.is_forbidden:
        for badge in programme.play.counting_for(activity.kind_key, activity.placed_at, state.own):
            if is_counted(mine, badge) and _reaches(mine, badge, activity.seen(programme.zone, state.own)):
                award(state, badge, activity.occurred_at, activity.recorded_at, programme)
    if mine.has_moved(state.level_id) or activity.kind_key in PRACTICE or state.effects:
        finish(state, activity.occurred_at, activity.recorded_at, programme)


def finish(
    state: MemberState, at: int, recorded_at: int, programme: Programme, *, takes_back: bool | None = None
) -> None:
    """What follows from where the member stands now: badges that challenges have given or taken back, and gauges.

    `takes_back` says whether anything may have been taken back that gauges have counted; by default, in this round.
    """
    mine = state.badges
    assert mine is not None
    takes_back = bool(state.effects) if takes_back is None else takes_back
    if mine.given or mine.taken:
        _challenges(state, recorded_at, programme)
    # What is offered no longer gives nothing, but goes with what it was given for.
    gauges = programme.play.every_gauge if takes_back else programme.play.gauges
    awards = -1
    while awards != len(mine.awards):  # a badge for other badges follows them at once, wherever it stands
        awards = len(mine.awards)
        for badge in gauges:
            if is_counted(mine, badge):
                _gauge(state, badge, at, recorded_at, programme, takes_back=takes_back)
        mine.look(state.level_id)


def is_counted(mine: Badges, badge: CompiledBadge) -> bool:
    """Whether the member's counts of a badge are whole, so that they can go on: see recount.py."""
    return badge.counting <= mine.counted_to


def _reaches(mine: Badges, badge: CompiledBadge, seen: Seen) -> bool:
    """Count an activity; whether that reaches a level that is not held."""
    tally = add(mine, badge, seen, 1)
    return tally is not None and badge.is_above(tally)


def add(mine: Badges, badge: CompiledBadge, seen: Seen, times: int) -> Tally | None:
    """Count an activity towards a badge, or with `times` -1 take it out again; the tally, where that moves it."""
    measured = badge.measured
    assert measured is not None
    if badge.since is not None and seen.occurred_at < badge.since:
        return None
    # What has keys was judged when these were read.
    found = seen.judged_by(measured) if badge.is_keyed else measured.measure.count(seen, measured.settings)
    if isinstance(found, Missed):
        return None
    if found.key is not None:
        place = badge.badge_id, found.key
        before = mine.keys.get(place, 0)
        after = max(0, before + times)
        mine.keys[place] = after
        mine.new_keys.add(place)
        if bool(before) == bool(after):
            return None
    return mine.add(badge.badge_id, times * found.amount)


def award(
    state: MemberState,
    badge: CompiledBadge,
    at: int,
    recorded_at: int,
    programme: Programme,
    since: Mapping[int, int] | None = None,
) -> None:
    """Give the levels that the value reaches; `since` says when each was reached, where not all were `at` that moment.

    What is held stays, though a later revision asks for more.
    """
    mine = state.badges
    assert mine is not None
    tally = mine.tally(badge.badge_id)
    if badge.is_above(tally):
        _reach(state, badge, badge.level_of(tally.value), at, recorded_at, programme, since or {})


def undo(state: MemberState, effects: Effects, recorded_at: int, programme: Programme) -> None:
    """Take an activity out of every badge it counted for; a level that no longer holds goes, with its points."""
    mine = state.badges
    if mine is None or effects.counted is None or effects.counted.is_forbidden:
        return
    seen = effects.seen(programme.zone, state.own)
    for badge in programme.play.counting_for(seen.kind, effects.placed_at, state.own):
        if is_counted(mine, badge):
            add(mine, badge, seen, -1)
            fall(state, badge, standing(mine, badge), recorded_at)


def fall(state: MemberState, badge: CompiledBadge, level: int, recorded_at: int, *, keeps_points: bool = False) -> None:
    """Let the levels above this one go; unless they only ran out, with the points they brought."""
    mine = state.badges
    assert mine is not None
    tally = mine.tally(badge.badge_id)
    if level >= tally.level:
        return
    for lost in range(tally.level, level, -1):
        held = mine.held.pop((badge.badge_id, lost), None) if not keeps_points else None
        if held is not None and held.points_seq is not None:
            posted = Posted(held.points_seq, POINTS, State.AVAILABLE, held.points, 0, recorded_at)
            state.book.reverse(posted, recorded_at, recorded_at)
        left = None if keeps_points else 0
        mine.awards.append(Award(badge.badge_id, lost, badge.revision_id, recorded_at, left, None, recorded_at))
    if not keeps_points:
        tally = replace(tally, paid=min(tally.paid, level), taken=tally.taken + 1)
        mine.lost += not level
    mine.put(badge.badge_id, replace(tally, level=level))
    state.messages.append((TAKEN, {"badge": badge.badge_id, "level": level}, recorded_at))


def _gauge(
    state: MemberState, badge: CompiledBadge, at: int, recorded_at: int, programme: Programme, *, takes_back: bool
) -> None:
    """Read a gauge, and give or take what follows; what is not temporary stays at the highest it ever was."""
    mine, measured = state.badges, badge.measured
    assert mine is not None and measured is not None and issubclass(measured.measure, Gauge)
    gauge, tally = measured.measure, mine.tally(badge.badge_id)
    is_offered, temporary = badge.until is None, badge.definition.temporary and badge.until is None
    value = gauge.read(state, measured.settings, programme)
    if value is None:
        return
    taken_back = gauge.is_sum or (gauge.is_last and mine.lost > 0)
    if not temporary and not gauge.is_sum:
        value = max(value, tally.value - (mine.lost if gauge.is_last else 0))
    if not is_offered:
        value = min(value, tally.value)
    if value == tally.value and badge.level_of(value) == tally.level:
        return
    mine.put(badge.badge_id, replace(tally, value=value))
    if is_offered:
        award(state, badge, at, recorded_at, programme)
    if taken_back and value < tally.value and takes_back:
        fall(state, badge, standing(mine, badge), recorded_at)
    elif temporary and value < tally.value:  # a revision that asks for more takes nothing
        fall(state, badge, badge.level_of(value), recorded_at, keeps_points=True)


def _challenges(state: MemberState, recorded_at: int, programme: Programme) -> None:
    """Give what challenges have given; of what they took back the highest level stays that one of them still gives."""
    mine = state.badges
    assert mine is not None
    left: dict[str, int] = {reward.badge: 0 for reward in mine.taken}
    for entry in state.entries.every if left and state.entries is not None else ():
        reward = entry.challenge.definition.reward
        if reward.badge in left and entry.state == EntryState.CLAIMED:
            left[reward.badge] = max(left[reward.badge], reward.badge_level)
    for reward, since in mine.given:
        if (badge := programme.play.badges_by_key.get(reward.badge)) is not None:
            level = min(reward.badge_level, left.get(reward.badge, reward.badge_level), badge.levels)
            _reach(state, badge, level, since, recorded_at, programme, {})
    for key, level in left.items():
        if (badge := programme.play.badges_by_key.get(key)) is not None:
            fall(state, badge, level, recorded_at)
    mine.given, mine.taken = [], []


def _reach(
    state: MemberState,
    badge: CompiledBadge,
    level: int,
    at: int,
    recorded_at: int,
    programme: Programme,
    since: Mapping[int, int],
) -> None:
    mine = state.badges
    assert mine is not None
    verdict = badge.verdict(state.standing)
    tally = mine.tally(badge.badge_id)
    if state.blocked or verdict == Verdict.FORBID or level <= tally.level:
        return
    brought = 0
    for reached in range(tally.level + 1, level + 1):
        when, place = since.get(reached, at), (badge.badge_id, reached)
        points, seq = badge.definition.points_of(reached) if reached > tally.paid else 0, None
        if points and verdict < Verdict.RECOGNITION:
            life = life_of(badge.definition.expiry, 0, day_at(recorded_at, programme.zone), programme.zone)
            seq = state.book.accrue(
                points,
                Reference(Cause.BADGE, state.id, part_of(badge.badge_id, reached, tally.taken)),
                when,
                recorded_at,
                expires_at=life.expires_at,
                idle_days=life.idle_days,
                service_only=verdict == Verdict.SERVICE_ONLY,
            )
            tally, brought = replace(tally, paid=reached), brought + points
        # A level that comes back unpaid keeps what it brought the first time.
        paid = (points, seq) if seq is not None else mine.held.get(place, _UNPAID)[1:]
        mine.held[place] = Held(badge.revision_id, *paid)
        mine.awards.append(Award(*place, badge.revision_id, when, points if seq is not None else None, seq))
    mine.put(badge.badge_id, replace(tally, level=level))
    facts = {"badge": badge.badge_id, "level": level, "points": brought}
    state.messages.append((AWARDED, facts, recorded_at))


_UNPAID = Held(0, 0, None)


def standing(mine: Badges, badge: CompiledBadge) -> int:
    """The highest level that still holds; only where what the member holds was loaded."""
    tally = mine.tally(badge.badge_id)
    for level in range(tally.level, 0, -1):
        held = mine.held.get((badge.badge_id, level))
        if badge.stands(level, held.revision_id if held is not None else badge.revision_id, tally.value):
            return level
    return 0
