"""Puts what members were told into the order of its days: answers are written once the season has been played."""

from itertools import groupby

from sqlalchemy import text

from app.models.base import connection

_TOLD = text("SELECT id, member_id FROM message ORDER BY member_id, created_at, id")
_AWAY, _BACK = (
    text("UPDATE message SET id = -:now WHERE id = :before"),
    text("UPDATE message SET id = -id WHERE id < 0"),
)


def put_in_order() -> None:
    """Number each member's messages by time, among the numbers that they have. Inside an open transaction."""
    moved = []
    for _, told in groupby(connection().execute(_TOLD), key=lambda row: row.member_id):
        ids = [row.id for row in told]
        moved += [{"before": was, "now": is_} for was, is_ in zip(ids, sorted(ids), strict=True) if was != is_]
    if moved:
        connection().execute(_AWAY, moved)
        connection().execute(_BACK)
