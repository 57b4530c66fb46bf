"""Having read one's messages."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Text, bindparam, text

from app.lib.clock import to_micros
from app.models.base import connection

_READ = text(
    "UPDATE message SET read_at = :now WHERE member_id = :member AND read_at IS NULL AND id <= :newest"
    " AND kind IN :kinds"
).bindparams(bindparam("kinds", type_=Text, expanding=True))
_READ_ONE = text("UPDATE message SET read_at = coalesce(read_at, :now) WHERE member_id = :member AND id = :id")


def read_all_of(member_id: int, kinds: Collection[str], newest: int, *, now: datetime) -> None:
    """Mark what the member was told as read, up to the newest that they have seen. Inside an open transaction."""
    values = {"member": member_id, "kinds": sorted(kinds), "newest": newest, "now": to_micros(now)}
    connection().execute(_READ, values)


def read_one(member_id: int, message_id: int, *, now: datetime) -> bool:
    """Mark one message as read; whether the member has it. Inside an open transaction."""
    values = {"member": member_id, "id": message_id, "now": to_micros(now)}
    return bool(connection().execute(_READ_ONE, values).rowcount)
