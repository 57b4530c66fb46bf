"""The way out of mails that nobody needs to sign in for: an address that is signed, and good for one thing only.

It holds whose mails, which of them, and a mark of the mail address, so that it dies with the address, and with whoever
is erased. Whoever has the link may end these mails, and can neither read nor change anything else.
"""

import hashlib
from typing import Any, NamedTuple

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import bindparam, select

from app.gamification.errors.messages import NoSuchUnsubscription
from app.gamification.messages import choices
from app.gamification.messages.choices import NEVER
from app.gamification.messages.topics import BY_KEY, MAIL, Topic
from app.models.base import connection, read_one
from app.models.messages import MessageChoice
from app.models.people import Member

SUMMARIES = "digest"
GOOD_FOR = 366 * 86_400  # seconds
LONGEST = 400  # characters; ours have some 90
_SALT = "laurel-unsubscribe-1"

_MEMBER = select(Member.id, Member.email, Member.language, Member.digest).where(
    Member.id == bindparam("of_member"), Member.erased_at.is_(None), Member.email.is_not(None)
)
_LOCK = _MEMBER.with_for_update(key_share=True)
_OFF = select(MessageChoice.topic).where(
    MessageChoice.member_id == bindparam("of_member"),
    MessageChoice.topic == bindparam("of_topic"),
    MessageChoice.channel == MAIL,
)


class Way(NamedTuple):
    """A way out that can be taken: of a topic's mails, or of summaries where `topic` is None."""

    member_id: int
    language: str
    topic: Topic | None
    is_taken: bool


class Links:
    """Makes and reads these addresses with the secret of an installation."""

    def __init__(self, installation_secret: str) -> None:
        self._serializer = URLSafeTimedSerializer(installation_secret, salt=_SALT)

    def address(self, member_id: int, email: str, what: str) -> str:
        """The way out of summaries, or of the mails about a topic, by its key."""
        return f"/unsubscribe?token={self._serializer.dumps([member_id, what, _mark(email)])}"

    def read(self, token: str) -> Way:
        """Where a link leads; raises NoSuchUnsubscription."""
        member_id, what, mark = self._open(token)
        row = _present(read_one(_MEMBER, {"of_member": member_id}), mark)
        if what == SUMMARIES:
            return Way(row.id, row.language, None, row.digest == NEVER)
        taken = read_one(_OFF, {"of_member": member_id, "of_topic": what}) is not None
        return Way(row.id, row.language, BY_KEY[what], taken)

    def take(self, token: str) -> Way:
        """End these mails; once more changes nothing. Inside an open transaction; raises NoSuchUnsubscription."""
        member_id, what, mark = self._open(token)
        row = _present(connection().execute(_LOCK, {"of_member": member_id}).first(), mark)
        if what == SUMMARIES:
            choices.stop_summaries(row.id)
            return Way(row.id, row.language, None, True)
        choices.stop_mails(row.id, what)
        return Way(row.id, row.language, BY_KEY[what], True)

    def _open(self, token: str) -> tuple[int, str, str]:
        try:
            if len(token) > LONGEST:
                raise NoSuchUnsubscription()
            member_id, what, mark = self._serializer.loads(token, max_age=GOOD_FOR)
        except (BadData, ValueError, TypeError):
            raise NoSuchUnsubscription() from None
        if not all(isinstance(part, kind) for part, kind in ((member_id, int), (what, str), (mark, str))):
            raise NoSuchUnsubscription()
        # Signed by us, and perhaps before a topic was given up.
        if what != SUMMARIES and (what not in BY_KEY or BY_KEY[what].kept):
            raise NoSuchUnsubscription()
        return member_id, what, mark


def _present(row: Any, mark: str) -> Any:
    if row is None or _mark(row.email) != mark:
        raise NoSuchUnsubscription()
    return row


def _mark(email: str) -> str:
    return hashlib.blake2b(email.encode(), digest_size=6).hexdigest()
