"""The words that a member is found by, kept beside the member: one index that serves both databases alike."""

from sqlalchemy import bindparam, delete, insert, select

from app.gamification.members.names import words_of
from app.models.base import connection
from app.models.people import Member, MemberWord

_NAMED = select(Member.name, Member.alias, Member.email).where(Member.id == bindparam("of_member"))
_FORGET = delete(MemberWord).where(MemberWord.member_id == bindparam("of_member"))
_NOTE = insert(MemberWord)


def note(member_id: int) -> None:
    """Find the member by what they are called now. Inside an open transaction."""
    conn = connection()
    conn.execute(_FORGET, {"of_member": member_id})
    if words := words_of(*conn.execute(_NAMED, {"of_member": member_id}).one()):
        conn.execute(_NOTE, [{"word": word, "member_id": member_id} for word in sorted(words)])


def forget(member_id: int) -> None:
    """Find the member by no word any more. Inside an open transaction."""
    connection().execute(_FORGET, {"of_member": member_id})
