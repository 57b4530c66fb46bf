"""Everything that is known of a person, part by part, as plain values; what is read of one part is read in stretches.

Sentences are left to whoever writes the file, in the reader's language. Left out is what would open the account
(passwords, the links in mails) and what is said of others (which of the staff did something). The words of a
journal are for who wrote them: whoever else hands a copy out gets it without.
"""

from collections.abc import Iterator
from datetime import datetime

from app.gamification.errors.members import MemberNotFound
from app.gamification.members.known import brought, history, person, played
from app.gamification.members.known.part import Part
from app.gamification.members.sign_ins import read_for_staff

__all__ = ["Part", "files", "parts"]

files = brought.files


def parts(member_id: int, now: datetime, *, own: bool = False) -> Iterator[Part]:
    """Everything known of a member; what only they may read, if `own`. Raises MemberNotFound."""
    me = read_for_staff(member_id, now)
    if me is None:
        raise MemberNotFound(member=member_id)
    yield from person.parts(me)
    yield from history.parts(me)
    yield from brought.parts(me.id)
    yield from played.parts(me, own)
    yield from person.parts_in_passing(me)
