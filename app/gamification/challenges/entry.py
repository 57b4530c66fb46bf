"""A member in one run of a challenge, while it is being changed; and all of a member's entries during a round."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from enum import IntEnum
from operator import attrgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from app.gamification.challenges.compiled import CompiledChallenge
from app.gamification.challenges.window import COUNTS_FOR, GRACE, LATE
from app.gamification.measures.measure import Counted, Missed, Progress, Seen, hears


class EntryState(IntEnum):
    """Where an entry stands. Stored: never renumber, only add."""

    JOINED = 1
    COMPLETED = 2  # the reward waits to be claimed
    CLAIMED = 3
    EXPIRED = 4
    LEFT = 5  # by the member
    WITHDRAWN = 6  # what completed it was taken back, and its window is over


_STATES = {int(state): state for state in EntryState}
REWARDED = (EntryState.COMPLETED, EntryState.CLAIMED)
ENDED = (EntryState.EXPIRED, EntryState.WITHDRAWN)  # without being completed


def is_late(occurred_at: int, recorded_at: int) -> bool:
    """Whether what was recorded then may be of an entry that has ended since it occurred."""
    return recorded_at - occurred_at >= LATE


class Past(NamedTuple):
    """A counted activity, as a refold needs it; a correction stands where and since when what it corrects stood."""

    place: int  # number of the decision
    placed_at: int
    id: int
    seen: Seen  # in the programme's zone


class Entry:
    """One entry; instants are microseconds."""

    __slots__ = (
        "_progress",
        "awards",
        "challenge",
        "changed",
        "claimed_at",
        "completed_at",
        "due_at",
        "ended_at",
        "ends_at",
        "has_past",
        "joined_at",
        "judged",
        "kept_until",
        "member_id",
        "moved",
        "points",
        "points_seq",
        "qualifying_seq",
        "reached",
        "run",
        "since_seq",
        "state",
        "zone",
    )

    def __init__(
        self,
        member_id: int,
        challenge: CompiledChallenge,
        run: int,
        state: int,
        joined_at: int,
        ends_at: int | None,
        zone: str,
        since_seq: int,
        progress: list[Progress] | str,
        due_at: int | None = None,
        completed_at: int | None = None,
        claimed_at: int | None = None,
        ended_at: int | None = None,
        awards: int = 0,
        points: int = 0,
        points_seq: int | None = None,
        qualifying_seq: int | None = None,
        kept_until: int | None = None,
    ) -> None:
        self.member_id, self.challenge, self.run = member_id, challenge, run
        self.state, self.joined_at, self.ends_at = _STATES[state], joined_at, ends_at
        self.zone, self.since_seq, self._progress = ZoneInfo(zone), since_seq, progress
        self.due_at, self.completed_at, self.claimed_at = due_at, completed_at, claimed_at
        self.ended_at, self.awards, self.points = ended_at, awards, points
        self.points_seq, self.qualifying_seq, self.kept_until = points_seq, qualifying_seq, kept_until
        self.changed = self.moved = False  # something of it; its progress, and nothing else
        self.judged: dict[int, Counted | Missed | None] = {}  # by activity, where it is folded anew: see refold.py
        self.has_past = False  # all that it has counted is at hand, so that it can be folded anew
        self.reached: Past | None = None  # what completes it, once it was folded anew in this round

    @property
    def progress(self) -> list[Progress]:
        """How far each step has come; read from what is stored when somebody asks."""
        if isinstance(self._progress, str):
            self._progress = from_text(self._progress, self.challenge)
        return self._progress

    @progress.setter
    def progress(self, progress: list[Progress]) -> None:
        self._progress = progress

    @property
    def place(self) -> tuple[int, int, int]:
        """Which row it is."""
        return self.member_id, self.challenge.challenge_id, self.run

    @property
    def text(self) -> str:
        """The progress as it is kept."""
        return self._progress if isinstance(self._progress, str) else to_text(self._progress)

    def start(self) -> list[Progress]:
        """The progress it was joined with."""
        return [one.anew() for one in self.progress]

    @property
    def has_credit(self) -> bool:
        """Whether something counts for it that was done before and lasts."""
        return any(one.credit for one in self.progress)

    @property
    def closes_at(self) -> int | None:
        """When it has ended, if it is not completed by then; late reports still count."""
        return None if self.ends_at is None else self.ends_at + GRACE

    @property
    def shuts_at(self) -> int | None:
        """When nothing counts any more, however late it is reported."""
        return None if self.ends_at is None else self.ends_at + COUNTS_FOR

    def until(self, now: int) -> int:
        """Up to when time alone can do something for it, as of now: nothing is kept beyond its end."""
        return now if self.closes_at is None else min(now, self.closes_at - 1)

    @property
    def may_reopen(self) -> bool:
        """Whether it has ended without being completed, and late reports may change that.

        Not where the next run began before this one was over: what was reported since counts for that one.
        """
        if self.state not in ENDED or self.closes_at is None:
            return False
        return self.state == EntryState.EXPIRED or (self.ended_at or 0) >= self.closes_at

    def reopens(self, recorded_at: int) -> bool:
        """Whether it has ended without being completed, and what is reported then still counts."""
        return self.may_reopen and self.shuts_at is not None and recorded_at < self.shuts_at

    def is_open(self, occurred_at: int, recorded_at: int) -> bool:
        """Whether what occurred and was recorded then may count for it."""
        if self.state == EntryState.JOINED:
            return True
        return is_late(occurred_at, recorded_at) and self.reopens(recorded_at)

    def covers(self, occurred_at: int) -> bool:
        """Whether what occurred then is neither baseline nor too late."""
        return self.joined_at <= occurred_at and (self.ends_at is None or occurred_at < self.ends_at)

    def is_early(self, occurred_at: int) -> bool:
        """Whether what occurred then was done before it began."""
        return occurred_at < self.joined_at

    def looks_at(self, kind: str, occurred_at: int) -> bool:
        """Whether it looks at what occurred then, by kind and time."""
        if self.is_early(occurred_at):
            return self.challenge.reaches_back(kind)
        return hears(self.challenge.listens, kind) and self.covers(occurred_at)

    def takes(self, kind: str, occurred_at: int, place: int, placed_at: int) -> bool:
        """Whether it looks at an activity that stands there: of a kind it asks for, in time, decided since it began."""
        return (
            place > self.since_seq
            and self.looks_at(kind, occurred_at)
            and (self.ends_at is None or placed_at < self.ends_at + COUNTS_FOR)
        )

    def advanced(self, progress: list[Progress], seen: Seen) -> list[Progress]:
        """A progress of it with one more activity that it takes."""
        return self.challenge.advance(progress, seen, early=self.is_early(seen.occurred_at))

    def look_ahead(self, changed_at: int | None = None) -> None:
        """Note when time alone will change it next.

        What a report of `changed_at` has begun goes on behind it: the rest of its delivery is of the same instant.
        """
        if self.state != EntryState.JOINED and not self.may_reopen:
            self.due_at = None
            return
        due, closes_at = self.challenge.due(self.progress), self.closes_at
        if self.state != EntryState.JOINED:  # nothing ends it any more, and nothing is kept beyond its end
            due = due if due is not None and closes_at is not None and due < closes_at else None
            closes_at = None
        if due is not None and changed_at is not None:
            due = max(due, changed_at + 1)
        self.due_at = min((at for at in (due, closes_at) if at is not None), default=None)


class Entries:
    """A member's entries during a round, as far as it may change them.

    `past`: what was counted, in the order of its places; None unless something may be taken back. `undone`: what the
    activity at hand has taken back. `lasting`: what was done and lasts; None unless something may begin with it.
    """

    __slots__ = ("every", "lasting", "past", "undone", "zone")

    def __init__(self, zone: str) -> None:
        self.zone = zone  # the member's own, as it is now
        self.every: list[Entry] = []
        self.past: list[Past] | None = None
        self.lasting: list[Past] | None = None
        self.undone: list[Past] = []

    def running(self) -> list[Entry]:
        """Those that go on."""
        return [entry for entry in self.every if entry.state == EntryState.JOINED]

    def of(self, challenge_id: int, run: int) -> Entry | None:
        """The entry in one run of a challenge."""
        return next(
            (entry for entry in self.every if entry.challenge.challenge_id == challenge_id and entry.run == run), None
        )

    def last_of(self, challenge_id: int) -> Entry | None:
        """The entry in the newest run of a challenge that the member has been in."""
        mine = [entry for entry in self.every if entry.challenge.challenge_id == challenge_id]
        return max(mine, key=attrgetter("run"), default=None)

    def has_later(self, entry: Entry) -> bool:
        """Whether the member is, or was, in a later run of the same challenge."""
        return any(True for _ in self._later(entry))

    def belongs_to_later(self, entry: Entry, one: Past) -> bool:
        """Whether an activity is of a later run of the same challenge that begins again when it is completed.

        It counts for one run alone; only there can windows overlap.
        """
        if entry.challenge.definition.recurrence != "completion":
            return False
        return any(
            one.place > later.since_seq and one.seen.occurred_at >= later.joined_at for later in self._later(entry)
        )

    def _later(self, entry: Entry) -> Iterator[Entry]:
        challenge_id = entry.challenge.challenge_id
        for other in self.every:
            if (
                other.challenge.challenge_id == challenge_id
                and other.run > entry.run
                and other.state != EntryState.LEFT
            ):
                yield other

    def begin(self, entry: Entry) -> None:
        """Take up a new entry, where a round that loads it finds it: the order of rewards follows."""
        insort(self.every, entry, key=lambda one: (one.challenge.challenge_id, one.run))

    def forget(self, one: Past) -> None:
        """What was counted counts no more."""
        if self.past is None:
            return
        self.undone.append(one)
        for known in (self.past, self.lasting or ()):
            place = bisect_left(known, place_of(one), key=place_of)
            if place < len(known) and known[place].id == one.id and isinstance(known, list):
                del known[place]

    def remember(self, one: Past) -> None:
        """Keep an activity that was counted, for what may be taken back, or begin, later in the round."""
        for known in (self.past, self.lasting):
            if known is not None:
                insort(known, one, key=place_of)


def place_of(one: Past) -> tuple[int, int]:
    """In which order what was counted stands."""
    return one.place, one.id


# In one order, whichever way it came about.
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(list[list[Any]]).decode


def to_text(progress: list[Progress]) -> str:
    """Progress as it is kept: `[[value, {key: times}], …]`, a step each, with its credit behind where there is any."""
    return _encode([(one if one.credit else one[:2]) for one in progress]).decode()


def from_text(text: str, challenge: CompiledChallenge) -> list[Progress]:
    """Progress as it was kept; a revision never changes, so neither does the number of its steps."""
    kept = [Progress(value, keys, *map(tuple, credit)) for value, keys, *credit in _decode(text)]
    return kept or challenge.start()


COLUMNS: dict[str, Any] = {
    "member_id": "bigint",
    "challenge_id": "bigint",
    "run": "bigint",
    "revision_id": "bigint",
    "state": "smallint",
    "joined_at": "bigint",
    "ends_at": "bigint",
    "zone": "text",
    "since_seq": "bigint",
    "progress": "text",
    "due_at": "bigint",
    "completed_at": "bigint",
    "claimed_at": "bigint",
    "ended_at": "bigint",
    "awards": "smallint",
    "points": "bigint",
    "points_seq": "bigint",
    "qualifying_seq": "bigint",
    "kept_until": "bigint",
}


def row_of(entry: Entry) -> tuple[Any, ...]:
    """The entry as a row, in the order of COLUMNS."""
    return (
        *(entry.member_id, entry.challenge.challenge_id, entry.run, entry.challenge.revision_id, int(entry.state)),
        *(entry.joined_at, entry.ends_at, entry.zone.key, entry.since_seq, entry.text, entry.due_at),
        *(entry.completed_at, entry.claimed_at, entry.ended_at, entry.awards, entry.points, entry.points_seq),
        *(entry.qualifying_seq, entry.kept_until),
    )
