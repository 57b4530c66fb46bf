"""Challenges that need no joining: who they are for takes part with the first activity they look at. Pure."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.gamification.challenges.compiled import CompiledChallenge
from app.gamification.challenges.entry import REWARDED, Entries, Entry, EntryState, is_late
from app.gamification.challenges.window import RUNS, Run, personal_run
from app.gamification.measures.measure import Progress
from app.gamification.policy.packs import Verdict
from app.gamification.programme import Programme
from app.gamification.state import Happening, MemberState


def take_part(state: MemberState, activity: Happening, key: str, programme: Programme) -> None:
    """Let the member into those that look at the activity; what stands in the place of another begins none."""
    mine = state.entries
    assert mine is not None
    challenges = programme.play.automatic_for(key)
    if not challenges or state.blocked or activity.place <= state.decisions:
        return
    level = programme.ladder.level(state.level_id).key
    for challenge in challenges:
        run = _run(state, challenge, activity)
        if run is None or run.number >= RUNS or not challenge.is_for(level, state.country, state.client_class):
            continue
        if challenge.verdict(state.standing) == Verdict.FORBID:
            continue
        # Whoever is in without joining has no baseline but the beginning of the run.
        since = activity.occurred_at if run.starts_at is None else run.starts_at
        entry = Entry(
            state.id, challenge, run.number, EntryState.JOINED, since, run.ends_at, mine.zone, state.decisions,
            _start(mine, challenge),
        )  # fmt: skip
        # A window of one's own is used up by what begins it: what was over before it was known of begins none.
        until = entry.closes_at if run.starts_at is None else entry.shuts_at
        if entry.covers(activity.occurred_at) and (until is None or activity.recorded_at < until):
            entry.changed = entry.has_past = True
            entry.look_ahead()
            mine.begin(entry)


def may_begin(state: MemberState, challenge: CompiledChallenge, at: Iterable[int]) -> bool:
    """Whether something of these instants might let the member into one they were never in, at whatever level.

    What a round knows before it folds: it saves who can never be in it from having their history read.
    """
    if state.blocked or challenge.verdict(state.standing) == Verdict.FORBID:
        return False
    if not challenge.is_for(None, state.country, state.client_class):
        return False
    if challenge.definition.window.kind != "fixed":
        return True
    assert state.entries is not None
    zone = ZoneInfo(state.entries.zone)
    return any((run := _offered(challenge, one, zone)) is not None and (run.starts_at or 0) <= one for one in at)


def _offered(challenge: CompiledChallenge, at: int, zone: ZoneInfo) -> Run | None:
    """The run of a window that is the same for everyone, see `run_at`; None of one nobody was ever offered."""
    run = challenge.run_at(at, zone)
    return None if run is None or (run.ends_at or 0) <= challenge.offered_since else run


def _start(mine: Entries, challenge: CompiledChallenge) -> list[Progress]:
    """The baseline, as of who joins: nothing, but for what can be done only once and was done before."""
    if mine.lasting is None or not challenge.credits_begin:
        return challenge.start()
    return challenge.credited(one.seen for one in mine.lasting)


def _run(state: MemberState, challenge: CompiledChallenge, activity: Happening) -> Run | None:
    """The run that the activity begins; None where the member has been in it, is in another, or has left."""
    mine, definition, at = state.entries, challenge.definition, activity.occurred_at
    assert mine is not None
    last = mine.last_of(challenge.challenge_id)
    zone = ZoneInfo(mine.zone)
    if definition.window.kind == "fixed":
        run = _offered(challenge, at, zone)
        if run is None:
            return None
        if definition.recurrence != "completion" or last is None:
            return run if _is_new(state, challenge, last, run.number, activity) else None
        return run._replace(number=last.run + 1) if last.state in REWARDED else None
    if last is None:
        return personal_run(definition, at, zone, 0)
    if definition.recurrence == "none" or last.state == EntryState.LEFT:
        return None
    is_over = last.ends_at is not None and at >= last.ends_at
    if is_over or (definition.recurrence == "completion" and last.state in REWARDED):
        return personal_run(definition, at, zone, last.run + 1)
    return None


def _is_new(
    state: MemberState, challenge: CompiledChallenge, last: Entry | None, number: int, activity: Happening
) -> bool:
    """Whether a run that is the same for everyone is new to the member; a late report may be of one before the newest.

    Only of what is late more than the newest run and the one before it is looked at: a round reads no others.
    """
    assert state.entries is not None
    if last is None:
        return True
    at = activity.occurred_at
    first = 0 if is_late(at, activity.recorded_at) else last.run - 1
    mine = [one for one in state.entries.every if one.challenge.challenge_id == challenge.challenge_id]
    if any(one.covers(at) for one in mine if one.run >= first):
        return False  # it began where the member lived then: what occurs in it counts for no other
    if number > last.run:
        return last.state != EntryState.LEFT
    return number >= first and state.entries.of(challenge.challenge_id, number) is None
