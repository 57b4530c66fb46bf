"""Telling a member something outside the pipeline's rounds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from app.models.base import connection
from app.models.messages import Message

_TELL = insert(Message)


def tell(member_id: int, kind: str, facts: Mapping[str, Any], *, now: datetime) -> None:
    """Write a message of a kind that `words_for` has registered. Inside an open transaction.

    `facts` hold ids and figures, and nothing by which somebody could be known.
    """
    connection().execute(
        _TELL, {"member_id": member_id, "kind": kind, "facts": dict(facts), "created_at": now, "read_at": None}
    )
