"""What the pipeline knows of a member during a round, and what it found: values only, private to the round."""

from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.activities import BY_CODE, CUSTOM, facts_of, full_key, key_of
from app.gamification.habits.own import NOTHING_SET, OwnRules
from app.gamification.ledger.book import Book, Posted
from app.gamification.measures.measure import Seen
from app.gamification.policy.packs import Standing, Verdict
from app.models.activity import ActivityFlag, Reason

if TYPE_CHECKING:  # they are made of what is compiled, and that needs this
    from app.gamification.badges.counts import Badges
    from app.gamification.challenges.entry import Entries
    from app.gamification.streaks.days import Habits

# Arithmetic on the enum costs more than a whole condition.
BUSTS, UNLINKED = int(ActivityFlag.BUSTS), int(ActivityFlag.UNLINKED)
_FORBIDDEN = f"[[{int(Verdict.FORBID)},"


def forbids(outcome: str) -> bool:
    """Whether the law forbade all benefit, by an outcome, which begins with its verdict."""
    return outcome.startswith(_FORBIDDEN)


class Happening:
    """One activity on its way through the steps, with what they decided about it."""

    __slots__ = (
        "_seen",
        "account_id",
        "amends",
        "barred",
        "data",
        "deal",
        "earned",
        "entries",
        "external_id",
        "facts",
        "flags",
        "id",
        "kind",
        "occurred_at",
        "outcome",
        "place",
        "placed_at",
        "qualified",
        "reason",
        "recorded_at",
        "source_id",
        "verified",
    )

    def __init__(
        self,
        id: int,
        source_id: int,
        external_id: str,
        kind: int,
        account_id: int | None,
        deal: str | None,
        verified: bool,
        flags: int,
        amends: str | None,
        occurred_at: int,
        recorded_at: int,
        data: str,
    ) -> None:
        self.id, self.source_id, self.external_id, self.kind = id, source_id, external_id, kind
        self.account_id, self.deal, self.verified, self.flags, self.amends = (
            account_id,
            deal,
            bool(verified),
            flags,
            amends,
        )
        self.occurred_at, self.recorded_at, self.data = occurred_at, recorded_at, data
        self.place, self.placed_at = 0, recorded_at  # where it stands: behind all others, or where it replaces one
        self.facts: Any = None  # decoded by the step that needs it
        self._seen: Seen | None = None
        self.barred: Reason | None = None  # why it cannot earn, whatever the rules say
        self.entries: list[list[Any]] = []
        self.reason = Reason.EARNED
        self.earned = 0
        self.qualified: list[tuple[int, int, int]] = []  # (points, day, from when)
        self.outcome = ""

    def decode(self) -> Any:
        """The activity's figures by name."""
        if self.facts is None:
            self.facts = facts_of(self.kind, self.data)
        return self.facts

    def waits_for_review(self, trust: str) -> bool:
        """Whether its awards wait for staff, by how far the programme trusts what members send in.

        Only of an account that was linked to its sender anything counts at once: a file names any account it likes.
        """
        if self.verified or trust == "recognition":
            return False
        return trust == "review" or self.flags & UNLINKED != 0

    @property
    def counts(self) -> bool:
        """Whether challenges, badges and streaks look at it: only what a system has reported, and nothing undone."""
        return self.barred is None and self.verified

    @property
    def is_forbidden(self) -> bool:
        """Whether the law forbade all benefit of it when it was judged."""
        return forbids(self.outcome)

    @property
    def kind_key(self) -> str:
        """The full key of its kind: of an own activity with its name."""
        return BY_CODE[self.kind].key if self.kind != CUSTOM else full_key(self.kind, self.decode())

    def seen(self, zone: ZoneInfo, own: OwnRules) -> Seen:
        """The activity as measures see it, in the programme's zone, with what they have found of it so far."""
        if self._seen is None:
            self._seen = Seen(self.id, self.kind_key, self.decode(), self.occurred_at, self.earned, zone, own)
        self._seen.earned = self.earned
        return self._seen

    @property
    def is_bust(self) -> bool:
        """Whether it takes another activity back and brings nothing itself."""
        return self.flags & BUSTS != 0


class Counted(NamedTuple):
    """An activity that challenges, badges and streaks have looked at."""

    kind: int
    data: str
    occurred_at: int
    earned: int
    is_forbidden: bool = False  # the law forbade all benefit of it when it was judged

    @property
    def kind_key(self) -> str:
        """The full key of its kind: of an own activity with its name."""
        return key_of(self.kind, self.data)

    def decode(self) -> Any:
        """Its figures by name."""
        return facts_of(self.kind, self.data)


class Effects:
    """An activity that others correct, bust or replace, with what it has done so far."""

    __slots__ = (
        "account_id",
        "amended_by",
        "amends",
        "beside",
        "caps",
        "counted",
        "decided",
        "external_id",
        "id",
        "is_bust",
        "place",
        "placed_at",
        "posted",
        "twins",
    )

    def __init__(
        self, id: int, external_id: str, account_id: int | None, flags: int, amends: str | None, decided: bool
    ) -> None:
        self.id, self.external_id, self.account_id = id, external_id, account_id
        self.counted: Counted | None = None  # what challenges and badges saw of it, while it counts for them
        self.is_bust, self.amends, self.decided = flags & BUSTS != 0, amends, decided
        # Of one that counts: the decision in whose place it stands, its own or that of what it replaced, and its time.
        self.place, self.placed_at = 0, 0
        self.posted: list[Posted] = []  # accruals that still stand
        self.caps: list[tuple[int, int, int]] = []  # rule, day, points drawn
        self.amended_by: list[Effects] = []
        self.beside: list[Effects] = []  # what it amends, and what amends the same
        self.twins: list[Effects] = []  # the same deal by a source of other trust

    def seen(self, zone: ZoneInfo, own: OwnRules) -> Seen:
        """What was counted of it, as measures see it, in the programme's zone."""
        one = self.counted
        assert one is not None
        return Seen(self.id, one.kind_key, one.decode(), one.occurred_at, one.earned, zone, own)

    def later(self) -> list["Effects"]:
        """What has been folded and amends this activity, directly or through others."""
        found = [self]
        for one in found:
            found += [other for other in one.amended_by if other.decided and other not in found]
        return found[1:]

    def chain(self) -> list["Effects"]:
        """This activity, and everything folded that amendments link to it."""
        found = [self]
        for one in found:
            found += [other for other in (*one.amended_by, *one.beside) if other.decided and other not in found]
        return found


class MemberState:
    """A member under lock, with all that the steps read and all that they write."""

    __slots__ = (
        "badges",
        "blocked",
        "book",
        "cap_drawn",
        "cap_used",
        "client_class",
        "country",
        "decisions",
        "effects",
        "entity_id",
        "entries",
        "erased",
        "foreign",
        "grace_until",
        "habits",
        "happenings",
        "history",
        "id",
        "kept_until",
        "language",
        "lessons",
        "level_id",
        "level_since",
        "messages",
        "new_decisions",
        "new_history",
        "old_days",
        "own",
        "qualified",
        "qualifying",
        "qualifying_deltas",
        "standing",
        "taken_back",
        "time_zone",
        "window_from",
    )

    def __init__(
        self,
        id: int,
        book: Book,
        standing: Standing,
        entity_id: int | None,
        country: str,
        client_class: int,
        language: str,
        blocked: bool,
        qualifying: int,
        window_from: int,
        level_id: int,
        level_since: int,
        grace_until: int | None,
        kept_until: int | None,
        decisions: int,
    ) -> None:
        self.id, self.book, self.standing = id, book, standing
        self.entity_id, self.country, self.client_class = entity_id, country, client_class
        self.language, self.blocked = language, bool(blocked)
        self.qualifying, self.window_from = qualifying, window_from
        self.level_id, self.level_since, self.grace_until = level_id, level_since, grace_until
        self.kept_until, self.decisions = kept_until, decisions
        self.history: list[tuple[int, int]] = []  # (from when, level), in order
        self.old_days: dict[int, int] | None = None  # see tiers/climber.py
        self.cap_used: dict[tuple[int, int], int] = {}  # (rule, day) → points
        self.effects: dict[int, Effects] = {}  # by activity: the chains of corrections that this round touches
        self.foreign: set[int] = set()  # activities that correct or bust what belongs to somebody else
        # Lessons that rules have paid for, as far as the round looks at lessons: by activity the key, and when passed.
        self.lessons: dict[int, tuple[str, int]] = {}
        self.happenings: list[Happening] = []
        # What the member plays; None where nobody has loaded it, as where nothing is counted.
        self.time_zone = "UTC"
        self.erased = False  # then nothing more is kept of them but what the ledger proves
        self.entries: Entries | None = None
        self.badges: Badges | None = None
        self.habits: Habits | None = None
        self.own: OwnRules = NOTHING_SET
        # What the round found.
        self.new_decisions: list[tuple[int, int, int, int, int, str]] = []
        self.new_history: list[tuple[int, int, int, int, int | None]] = []
        self.qualifying_deltas: dict[int, int] = {}
        self.cap_drawn: set[tuple[int, int]] = set()  # counters to write
        self.messages: list[tuple[str, dict[str, Any], int]] = []
        self.qualified: list[tuple[int, int, int]] = []  # by challenges, for the tier step: (points, day, from when)
        # Verified activities that count for nothing any more: (activity, by which, its place, since when there).
        self.taken_back: list[tuple[int, int, int, int]] = []

    def used(self, rule_id: int, first: int, last: int) -> int:
        """Points a rule has given on these days."""
        cap_used = self.cap_used
        if first == last:
            return cap_used.get((rule_id, first), 0)
        return sum(points for (rule, day), points in cap_used.items() if rule == rule_id and first <= day <= last)

    def count_cap(self, rule_id: int, day: int, points: int) -> None:
        """Draw on a rule's counter, or give back with a negative figure."""
        key = (rule_id, day)
        self.cap_used[key] = self.cap_used.get(key, 0) + points
        self.cap_drawn.add(key)

    def level_at(self, instant: int, base_level: int) -> int:
        """The level as it stood then; the base level before the first row."""
        found = base_level
        for effective_from, level_id in self.history:
            if effective_from > instant:
                break
            found = level_id
        return found
