"""Having read one's messages."""

from datetime import datetime

from sqlalchemy import text

from app.lib.clock import to_micros
from app.models.base import connection

_READ = text("UPDATE message SET read_at = :now WHERE member_id = :member AND read_at IS NULL")


def read_all_of(member_id: int, *, now: datetime) -> None:
    """Mark everything the member was told as read. Inside an open transaction."""
    connection().execute(_READ, {"member": member_id, "now": to_micros(now)})
