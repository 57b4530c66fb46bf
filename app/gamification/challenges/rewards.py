"""What a completed challenge brings, and how it is taken back. Pure: moves of points go through the member's book."""

from app.gamification.accrual.expiry import life_of
from app.gamification.challenges.entry import Entry
from app.gamification.challenges.window import RUNS
from app.gamification.ledger.book import POINTS, QUALIFYING, Posted, Reference
from app.gamification.policy.packs import Verdict
from app.gamification.programme import Programme
from app.gamification.state import MemberState
from app.gamification.tiers.step import count
from app.lib.periods import day_at
from app.models.ledger import Cause, State

# A reference's part: challenge, run, which award of the entry it is, and 0 for points, 1 for qualifying points.
_AWARDS = 1 << 8

Qualified = list[tuple[int, int, int]]  # points, day, from when


def part_of(challenge_id: int, run: int, award: int, unit: int) -> int:
    """The part of the reference of a reward's transfer."""
    return ((challenge_id * RUNS + run) * _AWARDS + award) * 2 + unit


def entry_of(part: int) -> tuple[int, int]:
    """(challenge, run) that a reference names."""
    return divmod(part // (2 * _AWARDS), RUNS)


def give(state: MemberState, entry: Entry, occurred_at: int, recorded_at: int, programme: Programme) -> Qualified:
    """Give the reward, as far as the law lets the member have it; returns what it qualifies for, for the tier step.

    Points and the longer level need the law's leave; the badge is recognition and is given by whoever calls this.
    """
    reward, verdict = entry.challenge.definition.reward, entry.challenge.verdict(state.standing)
    if verdict >= Verdict.RECOGNITION:
        return []
    qualified: Qualified = []
    entry.awards += 1
    if reward.points:
        life = life_of(reward.expiry, 0, day_at(recorded_at, programme.zone), programme.zone)
        place = entry.challenge.challenge_id, entry.run, entry.awards
        entry.points = reward.points
        entry.points_seq = state.book.accrue(
            reward.points,
            Reference(Cause.CHALLENGE, state.id, part_of(*place, 0)),
            occurred_at,
            recorded_at,
            expires_at=life.expires_at,
            idle_days=life.idle_days,
            service_only=verdict == Verdict.SERVICE_ONLY,
        )
        if reward.qualifying:
            reference = Reference(Cause.CHALLENGE, state.id, part_of(*place, 1))
            entry.qualifying_seq = state.book.qualify(reward.points, reference, occurred_at, recorded_at)
            qualified.append((reward.points, day_at(occurred_at, programme.zone), occurred_at))
    if reward.keep_days:
        entry.kept_until = max(state.kept_until or 0, day_at(recorded_at, programme.zone)) + reward.keep_days
        state.kept_until = entry.kept_until
        if state.grace_until is not None:
            state.grace_until = max(state.grace_until, entry.kept_until)
    return qualified


def given_at(entry: Entry) -> int:
    """When a reward counts as given: when it was claimed, or, where nobody has to claim it, when all was done."""
    at = entry.claimed_at if entry.challenge.definition.claim else entry.completed_at
    assert at is not None
    return at


def take_back(state: MemberState, entry: Entry, recorded_at: int, programme: Programme) -> None:
    """Take the reward back, whether it was spent or not: what is missing becomes debt."""
    if entry.points_seq is not None:
        posted = Posted(entry.points_seq, POINTS, State.AVAILABLE, entry.points, 0, recorded_at)
        state.book.reverse(posted, recorded_at, recorded_at)
    if entry.qualifying_seq is not None:
        at = given_at(entry)
        posted = Posted(entry.qualifying_seq, QUALIFYING, State.AVAILABLE, entry.points, 1, at)
        state.book.reverse(posted, at, recorded_at)
        count(state, -entry.points, day_at(at, programme.zone), recorded_at, programme)
    kept = entry.kept_until is not None
    entry.points, entry.points_seq, entry.qualifying_seq, entry.kept_until = 0, None, None, None
    if kept:
        _keep_anew(state, recorded_at, programme)


def _keep_anew(state: MemberState, recorded_at: int, programme: Programme) -> None:
    """For how long the rewards that are left keep the level: one after the other, as they were given."""
    assert state.entries is not None
    before, until = state.kept_until, None
    keeping = [entry for entry in state.entries.every if entry.kept_until is not None]
    for entry in sorted(keeping, key=lambda one: (one.claimed_at or 0, one.challenge.challenge_id, one.run)):
        today = day_at(entry.claimed_at or 0, programme.zone)
        until = max(until or 0, today) + entry.challenge.definition.reward.keep_days
        entry.changed = entry.changed or entry.kept_until != until
        entry.kept_until = until
    state.kept_until = until
    if state.grace_until is not None and state.grace_until == before:
        # The grace time that there is without any reward begins now.
        least = day_at(recorded_at, programme.zone) + programme.ladder.grace_days
        state.grace_until = max(until or 0, min(state.grace_until, least))
