"""The challenge step: what an activity counts for, what it completes, what time alone has ended. Pure."""

from zoneinfo import ZoneInfo

from app.gamification.challenges import rewards
from app.gamification.challenges.automatic import take_part
from app.gamification.challenges.entry import REWARDED, Entries, Entry, EntryState, Past
from app.gamification.challenges.messages import COMPLETED, WITHDRAWN
from app.gamification.challenges.refold import adds_up, recredited, refilled, refold, seen_in, taken_out
from app.gamification.measures.measure import Seen
from app.gamification.policy.packs import Verdict
from app.gamification.programme import Programme
from app.gamification.state import Effects, Happening, MemberState


def step(state: MemberState, activity: Happening, programme: Programme) -> None:
    """Let time pass up to when the activity was recorded, then count it for every entry that looks at it.

    Where it takes something back, the entries that had counted that are counted again, with this one in its place.
    """
    mine = state.entries
    if mine is None:
        return
    if mine.every:
        settle(state, activity.recorded_at, programme)
    counted = None
    if (mine.every or programme.play.automatic) and activity.counts and not activity.is_forbidden:
        key = activity.kind_key
        take_part(state, activity, key, programme)
        if (
            mine.past is not None
            or mine.lasting is not None
            or any(
                entry.challenge.hears(key) and entry.is_open(activity.occurred_at, activity.recorded_at)
                for entry in mine.every
            )
        ):
            counted = Past(activity.place, activity.placed_at, activity.id, activity.seen(programme.zone, state.own))
            mine.remember(counted)
    if counted is None and not mine.undone:
        return
    seen: dict[ZoneInfo, Seen] = {}  # what most entries see alike
    for entry in mine.every:
        if mine.undone and _recount(state, entry, counted, activity, programme):
            continue
        if counted is None or not entry.is_open(activity.occurred_at, activity.recorded_at):
            continue
        if _takes(mine, entry, counted):
            if (one := seen.get(entry.zone)) is None:
                one = seen[entry.zone] = seen_in(entry, counted.seen)
            _advance(state, entry, one, activity, programme)
    mine.undone = []


def settle(state: MemberState, now: int, programme: Programme) -> None:
    """Do what time alone has done by now (microseconds): steps that are due, windows that are over. Twice is once."""
    assert state.entries is not None
    for entry in state.entries.every:
        if entry.due_at is None or entry.due_at > now or entry.state in REWARDED:
            continue
        closes_at, entry.changed = entry.closes_at, True
        for at, progress in entry.challenge.passing(entry.progress, entry.until(now)):
            entry.progress = progress
            if entry.challenge.all_done(progress):
                complete(state, entry, at, now, programme)
        if entry.state == EntryState.JOINED and closes_at is not None and closes_at <= now:
            _close(state, entry, now, programme)
        entry.look_ahead()


def _close(state: MemberState, entry: Entry, now: int, programme: Programme) -> None:
    """End what is over; unless everything was done in time, and what law or staff had against it is over, too."""
    assert entry.ends_at is not None
    if entry.challenge.all_done(entry.progress):
        complete(state, entry, entry.ends_at, now, programme)
    if entry.state == EntryState.JOINED:
        entry.state, entry.ended_at = EntryState.EXPIRED, entry.ends_at


def complete(state: MemberState, entry: Entry, at: int, recorded_at: int, programme: Programme) -> None:
    """Everything is done, at `at`: the reward waits to be claimed, or is given. The law or staff may forbid it."""
    if state.blocked or entry.challenge.verdict(state.standing) == Verdict.FORBID:
        return
    late = entry.state != EntryState.JOINED
    entry.state, entry.completed_at, entry.ended_at, entry.changed = EntryState.COMPLETED, at, None, True
    if state.badges is not None:
        state.badges.complete(1)
    entry.look_ahead()
    claim = entry.challenge.definition.claim
    facts = {"challenge": entry.challenge.challenge_id, "revision": entry.challenge.revision_id, "run": entry.run}
    state.messages.append((COMPLETED, facts | {"claim": claim} | ({"late": True} if late else {}), recorded_at))
    if not claim:
        claim_reward(state, entry, at, recorded_at, programme)


def claim_reward(state: MemberState, entry: Entry, at: int, recorded_at: int, programme: Programme) -> None:
    """Give what a completed entry brings; what it qualifies for and its badge are left to the steps that follow."""
    state.qualified += rewards.give(state, entry, at, recorded_at, programme)
    entry.state, entry.claimed_at, entry.changed = EntryState.CLAIMED, recorded_at, True
    if entry.challenge.definition.reward.badge and state.badges is not None:
        state.badges.given.append((entry.challenge.definition.reward, at))


def undo(state: MemberState, effects: Effects, programme: Programme) -> None:
    """Note that an activity counts no more; the step counts again what it may have counted for."""
    mine = state.entries
    if mine is None or mine.past is None or effects.counted is None or effects.counted.is_forbidden:
        return
    seen = effects.seen(programme.zone, state.own)
    mine.forget(Past(effects.place, effects.placed_at, effects.id, seen))


def _takes(mine: Entries, entry: Entry, one: Past) -> bool:
    if not entry.takes(one.seen.kind, one.seen.occurred_at, one.place, one.placed_at):
        return False
    return entry.state == EntryState.JOINED or not mine.belongs_to_later(entry, one)


def _advance(state: MemberState, entry: Entry, seen: Seen, activity: Happening, programme: Programme) -> None:
    challenge, before = entry.challenge, entry.progress
    progress = entry.advanced(before, seen)
    if progress != before:
        entry.progress, entry.moved = progress, True
        if challenge.keeps_time:
            entry.changed = True
            entry.look_ahead(activity.recorded_at)
    elif entry.state != EntryState.JOINED:
        return  # what was kept from being completed while it went on stays as it ended
    if challenge.all_done(progress):
        complete(state, entry, activity.occurred_at, activity.recorded_at, programme)


def _recount(state: MemberState, entry: Entry, counted: Past | None, activity: Happening, programme: Programme) -> bool:
    """Count an entry again without what was undone, and with what stands there instead; False where it is not touched.

    A completion may no longer hold. What ended otherwise is counted again as long as late reports count for it.
    """
    mine = state.entries
    assert mine is not None and mine.past is not None
    goes_on = entry.state == EntryState.JOINED or entry.reopens(activity.recorded_at)
    if not goes_on and entry.state not in REWARDED:
        return True
    undone = [one for one in mine.undone if _takes(mine, entry, one)]
    instead = counted if counted is not None and _takes(mine, entry, counted) else None
    start = recredited(entry, mine.past, (*mine.undone, *((counted,) if counted is not None else ())))
    if not undone and instead is None and start is None:
        return False
    # What was kept from being completed while it went on stays as it ended, unless something is missing and comes.
    was_kept = entry.state != EntryState.JOINED and entry.challenge.all_done(entry.progress)
    if start is not None:
        entry.progress, entry.changed = start, True
    elif goes_on:
        kinds = [one.seen.kind for one in undone] + ([instead.seen.kind] if instead is not None else [])
        if adds_up(entry, kinds):
            entry.progress, entry.changed = taken_out(entry, undone), True
            return False  # what stands there instead is counted like any other
    if not entry.has_past:
        raise RuntimeError("what the entry has counted is not loaded")
    past = mine.past
    if entry.challenge.definition.recurrence == "completion" and mine.has_later(entry):
        past = [one for one in past if not mine.belongs_to_later(entry, one)]
    found = refilled(entry, past, undone) if instead is None and start is None else None
    found = found or refold(entry, past, activity.recorded_at)
    entry.changed = entry.changed or found.progress != entry.progress
    entry.progress = found.progress
    if found.completed_at is not None and goes_on:
        entry.look_ahead(found.changed_at)
        if not was_kept:
            complete(state, entry, found.completed_at, activity.recorded_at, programme)
    elif found.completed_at is None:
        if entry.state in REWARDED:
            _withdraw(state, entry, activity.recorded_at, programme)
        entry.look_ahead(found.changed_at)
    return True


def _withdraw(state: MemberState, entry: Entry, recorded_at: int, programme: Programme) -> None:
    """Take back the completion with its reward; while the window is open the member goes on.

    Unless they have begun the next run: an activity counts for one run alone.
    """
    mine, challenge = state.entries, entry.challenge
    assert mine is not None
    facts = {"challenge": challenge.challenge_id, "revision": challenge.revision_id, "run": entry.run}
    had = entry.state == EntryState.CLAIMED
    rewards.take_back(state, entry, recorded_at, programme)
    over = (entry.closes_at is not None and entry.closes_at <= recorded_at) or mine.has_later(entry)
    entry.state = EntryState.WITHDRAWN if over else EntryState.JOINED
    entry.ended_at = recorded_at if over else None
    entry.completed_at, entry.claimed_at, entry.changed = None, None, True
    if state.badges is not None:
        state.badges.complete(-1)
        if had and challenge.definition.reward.badge:
            state.badges.taken.append(challenge.definition.reward)
    state.messages.append((WITHDRAWN, facts | {"over": over}, recorded_at))
