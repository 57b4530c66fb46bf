"""Telling a member something outside the pipeline's rounds."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from app.models.base import connection
from app.models.messages import Message

_TELL = insert(Message)
_TELL_MORE = (
    update(Message)
    .where(
        Message.member_id == bindparam("to_member"),
        Message.kind == bindparam("of_kind"),
        Message.created_at == bindparam("told_at"),
    )
    .values(facts=bindparam("in_all"), read_at=None)
)


def tell(member_id: int, kind: str, facts: Mapping[str, Any], *, now: datetime) -> None:
    """Write a message of a kind that `words_for` has registered. Inside an open transaction.

    `facts` hold ids and figures, and nothing by which somebody could be known.
    """
    connection().execute(_TELL, _row(member_id, kind, facts, now))


def tell_many(kind: str, facts: Mapping[int, Mapping[str, Any]], told: Collection[int] = (), *, now: datetime) -> None:
    """Write one message a member, by id. Whoever was `told` at this instant has that message changed instead.

    Inside an open transaction.
    """
    rows = [_row(member_id, kind, facts[member_id], now) for member_id in sorted(facts) if member_id not in told]
    if rows:
        connection().execute(_TELL, rows)
    for member_id in sorted(facts.keys() & set(told)):
        values = {"to_member": member_id, "of_kind": kind, "told_at": now, "in_all": dict(facts[member_id])}
        connection().execute(_TELL_MORE, values)


def _row(member_id: int, kind: str, facts: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {"member_id": member_id, "kind": kind, "facts": dict(facts), "created_at": now, "read_at": None}
