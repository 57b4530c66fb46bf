"""The wall of badges and one badge of it, read for a member."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import text

from app.gamification.badges import holders, told
from app.gamification.badges.compiled import CompiledBadge
from app.gamification.badges.counts import Badges
from app.gamification.badges.law import Law, law_of
from app.gamification.badges.shown import (
    Award,
    State,
    Step,
    Tile,
    state_of,
    steps,
    tile,
)
from app.gamification.errors.badges import BadgeNotFound
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.law import standing_of
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.measures.trades import TradeFilter
from app.gamification.members.sign_ins import SignedIn
from app.gamification.policy.packs import Verdict
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l, _n
from app.models.base import read_all, read_one

CLOSEST = 3
EASY = 3
_COUNTS = text("SELECT counts FROM badge_count WHERE member_id = :member")
_AWARDS = text(
    "SELECT badge_id, level, revision_id, awarded_at, points FROM badge_award"
    " WHERE member_id = :member AND fell_at IS NULL ORDER BY badge_id, level"
)

_REPORTED = _l("Counts what your broker and this programme report. What is cancelled or corrected does not count.")
_STANDING = _l("Follows from where you stand. It is looked at whenever something of yours is counted, and each night.")
_ONCE = _l("The same thing counts once, however often you do it.")
_BEFORE = _l("What you did before this badge was there counts too.")
_SINCE = _l("Counts from %(day)s on.")
_TEMPORARY = _l("It falls away when it is no longer true, and comes back when it is. Its points come once.")
_STAYS = _l("Once yours, it stays.")
_HOLDING = _n(
    "Only trades that were open for at least %(seconds)s second.",
    "Only trades that were open for at least %(seconds)s seconds.",
    "seconds",
)
_BY = _l("Complete the challenge “%(challenge)s”.")
_BY_NONE = _l("No challenge gives it now.")


class Held(NamedTuple):
    """What a member has: the counts, and the awards by badge and level."""

    counts: Badges
    awards: dict[int, dict[int, Award]]
    version: str  # of what was read, in a few letters

    def level(self, badge: CompiledBadge) -> int:
        return max(self.awards.get(badge.badge_id, ()), default=0)


@dataclass(frozen=True, slots=True)
class Group:
    """Badges of one kind; `held` of `count` are the member's."""

    key: str
    title: str
    tiles: tuple[Tile, ...]

    @property
    def held(self) -> int:
        return sum(tile.state == State.HELD for tile in self.tiles)


@dataclass(frozen=True, slots=True)
class Barred:
    """Badges that the law keeps from the member, and what it says."""

    law: Law
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Wall:
    """Everything on the page; `metals` are gold, silver and bronze, each badge by the highest level that is held."""

    groups: tuple[Group, ...]
    closest: tuple[Tile, ...]
    easy: tuple[Tile, ...]  # for whoever has none yet
    metals: tuple[int, int, int]
    held: int
    count: int
    barred: tuple[Barred, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """One badge in full."""

    badge_id: int
    tile: Tile
    about: Sentence | None
    steps: tuple[Step, ...]
    holders: holders.Share
    gives: tuple[int, ...]  # points by level; empty where it is recognition alone
    service_only: bool
    notes: tuple[Sentence, ...]
    law: Law | None
    held_since: datetime | None
    can_be_shared: bool


def held_by(me: SignedIn) -> Held:
    """What a member has."""
    row, rows = read_one(_COUNTS, {"member": me.id}), read_all(_AWARDS, {"member": me.id})
    awards: dict[int, dict[int, Award]] = {}
    for badge_id, level, revision_id, at, points in rows:
        awards.setdefault(badge_id, {})[level] = Award(level, revision_id, from_micros(at), points)
    counts = row.counts if row is not None else None
    version = blake2b(repr((counts, [tuple(row) for row in rows])).encode(), digest_size=9).hexdigest()
    mine = Badges(counts)
    if not me.decisions:
        mine.begin(compiled().play.counting)
    return Held(mine, awards, version)


def wall(me: SignedIn, held: Held) -> Wall:
    """The wall of a member."""
    play, standing = compiled().play, standing_of(me)
    offered = {badge.badge_id for badge in play.live_badges}
    barred: dict[Law, list[Tile]] = {}
    tiles: list[Tile] = []
    metals: Counter[int] = Counter()
    shares: list[tuple[int, Tile]] = []
    for badge in play.badges.values():
        level, is_offered = held.level(badge), badge.badge_id in offered
        one = tile(badge, held.counts, level, standing, offered=is_offered)
        if one.state == State.BARRED:
            law = law_of(badge, standing)
            if law is not None and not badge.definition.hidden:
                barred.setdefault(law, []).append(one)
        elif one.state != State.GONE:
            tiles.append(one)
            metals[level] += 1
            # What counts volume is not held out as something to hurry for.
            if one.next_words is not None and one.group != "trading" and (one.progress or 0) < 100:
                shares.append((one.progress or 0, one))
    nearest = sorted(shares, key=lambda pair: -pair[0])[:CLOSEST]
    easy = [one for one in tiles if one.state == State.OPEN and one.group != "trading"]
    return Wall(
        _grouped(tiles),
        tuple(one for _, one in nearest),
        tuple(easy[:EASY]),
        (metals[3], metals[2], metals[1]),
        sum(one.state == State.HELD for one in tiles),
        len(tiles),
        tuple(Barred(law, tuple(those)) for law, those in barred.items()),
    )


def first_shown(me: SignedIn, held: Held) -> str:
    """The badge that stands beside the wall unbidden: the nearest, else one that is held; "" for whoever has none."""
    found = wall(me, held)
    ours = [one for group in found.groups for one in group.tiles if one.state == State.HELD]
    return next((one.key for one in (*found.closest, *ours)), "") if ours else ""


def detail(me: SignedIn, key: str, held: Held) -> Detail:
    """One badge in full. Raises BadgeNotFound, of a hidden one for whoever does not hold it too."""
    play, standing = compiled().play, standing_of(me)
    badge = play.badges_by_key.get(key)
    if badge is None:
        raise BadgeNotFound()
    level, offered = held.level(badge), badge in play.live_badges
    state = state_of(badge, level, standing, offered=offered)
    if state in (State.HIDDEN, State.GONE) or (state == State.BARRED and badge.definition.hidden):
        raise BadgeNotFound()
    awards = held.awards.get(badge.badge_id, {})
    verdict = badge.verdict(standing)
    ladder = steps(badge, held.counts, awards, standing)
    said = badge.definition
    return Detail(
        badge.badge_id,
        tile(badge, held.counts, level, standing, offered=offered),
        as_it_is(said.about) if said.about else None,
        ladder,
        holders.of(badge.badge_id),
        tuple(step.points for step in ladder) if any(step.points for step in ladder) else (),
        verdict == Verdict.SERVICE_ONLY,
        tuple(_notes(badge)),
        law_of(badge, standing) if state != State.HELD or verdict == Verdict.FORBID else None,
        awards[level].at if level else None,
        level > 0 and not said.hidden,
    )


def _grouped(tiles: Sequence[Tile]) -> tuple[Group, ...]:
    # Hidden ones stand at the end, so that nobody guesses their place among those published with them.
    ordered = sorted(tiles, key=lambda one: one.state == State.HIDDEN)
    groups = (
        Group(key, title, tuple(one for one in ordered if one.group == key)) for key, title in told.GROUPS.items()
    )
    return tuple(group for group in groups if group.tiles)


def _notes(badge: CompiledBadge) -> list[Sentence]:
    """What counts, and what becomes of it."""
    if badge.measured is None:
        return _given(badge)
    notes = [Sentence(_STANDING if badge.is_gauge else _REPORTED)]
    settings: Any = badge.measured.settings
    if isinstance(settings, TradeFilter) and settings.seconds:
        notes.append(Sentence(_HOLDING, {"seconds": settings.seconds}))
    if badge.is_keyed:
        notes.append(Sentence(_ONCE))
    if badge.since is not None:
        notes.append(Sentence(_SINCE, {"day": from_micros(badge.since)}))
    elif not badge.is_gauge:
        notes.append(Sentence(_BEFORE))
    notes.append(Sentence(_TEMPORARY if badge.definition.temporary else _STAYS))
    return notes


def _given(badge: CompiledBadge) -> list[Sentence]:
    """Which challenges give it."""
    challenges = [one for one in compiled().play.live if one.definition.reward.badge == badge.key]
    if not challenges:
        return [Sentence(_BY_NONE)]
    return [Sentence(_BY, {"challenge": one.definition.name}) for one in challenges]
