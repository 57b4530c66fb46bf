"""What messages are about: the topics by which members read them, and choose what they want to be told.

A message's kind begins with the key of its topic (`tier.reached`), so that the database can tell the topic of a row.
"""

from dataclasses import dataclass

from app.lib.i18n import _l

APP, MAIL = "app", "mail"
CHANNELS = (APP, MAIL)


@dataclass(frozen=True)
class Topic:
    """Everything is told unless the member turned it off; what is `kept` cannot be.

    What is `calm` is shown in quiet mode too: it is about the account, not about the programme.
    """

    key: str
    title: str
    about: str
    icon: str
    tone: str = "brand"
    at_once: bool = False  # each has a mail of its own, so that no summary repeats it
    kept: bool = False
    calm: bool = False
    also: tuple[str, ...] = ()  # further beginnings of kinds

    @property
    def beginnings(self) -> tuple[str, ...]:
        """What its kinds begin with, before the dot."""
        return (self.key, *self.also)


EARNED = Topic("earned", _l("Points earned"), _l("Once a day, what the day before has earned."), "coins", "gold")
RELEASED = Topic("released", _l("Points released"), _l("When points that were held are yours to use."), "hourglass")
EXPIRING = Topic(
    "expiring", _l("Points that lapse"), _l("A week before points lapse, once for each date."), "calendar-clock", "warn"
)
TIER = Topic("tier", _l("Your level"), _l("When you reach a level, and before you would lose it."), "crown", "gold")
CHALLENGE = Topic(
    "challenge", _l("Challenges"), _l("When you complete one, and when a reward waits for you."), "target"
)
BADGE = Topic("badge", _l("Badges"), _l("When a badge becomes yours, or its next level."), "award", "violet")
STREAK = Topic("streak", _l("Streaks"), _l("When your week counts, and when a freeze protected it."), "flame")
ANSWERS = Topic(
    "question",
    _l("Answers"),
    _l("When we answer a question of yours. By mail at once, not in the summary."),
    "messages-square",
    at_once=True,
    calm=True,
)
ACCOUNT = Topic(
    "account",
    _l("Accounts and security"),
    _l("Your trading accounts, your statements, your sign-in and your membership."),
    "shield-check",
    kept=True,
    calm=True,
    also=("member", "statement"),
)

TOPICS: tuple[Topic, ...] = (EARNED, RELEASED, EXPIRING, TIER, CHALLENGE, BADGE, STREAK, ANSWERS, ACCOUNT)
BY_KEY = {topic.key: topic for topic in TOPICS}
_BY_BEGINNING = {beginning: topic for topic in TOPICS for beginning in topic.beginnings}

# Kinds of topics in summaries that were mailed on their own already.
MAILED_AT_ONCE = frozenset(
    {
        "account.confirmed",
        "account.declined",
        "member.leaving_tomorrow",
        "statement.approved",
        "statement.rejected",
    }
)


def topic_of(kind: str) -> Topic:
    """The topic of a kind of message; raises LookupError for one that belongs to none."""
    return _BY_BEGINNING[kind.partition(".")[0]]


def is_in_summaries(kind: str) -> bool:
    """Whether a message of this kind may stand in a mail that sums up what is new."""
    return not topic_of(kind).at_once and kind not in MAILED_AT_ONCE


def calm(column: str) -> str:
    """SQL: whether the kind in a column is shown in quiet mode too."""
    beginnings = [beginning for topic in TOPICS if topic.calm for beginning in topic.beginnings]
    return "(" + " OR ".join(f"{column} LIKE '{beginning}.%'" for beginning in beginnings) + ")"


def wanted(member: str, kind: str, channel: str = APP) -> str:
    """SQL: whether a member, by the column of the id, wants what the kind in a column is about by a channel."""
    return (
        f"NOT EXISTS (SELECT 1 FROM message_choice o WHERE o.member_id = {member} AND o.channel = '{channel}'"
        f" AND {kind} LIKE o.topic || '.%')"
    )
