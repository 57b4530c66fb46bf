"""Challenges as one member reads them: the list in its sections, one in full, the few that stand on home."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.challenges import shown, together
from app.gamification.challenges.compiled import CompiledChallenge
from app.gamification.challenges.entry import COLUMNS, Entries, Entry, EntryState, from_text
from app.gamification.challenges.law import Law, law_of
from app.gamification.challenges.shown import MINE, PAST, Card, Seat, Stage
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.statement import statement
from app.gamification.ledger.words.law import standing_of
from app.gamification.members.sign_ins import SignedIn
from app.gamification.playable import challenge_of
from app.gamification.policy.packs import Standing
from app.lib.clock import from_micros, to_micros
from app.models.base import read_all

LOOKED_AT = 300  # of one member's entries; those that go on are always among them
PAST_SHOWN = 6
CLOSEST = 3
NEVER = from_micros(0)
_NAMES = ", ".join(COLUMNS)
_GOING_ON = f"CASE WHEN state IN ({int(EntryState.JOINED)}, {int(EntryState.COMPLETED)}) THEN 0 ELSE 1 END"
_NEWEST = f"ORDER BY {_GOING_ON}, joined_at DESC, run DESC LIMIT {LOOKED_AT}"
_MINE = statement(f"SELECT {_NAMES} FROM challenge_entry WHERE member_id = :member {_NEWEST}", " ".join(COLUMNS))
_OF_ONE = statement(
    f"SELECT {_NAMES} FROM challenge_entry WHERE member_id = :member AND challenge_id = :challenge {_NEWEST}",
    " ".join(COLUMNS),
)


class Barred(NamedTuple):
    """What the law keeps from the member, by the rule that does."""

    law: Law
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """The page of all challenges."""

    mine: tuple[Card, ...]
    open: tuple[Card, ...]
    past: tuple[Card, ...]
    barred: tuple[Barred, ...]

    @property
    def is_new(self) -> bool:
        """Whether the member has taken part in nothing yet."""
        return not self.mine and not self.past

    @property
    def to_claim(self) -> int:
        return sum(card.stage == Stage.CLAIM for card in self.mine)


class Own(NamedTuple):
    """A challenge with all of the member's entries in it, newest first, and the one that matters now."""

    challenge: CompiledChallenge
    entries: tuple[Entry, ...]
    entry: Entry | None


def listed(me: SignedIn, now: datetime) -> Listed:
    """Every challenge that concerns the member. One statement, beside what is kept for a moment."""
    at, mine = to_micros(now), entries_of(me)
    standing = standing_of(me)
    cards: list[tuple[Card, CompiledChallenge]] = []
    for own in _each(me, mine, at):
        place, taken = _seat(own, mine, standing, at)
        cards.append((shown.card(own.challenge, place, standing, taken, at, me.zone), own.challenge))
    offered = (Stage.OPEN, Stage.ALONE, Stage.SOON, Stage.FULL)
    return Listed(
        tuple(sorted((card for card, _ in cards if card.stage in MINE), key=_urgency)),
        tuple(sorted((card for card, _ in cards if card.stage in offered), key=lambda card: offered.index(card.stage))),
        _past(mine, standing, at, me.zone),
        _barred(cards, standing),
    )


def closest(rows: Iterable[Any], me: SignedIn, now: datetime) -> tuple[Card, ...] | None:
    """The cards of home out of its own rows: what waits to be claimed, then what is closest to done.

    None where there is nothing to join either.
    """
    at, standing, found = to_micros(now), standing_of(me), []
    for row in rows:
        entry = _running(me.id, row)
        place = shown.seat(entry.challenge, entry, Entries(me.time_zone), standing, 0, at)
        if place.stage in MINE:
            found.append(shown.card(entry.challenge, place, standing, 0, at, me.zone))
    if found or any(is_offered(one, me) for one in compiled().play.live):
        return tuple(sorted(found, key=_urgency)[:CLOSEST])
    return None


def entries_of(me: SignedIn, challenge_id: int | None = None) -> Entries:
    """The member's entries, or those in one challenge, newest first. One statement."""
    values = {"member": me.id}
    rows = read_all(_MINE, values) if challenge_id is None else read_all(_OF_ONE, values | {"challenge": challenge_id})
    found = Entries(me.time_zone)
    found.every = [_entry(row) for row in rows]
    return found


def is_offered(challenge: CompiledChallenge, me: SignedIn) -> bool:
    """Whether it is for such a member, whatever the law says to it."""
    return challenge.is_for(compiled().ladder.level(me.level_id).key, me.country, me.client_class)


def present(entries: Sequence[Entry], challenge: CompiledChallenge | None, mine: Entries, at: int) -> Entry | None:
    """The entry that a challenge is about now: one to claim, one that runs, else the last where it cannot be joined."""
    # What waits longest is claimed first.
    waiting = [entry for entry in entries if entry.state == EntryState.COMPLETED]
    if waiting:
        return min(waiting, key=lambda entry: entry.run)
    for entry in entries:
        if entry.state == EntryState.JOINED and not _makes_room(entry, challenge, mine, at):
            return entry
    finished = next((entry for entry in entries if entry.state != EntryState.LEFT), None)
    if finished is None or (challenge is not None and shown.can_join(challenge, mine, at)):
        return None
    return finished


def _makes_room(entry: Entry, challenge: CompiledChallenge | None, mine: Entries, at: int) -> bool:
    """Whether what stands as joined is over, and the next run has begun."""
    if entry.state != EntryState.JOINED or entry.ends_at is None or at < entry.ends_at or challenge is None:
        return False
    return shown.can_join(challenge, mine, at)


def _each(me: SignedIn, mine: Entries, at: int) -> Iterable[Own]:
    """What is offered, and what goes on though it is offered no longer."""
    by_challenge: dict[int, list[Entry]] = defaultdict(list)
    for entry in mine.every:
        by_challenge[entry.challenge.challenge_id].append(entry)
    for challenge_id, challenge in compiled().play.by_challenge.items():
        entries = tuple(by_challenge.pop(challenge_id, ()))
        if (found := present(entries, challenge, mine, at)) is not None:
            yield Own(found.challenge, entries, found)
        elif is_offered(challenge, me):
            yield Own(challenge, entries, None)
    for rest in by_challenge.values():
        if (found := present(rest, None, mine, at)) is not None:
            yield Own(found.challenge, tuple(rest), found)


def _seat(own: Own, mine: Entries, standing: Standing, at: int) -> tuple[Seat, int]:
    taken = together.taken(own.challenge, ZoneInfo(mine.zone), at)
    return shown.seat(own.challenge, own.entry, mine, standing, taken, at), taken


def _past(mine: Entries, standing: Standing, at: int, zone: ZoneInfo) -> tuple[Card, ...]:
    """What has ended, newest first; of one that comes again every run by itself."""
    cards = []
    for entry in mine.every:
        place = shown.seat(entry.challenge, entry, mine, standing, 0, at)
        if place.stage in PAST:
            cards.append(shown.card(entry.challenge, place, standing, 0, at, zone))
    return tuple(sorted(cards, key=lambda card: card.ended_at or NEVER, reverse=True)[:PAST_SHOWN])


def _barred(cards: Iterable[tuple[Card, CompiledChallenge]], standing: Standing) -> tuple[Barred, ...]:
    found: list[tuple[Law, list[Card]]] = []
    for card, challenge in cards:
        law = law_of(challenge, standing) if card.stage == Stage.BARRED else None
        if law is None:
            continue
        same = next((those for known, those in found if known == law), None)
        if same is None:
            found.append((law, [card]))
        else:
            same.append(card)
    return tuple(Barred(law, tuple(those)) for law, those in found)


def _urgency(card: Card) -> tuple[bool, int, int]:
    return card.stage != Stage.CLAIM, -card.share, card.ends_at or 1 << 62


def _entry(row: Any) -> Entry:
    member_id, _, run, revision_id, state, joined_at, ends_at, zone, since_seq, progress, *rest = row
    challenge = challenge_of(revision_id)
    kept = from_text(progress, challenge)
    return Entry(member_id, challenge, run, state, joined_at, ends_at, zone, since_seq, kept, *rest)


def _running(member_id: int, row: Any) -> Entry:
    """An entry out of what home reads of it: revision, state, end, zone, progress and run."""
    challenge = challenge_of(row.a)
    progress = from_text(row.facts, challenge)
    return Entry(member_id, challenge, 0, row.b, 0, row.c or None, row.kind, 0, progress)
