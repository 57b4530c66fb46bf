"""How far one member has come towards every badge, during a round."""

from typing import NamedTuple

import msgspec

from app.gamification.challenges.definition import Reward


class Tally(msgspec.Struct, frozen=True, array_like=True):
    """One badge of a member's: the value, the level held, the highest level paid, how often a level was taken back."""

    value: int = 0
    level: int = 0
    paid: int = 0
    taken: int = 0


class Held(NamedTuple):
    """A level that was given: by which revision, the points it brought and their transfer."""

    revision_id: int
    points: int
    points_seq: int | None


class Award(NamedTuple):
    """A level to write: given now (`fell_at` is None) or fallen. Instants are microseconds.

    `points` is None where what the row says of points stays as it is.
    """

    badge_id: int
    level: int
    revision_id: int
    at: int
    points: int | None
    points_seq: int | None
    fell_at: int | None = None


_ITSELF = 0  # the key that stands for the member, not for a badge


class Badges:
    """A member's badges during a round. `given` and `taken` come from challenges, (reward, since when).

    `counted_to`: badges up to this number (`CompiledBadge.counting`) are counted. What has a higher one was published
    since, and stands still until all that the member did before is counted: see recount.py.
    """

    __slots__ = (
        "awards",
        "changed",
        "completed",
        "counted_to",
        "given",
        "held",
        "keys",
        "looked_at",
        "lost",
        "marks",
        "new_keys",
        "recounted",
        "taken",
        "tallies",
    )

    def __init__(self, text: str | None) -> None:
        self.tallies = _decode(text) if text else {}
        # Up to where it is counted, challenges completed, and the member's level when the gauges were read last.
        itself = self.tallies.pop(_ITSELF, _NOTHING)
        self.counted_to, self.completed, self.looked_at = itself.value, itself.level, itself.paid
        self.marks = (self.completed, 0)  # completed challenges and awards when the gauges were read last
        self.keys: dict[tuple[int, str], int] = {}  # (badge, key) → times, as far as this round may need them
        self.new_keys: set[tuple[int, str]] = set()  # to write
        self.recounted: set[int] = set()  # badges whose stored keys are all to be replaced
        self.given: list[tuple[Reward, int]] = []
        self.taken: list[Reward] = []
        self.held: dict[tuple[int, int], Held] = {}  # by badge and level, where something may be taken back
        self.awards: list[Award] = []  # to write, in order
        self.lost = 0  # badges that were taken back altogether, until the gauges are read
        self.changed = False

    def begin(self, counting: int) -> None:
        """There is nothing to count of before: every badge of now is counted."""
        if counting != self.counted_to:
            self.counted_to, self.changed = counting, True

    @property
    def has_points(self) -> bool:
        """Whether a level that may be taken back has brought points."""
        return any(held.points_seq is not None for held in self.held.values())

    def tally(self, badge_id: int) -> Tally:
        """The tally of one badge."""
        return self.tallies.get(badge_id, _NOTHING)

    def add(self, badge_id: int, amount: int) -> Tally:
        """Count so much more for a badge, or less, never below nothing; the tally that makes."""
        before = self.tally(badge_id)
        if not amount:
            return before
        value = before.value + amount
        after = Tally(value if value > 0 else 0, before.level, before.paid, before.taken)
        self.tallies[badge_id], self.changed = after, True
        return after

    def put(self, badge_id: int, tally: Tally) -> None:
        """Keep a tally that may have changed."""
        if tally != self.tally(badge_id):
            self.tallies[badge_id], self.changed = tally, True

    def complete(self, challenges: int) -> None:
        """So many challenges more are completed; less with a negative figure, where a completion was taken back."""
        self.completed, self.changed = self.completed + challenges, True

    def has_moved(self, level_id: int) -> bool:
        """Whether anything that gauges read may be another than when they were read last, practice apart."""
        if level_id != self.looked_at or self.marks != (self.completed, len(self.awards)):
            return True
        return bool(self.given or self.taken or self.lost)

    def look(self, level_id: int) -> None:
        """The gauges were read."""
        self.marks, self.lost = (self.completed, len(self.awards)), 0
        if level_id != self.looked_at:
            self.looked_at, self.changed = level_id, True

    def to_text(self) -> str:
        """As it is kept: `{badge: [value, level, paid, taken]}`, only of what is more than nothing; see `_ITSELF`."""
        every = {_ITSELF: Tally(self.counted_to, self.completed, self.looked_at), **self.tallies}
        return _encode({id_: tally for id_, tally in sorted(every.items()) if tally != _NOTHING}).decode()


_NOTHING = Tally()

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[int, Tally]).decode
