"""Joining a challenge, leaving it, claiming what it brings: each in one transaction, under the member's wallet."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select, update

from app.gamification import played, programme
from app.gamification.badges import step as badges
from app.gamification.challenges.compiled import CompiledChallenge
from app.gamification.challenges.entry import REWARDED, Entries, Entry, EntryState
from app.gamification.challenges.load import first_queued, load_done
from app.gamification.challenges.step import claim_reward, complete, settle
from app.gamification.challenges.window import RUNS, Run, personal_run
from app.gamification.errors.challenges import (
    ChallengeForbidden,
    ChallengeFull,
    ChallengeNotForYou,
    ChallengeNotFound,
    ChallengeNotOpen,
    ClaimsPaused,
    JoinedAlready,
    NothingToClaim,
    NotJoined,
)
from app.gamification.ledger import wallets
from app.gamification.measures.measure import Progress
from app.gamification.policy.packs import Verdict
from app.gamification.programme import Programme
from app.gamification.state import MemberState
from app.gamification.tiers import load as tier_days
from app.gamification.tiers.step import qualify
from app.lib.clock import to_micros
from app.models import bulk
from app.models.base import connection
from app.models.play import ChallengeEntry, ChallengeRun

_RUN = {"challenge_id": "bigint", "run": "bigint", "taken": "bigint"}
_PLACES = (
    select(ChallengeRun.taken)
    .where(ChallengeRun.challenge_id == bindparam("of"), ChallengeRun.run == bindparam("in_run"))
    .with_for_update()
)
_TAKE = (
    update(ChallengeRun)
    .where(ChallengeRun.challenge_id == bindparam("of"), ChallengeRun.run == bindparam("in_run"))
    .values(taken=ChallengeRun.taken + bindparam("more"))
)
# In one order, like every set of rows that is locked.
_TAKING_PART = (
    select(ChallengeEntry.revision_id, ChallengeEntry.run)
    .where(ChallengeEntry.member_id == bindparam("of_member"), ChallengeEntry.state == int(EntryState.JOINED))
    .order_by(ChallengeEntry.challenge_id, ChallengeEntry.run)
)


def join(member_id: int, challenge_id: int, *, now: datetime) -> None:
    """Take part from now on: what was done before is the baseline. Inside an open transaction.

    Raises ChallengeNotFound, ChallengeNotForYou, ChallengeForbidden, ChallengeNotOpen, ChallengeFull, JoinedAlready;
    MemberNotFound for who was erased meanwhile, as everything here.
    """
    at = to_micros(now)
    with opened(member_id, at) as (state, entries, current):
        challenge = current.play.by_challenge.get(challenge_id)
        if challenge is None:
            raise ChallengeNotFound()
        if not challenge.is_for(current.ladder.level(state.level_id).key, state.country, state.client_class):
            raise ChallengeNotForYou()
        if challenge.verdict(state.standing) == Verdict.FORBID:
            raise ChallengeForbidden()
        if not is_joined_by_hand(challenge, entries):
            raise JoinedAlready()
        run = next_run(challenge, entries, at)
        if not challenge.definition.automatic:
            _take_place(challenge, run.number, 1)
        before = entries.of(challenge_id, run.number)
        entry = Entry(
            member_id, challenge, run.number, EntryState.JOINED, at, run.ends_at, entries.zone, state.decisions,
            _credited(challenge, state, entries), awards=before.awards if before is not None else 0,
        )  # fmt: skip
        entry.changed = True
        entry.look_ahead()
        entries.every = [one for one in entries.every if one is not before] + [entry]
        if challenge.all_done(entry.progress):
            complete(state, entry, at, at, current)


def _credited(challenge: CompiledChallenge, state: MemberState, entries: Entries) -> list[Progress]:
    """The baseline: nothing, but for what can be done only once and was done before.

    What has brought the reward of a run is never counted for the next: joining would bring it again and again.
    """
    rewarded = any(
        one.challenge.challenge_id == challenge.challenge_id and one.state in REWARDED for one in entries.every
    )
    if rewarded or not challenge.lasting:
        return challenge.start()
    return challenge.credited(load_done(connection(), state, challenge.lasting))


def leave(member_id: int, challenge_id: int, *, now: datetime) -> None:
    """Take part no longer; the place is free again, and the progress is gone. Inside an open transaction.

    Raises NotJoined.
    """
    at = to_micros(now)
    with opened(member_id, at) as (_, entries, _):
        running = _in(entries, challenge_id, EntryState.JOINED)
        if not running:
            raise NotJoined()
        entry = running[-1]
        entry.state, entry.ended_at, entry.changed = EntryState.LEFT, at, True
        entry.look_ahead()
        _give_place_back(entry.challenge, entry.run)


def give_places_back(member_id: int) -> None:
    """Let others have the places of a member who is erased. Inside an open transaction, behind the wallet's lock."""
    rows = connection().execute(_TAKING_PART, {"of_member": member_id}).all()
    challenges = programme.current().play.challenges if rows else {}
    for row in rows:
        if (challenge := challenges.get(row.revision_id)) is not None:  # nothing holds up who is erased
            _give_place_back(challenge, row.run)


def claim(member_id: int, challenge_id: int, *, now: datetime) -> Entry:
    """Take what a completed challenge brings, once, the oldest run first; the entry. Inside an open transaction.

    Raises NothingToClaim, ChallengeForbidden and ClaimsPaused: then it waits.
    """
    at = to_micros(now)
    with opened(member_id, at) as (state, entries, current):
        waiting = _in(entries, challenge_id, EntryState.COMPLETED)
        if not waiting:
            raise NothingToClaim()
        entry = waiting[0]
        if entry.challenge.verdict(state.standing) == Verdict.FORBID:
            raise ChallengeForbidden()
        if state.blocked:
            raise ClaimsPaused()
        claim_reward(state, entry, at, at, current)
        return entry


@contextmanager
def opened(member_id: int, at: int) -> Iterator[tuple[MemberState, Entries, Programme]]:
    """A member under lock with every entry and badge, time brought up to now; all that follows is written at the end.

    Inside an open transaction. Raises MemberNotFound.
    """
    # Behind the lock, so that nobody publishes in between what the states are then not loaded for.
    wallets.lock_present([member_id])
    with ExitStack() as stack:
        state, current = _under_lock(stack, member_id)
        load({member_id: state}, at, current)
        assert state.entries is not None
        yield state, state.entries, current
        finish(state, at, current)


def _under_lock(stack: ExitStack, member_id: int) -> tuple[MemberState, Programme]:
    while True:
        current = programme.current()
        try:
            return stack.enter_context(wallets.one(member_id, current)), current
        except programme.Changed:
            continue


def load(states: Mapping[int, MemberState], at: int, current: Programme) -> None:
    """Entries and badges of members whose wallets are open, with all that time alone has done.

    Time stands still at the first report that still waits to be folded: what it says happened before.
    """
    conn = connection()
    played.load_every_entry(conn, current, states)
    tier_days.load(conn, current, states, at)
    queued = first_queued(conn, states)
    for state in states.values():
        settle(state, min(at, queued.get(state.id, at)), current)


def finish(state: MemberState, at: int, current: Programme) -> None:
    """What follows from rewards that were given outside the pipeline: the level, then badges."""
    for points, day, since in state.qualified:
        qualify(state, points, day, since, at, current, None)
    state.qualified = []
    badges.finish(state, at, at, current)


def is_joined_by_hand(challenge: CompiledChallenge, entries: Entries) -> bool:
    """Whether it takes joining: what takes members in by itself does so no more once they left."""
    last = entries.last_of(challenge.challenge_id)
    return not challenge.definition.automatic or (last is not None and last.state == EntryState.LEFT)


def next_run(challenge: CompiledChallenge, entries: Entries, at: int) -> Run:
    """The run that somebody who joins now comes into. Raises JoinedAlready, ChallengeNotOpen."""
    mine = [entry for entry in entries.every if entry.challenge.challenge_id == challenge.challenge_id]
    if any(entry.state == EntryState.JOINED and _is_on(entry, at) for entry in mine):
        raise JoinedAlready()
    recurrence, zone = challenge.definition.recurrence, ZoneInfo(entries.zone)
    # Who left may come back: it is as if they had never joined.
    finished = [entry for entry in mine if entry.state != EntryState.LEFT]
    number = max((entry.run for entry in finished), default=-1) + 1
    if challenge.definition.window.kind == "fixed":
        run = challenge.run_at(at, zone)
        if run is None or (run.starts_at is not None and at < run.starts_at):
            raise ChallengeNotOpen()
        # One that begins again when it ends has runs of its own, the same for everyone.
        number = run.number if recurrence == "end" else number
    else:
        run = personal_run(challenge.definition, at, zone, number)
    if finished and recurrence == "none":
        raise JoinedAlready()
    if recurrence == "end" and any(entry.run == number or _is_on(entry, at) for entry in finished):
        raise JoinedAlready()
    if number >= RUNS:
        raise ChallengeNotOpen()
    return run._replace(number=number)


def _is_on(entry: Entry, at: int) -> bool:
    return entry.ends_at is None or at < entry.ends_at


def _in(entries: Entries, challenge_id: int, state: EntryState) -> list[Entry]:
    found = [entry for entry in entries.every if entry.challenge.challenge_id == challenge_id and entry.state == state]
    return sorted(found, key=lambda entry: entry.run)


def _take_place(challenge: CompiledChallenge, number: int, more: int) -> None:
    """Take one of the places, or give it back; the row is locked, so that the last one never goes twice.

    Raises ChallengeFull.
    """
    run, places = challenge.places_of(number), challenge.definition.places
    place = {"of": challenge.challenge_id, "in_run": run}
    conn = connection()
    bulk.insert_new(conn, "challenge_run", _RUN, [(challenge.challenge_id, run, 0)])
    taken = conn.execute(_PLACES, place).scalar_one()
    if more > 0 and places is not None and taken >= places:
        raise ChallengeFull()
    conn.execute(_TAKE, place | {"more": max(more, -taken)})


def _give_place_back(challenge: CompiledChallenge, run: int) -> None:
    # Whoever is in without joining has taken no place.
    if not challenge.definition.automatic:
        _take_place(challenge, run, -1)
