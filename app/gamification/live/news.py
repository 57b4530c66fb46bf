"""What a member is told in passing, while a page is open: the newest messages that are worth a word at once."""

from dataclasses import dataclass

from sqlalchemy import column, text

from app.gamification.ledger.outcome import compiled
from app.gamification.members.sign_ins import SignedIn
from app.gamification.messages import topics
from app.gamification.messages.reads import said
from app.gamification.messages.wording import Wording
from app.models.base import read_all

MOST = 3
# Never points: what trades earn shows in the balance, and nobody is cheered on for it.
WORTH_A_WORD = (topics.TIER, topics.CHALLENGE, topics.BADGE, topics.ANSWERS, topics.ACCOUNT)
_BEGINNINGS = " OR ".join(f"n.kind LIKE '{one}.%'" for topic in WORTH_A_WORD for one in topic.beginnings)

_UNREAD = text(
    f"""
    SELECT n.id, n.kind, n.facts, n.created_at FROM message n
    WHERE n.member_id = :member AND n.id > :after AND n.read_at IS NULL AND ({_BEGINNINGS})
        AND {topics.wanted("n.member_id", "n.kind")} AND (:quiet = 0 OR {topics.calm("n.kind")})
    ORDER BY n.id DESC LIMIT {MOST}
    """
).columns(*(column(name) for name in ("id", "kind", "facts", "created_at")))


@dataclass(frozen=True)
class News:
    """One message, as it is said."""

    id: int
    wording: Wording
    icon: str  # of what it is about


def since(me: SignedIn, after: int) -> tuple[News, ...]:
    """What came after a message and was not read yet, oldest first. One statement."""
    ladder = compiled().ladder
    rows = read_all(_UNREAD, {"member": me.id, "after": after, "quiet": int(me.is_quiet)})
    told = (
        (row.id, said(row.kind, row.facts, row.created_at, True, ladder, me.language, is_quiet=me.is_quiet))
        for row in reversed(rows)
    )
    return tuple(News(number, one.wording, one.topic.icon) for number, one in told if one is not None)
