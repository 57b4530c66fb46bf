"""Entries of a round's members, loaded and written in a few statements, with what a refold needs."""

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from app.gamification.activities import code_of, facts_of, full_key, key_of
from app.gamification.challenges.automatic import may_begin
from app.gamification.challenges.compiled import CompiledChallenge
from app.gamification.challenges.entry import (
    COLUMNS,
    REWARDED,
    Entries,
    Entry,
    EntryState,
    Past,
    is_late,
    place_of,
    row_of,
)
from app.gamification.counted import COUNTS, placed, stands
from app.gamification.measures.measure import Seen, hears
from app.gamification.programme import Programme
from app.gamification.state import Happening, MemberState
from app.lib.clock import DAY
from app.models import bulk

log = structlog.get_logger()

_ENTRIES = (
    f"SELECT {', '.join(f'e.{name}' for name in COLUMNS)} FROM ids CROSS JOIN challenge_entry e ON e.member_id = ids.id"
)
_ORDER = " ORDER BY e.member_id, e.challenge_id, e.run"
# What has ended is due only where time completes it in the end.
_GOES_ON = f"(e.state = {int(EntryState.JOINED)} OR e.due_at IS NOT NULL)"
_RUNNING = f"{_ENTRIES} AND {_GOES_ON}{_ORDER}"
_EVERY = _ENTRIES + _ORDER
# Of challenges that need no joining the last two runs: whether the member is in them, or may begin the next.
_OR_AUTOMATIC = (
    f"{_ENTRIES} WHERE {_GOES_ON} OR (e.challenge_id IN (%s) AND e.run >= ("
    "SELECT max(l.run) - 1 FROM challenge_entry l WHERE l.member_id = e.member_id AND l.challenge_id = e.challenge_id))"
    + _ORDER
)
# The entries that were not over when something occurred that is reported late; those that go on are read anyway. Of
# what has no end only later runs than one of these matter: what was open from the beginning is never open again.
_NOT_OVER = (
    f"SELECT {', '.join(f'e.{name}' for name in COLUMNS)} FROM keys CROSS JOIN challenge_entry e"
    f" ON e.member_id = keys.member_id AND e.state <> {int(EntryState.JOINED)} AND (e.ends_at > keys.since"
    " OR (e.ends_at IS NULL AND EXISTS (SELECT 1 FROM challenge_entry f WHERE f.member_id = e.member_id"
    " AND f.challenge_id = e.challenge_id AND f.run < e.run AND f.ends_at > keys.since)))"
)
_PAST = (
    f"SELECT d.member_id, d.seq, a.recorded_at, a.id, a.kind, a.data, a.occurred_at, d.earned, {placed()}"
    " FROM keys CROSS JOIN decision d ON d.member_id = keys.member_id AND d.seq > keys.seq"
    " CROSS JOIN activity a ON a.id = d.activity_id"
    f" WHERE a.kind IN (%s) AND {COUNTS}"
)
_FIRST_QUEUED = (
    "SELECT q.member_id, min(q.recorded_at) FROM ids CROSS JOIN activity_queue q ON q.member_id = ids.id"
    " GROUP BY q.member_id"
)
_ZONES = 2 * DAY  # more than any two zones are apart
_KEY = {"member_id": "bigint", "seq": "bigint"}
_PLACE = {"member_id": "bigint", "challenge_id": "bigint", "run": "bigint"}
_SINCE = {"member_id": "bigint", "since": "bigint"}

States = Mapping[int, MemberState]


def load(conn: Connection, programme: Programme, states: States) -> None:
    """The running entries; of members with something to take back every entry, and what a refold of it needs."""
    _begin(states)
    whole = [id_ for id_, state in states.items() if state.effects]
    others = sorted(states.keys() - set(whole))
    automatic = programme.play.automatic_ids
    running = _OR_AUTOMATIC % ", ".join(map(str, automatic)) if automatic else _RUNNING
    rows = bulk.tuples_by_ids(conn, running, others) if others else []
    rows = _with_not_over(conn, rows, {id_: states[id_] for id_ in others})
    rows += bulk.tuples_by_ids(conn, _EVERY, whole) if whole else []
    _place(programme, states, rows)
    if whole:
        _load_past(conn, programme, {id_: states[id_] for id_ in whole})
    if programme.play.automatic_crediting:
        _load_lasting(conn, programme, states)


def load_every(conn: Connection, programme: Programme, states: States) -> None:
    """All entries, for who changes them beside the pipeline."""
    _begin(states)
    _place(programme, states, bulk.tuples_by_ids(conn, _EVERY, states))


def write(conn: Connection, states: Iterable[MemberState]) -> None:
    """The entries that have changed; of most that go on only the progress has, which no index looks at."""
    every = [entry for state in states if state.entries is not None for entry in state.entries.every]
    change = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in _PLACE)
    rows = sorted((row_of(entry) for entry in every if entry.changed), key=lambda row: row[:3])
    bulk.upsert(conn, "challenge_entry", COLUMNS, tuple(_PLACE), change, rows)
    moved = sorted((entry for entry in every if entry.moved and not entry.changed), key=attrgetter("place"))
    rows = [(entry.text, *entry.place) for entry in moved]
    bulk.update(conn, "challenge_entry", _PLACE, {"progress": "text"}, rows)


def load_done(conn: Connection, state: MemberState, kinds: Iterable[str]) -> list[Seen]:
    """What a member has ever done of these kinds, as far as it counts, in the order it was decided."""
    codes = ", ".join(str(code_of(key)) for key in sorted(kinds))
    rows = bulk.tuples_by_keys(conn, _PAST % codes, _KEY, [(state.id, 0)])
    zone, found = ZoneInfo(state.time_zone), []
    for _, _, _, id_, kind, data, occurred_at, earned, *_ in sorted(rows, key=lambda row: row[1]):
        facts = facts_of(kind, data)
        found.append(Seen(id_, full_key(kind, facts), facts, occurred_at, earned, zone, state.own))
    return found


def may_lose_points(programme: Programme, state: MemberState) -> bool:
    """Whether a reward may be taken back in the round, so that its points are taken from other batches if need be."""
    mine = state.entries
    if mine is None or mine.past is None:
        return False
    begun = [challenge for key in new_kinds(state) for challenge in programme.play.automatic_for(key)]
    known = [entry.challenge for entry in mine.every if entry.has_past]
    return any(challenge.definition.reward.points for challenge in (*begun, *known))


def new_kinds(state: MemberState) -> set[str]:
    """The keys of all that may count in this round."""
    return {_key_of(activity.kind, activity.data) for activity in _new(state)}


def _new(state: MemberState) -> Iterator[Happening]:
    return (activity for activity in state.happenings if activity.verified and not activity.is_bust)


def _with_not_over(conn: Connection, rows: list[tuple[Any, ...]], states: States) -> list[tuple[Any, ...]]:
    """The same with what late reports may count for, or what has their run; most rounds hold none."""
    # An entry ends in the zone in which it began, and the member may have moved since: a run of here may be over there.
    since = [
        (id_, min(late) - _ZONES)
        for id_, state in states.items()
        if (late := [one.occurred_at for one in state.happenings if is_late(one.occurred_at, one.recorded_at)])
    ]
    if not since:
        return rows
    found = bulk.tuples_by_keys(conn, _NOT_OVER, _SINCE, since)
    if not found:
        return rows
    return sorted({row[:3]: row for row in (*rows, *found)}.values(), key=lambda row: row[:3])


def _begin(states: States) -> None:
    for state in states.values():
        state.entries = Entries(state.time_zone)


def _place(programme: Programme, states: States, rows: Iterable[tuple[Any, ...]]) -> None:
    for member_id, challenge_id, run, revision_id, *rest in rows:
        entries, challenge = states[member_id].entries, programme.play.challenges.get(revision_id)
        if challenge is None:  # left as it is, so that the member's other challenges go on
            log.error("entry.unknown", member=member_id, challenge=challenge_id, revision=revision_id)
            continue
        assert entries is not None
        entries.every.append(Entry(member_id, challenge, run, *rest))


def _load_past(conn: Connection, programme: Programme, states: States) -> None:
    """What was counted of members who may lose some of it, as far as an entry may have to be folded anew."""
    since: dict[int, int] = {}
    kinds: set[int] = set()
    for id_, state in states.items():
        mine = state.entries
        assert mine is not None
        mine.past = []
        for entry in _to_refold(state):
            entry.has_past = True
            # What was done before and lasts stands before the beginning.
            first = 0 if entry.has_credit else entry.since_seq
            since[id_] = min(since.get(id_, first), first)
            kinds |= {code_of(key) for key in entry.challenge.listens}
    if not since:
        return
    for id_, past in _past_of(conn, programme, states, since, kinds).items():
        entries = states[id_].entries
        assert entries is not None
        entries.past = past


def _load_lasting(conn: Connection, programme: Programme, states: States) -> None:
    """What members have done that lasts, whom something may take in that counts it: see automatic.py."""
    since: dict[int, int] = {}
    crediting = programme.play.automatic_crediting
    for id_, state in states.items():
        mine = state.entries
        assert mine is not None
        new = [challenge for challenge in crediting if mine.last_of(challenge.challenge_id) is None]
        if any(may_begin(state, challenge, _instants(state, challenge)) for challenge in new):
            since[id_] = 0
    if not since:
        return
    kinds = {code_of(key) for challenge in crediting for key in challenge.lasting}
    for id_, done in _past_of(conn, programme, states, since, kinds).items():
        mine = states[id_].entries
        assert mine is not None
        mine.lasting = done
        if mine.past is not None:  # what begins with it may lose it again
            known = {one.id for one in mine.past}
            mine.past = sorted((*mine.past, *(one for one in done if one.id not in known)), key=place_of)


def _instants(state: MemberState, challenge: CompiledChallenge) -> list[int]:
    """When what may count in this round occurred, of all that a challenge looks at."""
    return [one.occurred_at for one in _new(state) if challenge.hears(_key_of(one.kind, one.data))]


def _past_of(
    conn: Connection, programme: Programme, states: States, since: Mapping[int, int], kinds: Iterable[int]
) -> dict[int, list[Past]]:
    """What counts of activities of these kinds, decided behind these places, by member and in the order of places."""
    found: dict[int, list[Past]] = {id_: [] for id_ in since}
    statement = _PAST % ", ".join(map(str, sorted(kinds)))
    for member_id, seq, recorded_at, id_, kind, data, occurred_at, earned, place, placed_at in bulk.tuples_by_keys(
        conn, statement, _KEY, sorted(since.items())
    ):
        try:
            facts = facts_of(kind, data)
        except Exception:  # what cannot be read has never counted
            continue
        seen = Seen(id_, full_key(kind, facts), facts, occurred_at, earned, programme.zone, states[member_id].own)
        found[member_id].append(Past(*stands(seq, recorded_at, place, placed_at), id_, seen))
    for past in found.values():
        past.sort(key=place_of)
    return found


def _to_refold(state: MemberState) -> list[Entry]:
    """The entries that may have to be folded anew: of one that only adds up what is undone is taken out again."""
    touched, new = _touched(state), new_kinds(state)
    first = min((one.recorded_at for one in state.happenings), default=0)
    return [
        entry
        for entry in (state.entries.every if state.entries is not None else ())
        if (entry.state == EntryState.JOINED or entry.state in REWARDED or entry.reopens(first))
        and (
            _may_lose_credit(entry, touched)
            or (
                any(entry.looks_at(kind, at) for kind, at in touched)
                and (entry.state in REWARDED or not _only_shrinks(entry, new))
            )
        )
    ]


def _may_lose_credit(entry: Entry, touched: Iterable[tuple[str, int]]) -> bool:
    return entry.has_credit and any(hears(entry.challenge.lasting, kind) for kind, _ in touched)


def _only_shrinks(entry: Entry, new: Iterable[str]) -> bool:
    """Whether nothing in the round can complete one of its steps, none of which depends on order or time."""
    challenge, progress = entry.challenge, entry.progress
    return (
        challenge.adds_up
        and not any(challenge.is_done(place, progress) for place in range(len(challenge.steps)))
        and not any(hears(challenge.listens, kind) for kind in new)
    )


def _touched(state: MemberState) -> list[tuple[str, int]]:
    """What may be taken back or stand in its place, (key, when)."""
    touched = []
    for effects in state.effects.values():
        if (one := effects.counted) is not None:
            touched.append((_key_of(one.kind, one.data), one.occurred_at))
    for activity in state.happenings:
        if activity.verified and not activity.is_bust and activity.id in state.effects:
            touched.append((_key_of(activity.kind, activity.data), activity.occurred_at))
    return touched


def _key_of(kind: int, data: str) -> str:
    """The full key of a kind; "" of what cannot be read: its fold will fail and say so."""
    try:
        return key_of(kind, data)
    except Exception:
        return ""


def first_queued(conn: Connection, members: Iterable[int]) -> dict[int, int]:
    """When what still waits of these members was recorded, the first of it: time may not pass beyond it."""
    return dict(bulk.tuples_by_ids(conn, _FIRST_QUEUED, members))
