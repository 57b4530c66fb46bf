"""What a member wants to be told, by which channel, and how often by mail. Without a row, everything.

What was turned off for the app is written all the same, and not shown: turned on again, all of it is there. What was
turned off for mails is left out of summaries, and of the mails that a message has of its own.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from app.gamification.errors.messages import UnknownRhythm
from app.gamification.messages.topics import APP, BY_KEY, CHANNELS, MAIL, TOPICS, Topic
from app.lib.i18n import _l
from app.models.base import connection, read_all, read_one
from app.models.messages import Message, MessageChoice
from app.models.people import Member

NEVER, DAILY, WEEKLY = "never", "daily", "weekly"
RHYTHMS = {DAILY: _l("Every day"), WEEKLY: _l("Every Monday"), NEVER: _l("Never")}

Wanted = Collection[tuple[str, str]]  # (topic, channel)


class Choices(NamedTuple):
    """What a member chose, or what holds for who never did."""

    digest: str
    confirmed: bool  # whether mail may go to the address at all
    off: frozenset[tuple[str, str]]

    def wants(self, topic: Topic, channel: str) -> bool:
        """Whether the member is told of a topic by a channel."""
        return topic.kept or (topic.key, channel) not in self.off


_OFF = select(MessageChoice.topic, MessageChoice.channel).where(MessageChoice.member_id == bindparam("of_member"))
_MEMBER = select(Member.digest, Member.email, Member.email_verified_at).where(Member.id == bindparam("of_member"))
_NEWEST = select(func.max(Message.id)).where(Message.member_id == bindparam("of_member")).scalar_subquery()
_PRESENT = update(Member).where(Member.id == bindparam("of_member"), Member.erased_at.is_(None))
_SET_DIGEST = _PRESENT.values(digest=bindparam("rhythm"))
# Whoever begins to want summaries is not sent what is years old.
_BEGIN = _PRESENT.where(Member.digest == NEVER).values(digest_to=func.coalesce(_NEWEST, 0))
_FORGET = delete(MessageChoice).where(MessageChoice.member_id == bindparam("of_member"))
_KEEP = insert(MessageChoice)
_TURN_OFF = text(
    "INSERT INTO message_choice (member_id, topic, channel) VALUES (:of_member, :topic, :channel)"
    " ON CONFLICT (member_id, topic, channel) DO NOTHING"
)
_WANTS_NOT = select(MessageChoice.topic).where(
    MessageChoice.member_id == bindparam("of_member"),
    MessageChoice.topic == bindparam("of_topic"),
    MessageChoice.channel == bindparam("by_channel"),
)


def of(member_id: int) -> Choices:
    """What a member chose."""
    row = read_one(_MEMBER, {"of_member": member_id})
    off = frozenset((one.topic, one.channel) for one in read_all(_OFF, {"of_member": member_id}))
    return Choices(row.digest, row.email is not None and row.email_verified_at is not None, off)


def hidden(member_id: int) -> tuple[Topic, ...]:
    """The topics that a member does not want to see in the app."""
    off = {one.topic for one in read_all(_OFF, {"of_member": member_id}) if one.channel == APP}
    return tuple(topic for topic in TOPICS if topic.key in off and not topic.kept)


def wants_mail(member_id: int, topic: Topic) -> bool:
    """Whether a message of a topic may have a mail of its own. Inside an open transaction."""
    values = {"of_member": member_id, "of_topic": topic.key, "by_channel": MAIL}
    return topic.kept or connection().execute(_WANTS_NOT, values).first() is None


def save(member_id: int, digest: str, wanted: Wanted) -> None:
    """Store what a member wants; what is not in `wanted` is off. Inside an open transaction.

    Raises UnknownRhythm. Who was erased meanwhile has nothing stored.
    """
    if not _set_digest(member_id, digest):
        return
    conn, of_member = connection(), {"of_member": member_id}
    conn.execute(_FORGET, of_member)
    free = [topic for topic in TOPICS if not topic.kept]
    off = [(topic.key, channel) for topic in free for channel in CHANNELS if (topic.key, channel) not in wanted]
    if off:
        rows = [{"member_id": member_id, "topic": key, "channel": way} for key, way in off]
        conn.execute(_KEEP, rows)


def stop_summaries(member_id: int) -> None:
    """Send a member no summary any more. Inside an open transaction."""
    _set_digest(member_id, NEVER)


def stop_mails(member_id: int, topic: str) -> None:
    """Send a member no mail about a topic any more, unless it is one that nobody can turn off.

    Inside an open transaction.
    """
    if not BY_KEY[topic].kept:
        connection().execute(_TURN_OFF, {"of_member": member_id, "topic": topic, "channel": MAIL})


def _set_digest(member_id: int, rhythm: str) -> bool:
    """Whether there was a member to set it for, whose row is locked from now on."""
    if rhythm not in RHYTHMS:
        raise UnknownRhythm()
    conn: Any = connection()
    values: Mapping[str, Any] = {"of_member": member_id, "rhythm": rhythm}
    if rhythm != NEVER:
        conn.execute(_BEGIN, {"of_member": member_id})
    return bool(conn.execute(_SET_DIGEST, values).rowcount)
