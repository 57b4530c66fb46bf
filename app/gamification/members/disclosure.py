"""Handing out what is known of a person: what the law lets them ask for, to read and to take along."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from app.gamification.audit import log
from app.gamification.errors.members import MemberNotFound
from app.gamification.members.known import Part
from app.gamification.staff.rights import Right, hold
from app.models.base import connection
from app.models.people import Member

_THERE = select(Member.id).where(Member.id == bindparam("of_member"))


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


def written(part: Part, say: Callable[[Any], str]) -> Iterator[str]:
    """A part as JSON, piece by piece; `say` writes what JSON has no word for: instants, days, decimals, sentences."""
    yield "["
    for place, entry in enumerate(part.entries):
        yield (",\n" if place else "\n") + json.dumps(entry, ensure_ascii=False, default=say)
    yield "\n]\n"
