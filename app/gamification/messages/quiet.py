"""Quiet mode: points, challenges and all that invites to more are out of sight for some days. Nothing is lost."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, update

from app.gamification.errors.messages import UnknownQuietTime
from app.models.base import connection
from app.models.people import Member

DAYS = (7, 30, 90)

_SET = (
    update(Member)
    .where(Member.id == bindparam("of_member"), Member.erased_at.is_(None))
    .values(quiet_until=bindparam("until"))
)


def begin(member_id: int, days: int, *, now: datetime) -> datetime:
    """Let it be quiet from now on, for so many days; until when. Inside an open transaction.

    Who is in quiet mode already has the days counted anew. Raises UnknownQuietTime.
    """
    if days not in DAYS:
        raise UnknownQuietTime()
    until = now + timedelta(days=days)
    connection().execute(_SET, {"of_member": member_id, "until": until})
    return until


def end(member_id: int) -> None:
    """Show everything again. Inside an open transaction."""
    connection().execute(_SET, {"of_member": member_id, "until": None})
