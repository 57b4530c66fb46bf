"""Handing out what is known of a person: what the law lets them ask for, to read and to take along."""

from datetime import datetime

from sqlalchemy import bindparam, select

from app.gamification import postbox
from app.gamification.audit import log
from app.gamification.brand import brand
from app.gamification.errors.members import MemberNotFound
from app.gamification.members import letters
from app.gamification.staff.rights import Right, hold
from app.models.base import connection
from app.models.people import Member

_THERE = select(Member.id).where(Member.id == bindparam("of_member"))
# Held, so that no mail is written to somebody who is being erased.
_TOLD = (
    select(Member.name, Member.email, Member.language)
    .where(Member.id == bindparam("of_member"), Member.erased_at.is_(None))
    .with_for_update(key_share=True)
)


def disclose(by: int | None, member_id: int, *, now: datetime) -> None:
    """Note that what is known of a member is handed out; `by` is None at the console. Inside an open transaction.

    Raises NotEntitled, MemberNotFound.
    """
    if by is not None:
        hold({by: Right.PRIVACY})
    if connection().execute(_THERE, {"of_member": member_id}).first() is None:
        raise MemberNotFound(member=member_id)
    log.record(by, "member.export", "member", member_id, now=now)


def disclose_list(by: int, *, now: datetime) -> None:
    """Note that somebody took a list of members away. Inside an open transaction; raises NotEntitled."""
    hold({by: Right.PRIVACY})
    log.record(by, "member.export_list", "member", now=now)


def take(member_id: int, *, now: datetime) -> None:
    """Let a member know that what is known of them is handed out to whoever is signed in as them.

    Not in the audit log, which is of what others did to them: see docs/decisions/19-leaving-and-taking-along.md. Inside
    an open transaction; raises MemberNotFound.
    """
    row = connection().execute(_TOLD, {"of_member": member_id}).first()
    if row is None:
        raise MemberNotFound(member=member_id)
    if row.email is not None:
        letter = letters.copy_taken(row.name, brand().name)
        postbox.send(letter, row.email, language=row.language, now=now, member_id=member_id)
