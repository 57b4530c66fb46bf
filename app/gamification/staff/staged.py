"""Files that somebody looked through and has yet to bring in: each is its owner's own, and dropped after a day."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select

from app.gamification.errors.desk import FileGone
from app.models.base import connection
from app.models.desk import StagedFile

KEPT = timedelta(days=1)

_DROP_OLD = delete(StagedFile).where(
    StagedFile.staff_id == bindparam("of_staff"), StagedFile.staged_at < bindparam("before")
)
_TAKE = (
    select(StagedFile.content)
    .where(
        StagedFile.id == bindparam("file_id"),
        StagedFile.staff_id == bindparam("of_staff"),
        StagedFile.purpose == bindparam("named"),
        StagedFile.staged_at >= bindparam("since"),
    )
    .with_for_update()
)
_DROP = delete(StagedFile).where(StagedFile.id == bindparam("file_id"))


def stage(staff_id: int, purpose: str, content: bytes, *, now: datetime) -> int:
    """Keep a file; its id. Inside an open transaction."""
    conn = connection()
    conn.execute(_DROP_OLD, {"of_staff": staff_id, "before": now - KEPT})
    values = {"staff_id": staff_id, "purpose": purpose, "content": content, "staged_at": now}
    file_id: int = conn.execute(insert(StagedFile).values(**values).returning(StagedFile.id)).scalar_one()
    return file_id


def take(staff_id: int, purpose: str, file_id: int, *, now: datetime) -> bytes:
    """The file, which is gone once the open transaction is committed. Raises FileGone, for others' files too."""
    values = {"file_id": file_id, "of_staff": staff_id, "named": purpose, "since": now - KEPT}
    row = connection().execute(_TAKE, values).first()
    if row is None:
        raise FileGone()
    connection().execute(_DROP, {"file_id": file_id})
    return bytes(row.content)
