"""What a member has been told, newest first."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Text, bindparam, text

from app.gamification.badges import messages as _badge_words  # noqa: F401
from app.gamification.challenges import messages as _challenge_words  # noqa: F401
from app.gamification.ledger import messages as _point_words  # noqa: F401
from app.gamification.members import messages as _member_words  # noqa: F401
from app.gamification.messages import choices
from app.gamification.messages.topics import TOPICS, Topic, topic_of
from app.gamification.messages.topics import calm as is_calm
from app.gamification.messages.wording import WORDS, Wording
from app.gamification.questions import messages as _question_words  # noqa: F401
from app.gamification.statements import messages as _statement_words  # noqa: F401
from app.gamification.streaks import messages as _streak_words  # noqa: F401
from app.gamification.tiers import messages as _tier_words  # noqa: F401
from app.gamification.tiers.ladder import Ladder
from app.gamification.trading_accounts import messages as _account_words  # noqa: F401
from app.lib.clock import from_micros
from app.lib.periods import day_of
from app.models.base import plain_json, read_all, read_one

PAGE = 30
NEWEST = 2**31 - 1  # more than any number of a message
UNREAD = "unread"

_COLUMNS = "n.id, n.kind, n.facts, n.created_at, n.read_at"
_LATEST = text(f"SELECT {_COLUMNS} FROM message n WHERE n.member_id = :member ORDER BY n.id DESC LIMIT :most")
_PAGE = text(
    f"SELECT {_COLUMNS} FROM message n WHERE n.member_id = :member AND n.id < :before AND n.kind IN :kinds"
    " ORDER BY n.id DESC LIMIT :most"
).bindparams(bindparam("kinds", type_=Text, expanding=True))
_NEW = text(
    f"SELECT {_COLUMNS} FROM message n WHERE n.member_id = :member AND n.id < :before AND n.kind IN :kinds"
    " AND n.read_at IS NULL ORDER BY n.id DESC LIMIT :most"
).bindparams(bindparam("kinds", type_=Text, expanding=True))
_ONE = text(f"SELECT {_COLUMNS} FROM message n WHERE n.id = :id AND n.member_id = :member")
_UNREAD = text(
    "SELECT kind, count(*) AS number FROM message WHERE member_id = :member AND read_at IS NULL GROUP BY kind"
)
_CALM = text(
    f"SELECT {_COLUMNS} FROM message n WHERE n.member_id = :member AND {is_calm('n.kind')}"
    " ORDER BY n.id DESC LIMIT :most"
)


@dataclass(frozen=True)
class Told:
    """One message, as it is said."""

    wording: Wording
    at: datetime
    is_new: bool
    kind: str = ""
    id: int = 0

    @property
    def topic(self) -> Topic:
        """What it is about."""
        return topic_of(self.kind)


class Stretch(NamedTuple):
    """The messages of today, of yesterday or of the time before; one that `goes_on` began on the page before."""

    days_ago: int  # 0, 1, or 2 for all that is older
    goes_on: bool
    messages: tuple[Told, ...]


@dataclass(frozen=True)
class Topics:
    """What a reader can look at. `shown` is the topic or "unread" that was asked for, "" for all."""

    shown: str
    listed: tuple[Topic, ...]
    hidden: tuple[Topic, ...]  # turned off, and read only by who asks for them
    unread: Counter[str]  # by topic
    is_quiet: bool

    @property
    def unread_in_all(self) -> int:
        """How many the reader has not read, in what is shown without asking for a topic."""
        return sum(self.unread[topic.key] for topic in self.listed)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of messages that are shown."""
        return kinds_of([topic for topic in (*self.listed, *self.hidden) if topic.key == self.shown] or self.listed)


@dataclass(frozen=True)
class Inbox:
    """A page of messages, and what else there is."""

    topics: Topics
    stretches: tuple[Stretch, ...]
    older: tuple[int, int] | None  # the message below which there are others, and its day

    @property
    def newest(self) -> int:
        """The message that stands first; 0 where there is none."""
        return max((one.id for stretch in self.stretches for one in stretch.messages), default=0)


def latest(member_id: int, most: int, ladder: Ladder, language: str) -> tuple[Told, ...]:
    """The newest messages, for staff; those of a kind that nobody can say any more are left out."""
    return tuple(_told(read_all(_LATEST, {"member": member_id, "most": most}), ladder, language))


def calm(member_id: int, most: int, ladder: Ladder, language: str) -> tuple[Told, ...]:
    """The newest of what is shown in quiet mode too."""
    return tuple(_told(read_all(_CALM, {"member": member_id, "most": most}), ladder, language, is_quiet=True))


def said(
    kind: str,
    facts: Any,
    created_at: int,
    is_new: bool,
    ladder: Ladder,
    language: str,
    id: int = 0,
    *,
    is_quiet: bool = False,
) -> Told | None:
    """A stored message in words; None for a kind that nobody can say any more."""
    if kind not in WORDS:
        return None
    wording = WORDS[kind](plain_json(facts), ladder, language)
    return Told(wording.quietly() if is_quiet else wording, from_micros(created_at), is_new, kind, id)


def one(member_id: int, message_id: int, ladder: Ladder, language: str, *, is_quiet: bool) -> Told | None:
    """One message of a member's own; None for what is not."""
    row = read_one(_ONE, {"member": member_id, "id": message_id})
    return None if row is None else next(_told([row], ladder, language, is_quiet=is_quiet), None)


def topics_of(member_id: int, shown: str, *, is_quiet: bool) -> Topics:
    """What a member can look at, of which `shown` is open; what they cannot ask for counts as not asked.

    What they turned off stands apart; in quiet mode there is only what is calm. Two statements.
    """
    off = () if is_quiet else choices.hidden(member_id)
    listed = tuple(topic for topic in TOPICS if topic not in off and (topic.calm or not is_quiet))
    known = shown == UNREAD or any(topic.key == shown for topic in (*listed, *off))
    return Topics(shown if known else "", listed, off, unread(member_id), is_quiet)


def inbox(
    member_id: int,
    topics: Topics,
    *,
    now: datetime,
    zone: ZoneInfo,
    ladder: Ladder,
    language: str,
    before: int | None = None,
    day: int | None = None,
) -> Inbox:
    """A page of what a member was told, below the message `before`, which was of `day`."""
    values = {"member": member_id, "before": before or NEWEST, "kinds": sorted(topics.kinds), "most": PAGE + 1}
    rows = read_all(_NEW if topics.shown == UNREAD else _PAGE, values)
    older = None
    if len(rows) > PAGE:
        last = rows[PAGE - 1]
        older = last.id, day_of(from_micros(last.created_at), zone)
    today = day_of(now, zone)
    goes_on = None if day is None else _days_ago(day, today)
    told = _told(rows[:PAGE], ladder, language, is_quiet=topics.is_quiet)
    stretches = groupby(told, key=lambda one: _days_ago(day_of(one.at, zone), today))
    return Inbox(topics, tuple(Stretch(ago, ago == goes_on, tuple(some)) for ago, some in stretches), older)


def kinds_of(wanted: Iterable[Topic]) -> frozenset[str]:
    """The kinds of messages that can be said about some topics."""
    keys = {topic.key for topic in wanted}
    return frozenset(kind for kind in WORDS if topic_of(kind).key in keys)


def unread(member_id: int) -> Counter[str]:
    """How many a member has not read, by topic."""
    counted: Counter[str] = Counter()
    for row in read_all(_UNREAD, {"member": member_id}):
        if row.kind in WORDS:
            counted[topic_of(row.kind).key] += row.number
    return counted


def _told(rows: Iterable[Any], ladder: Ladder, language: str, *, is_quiet: bool = False) -> Iterator[Told]:
    for row in rows:
        is_new = row.read_at is None
        told = said(row.kind, row.facts, row.created_at, is_new, ladder, language, row.id, is_quiet=is_quiet)
        if told is not None:
            yield told


def _days_ago(day: int, today: int) -> int:
    return min(max(today - day, 0), 2)
