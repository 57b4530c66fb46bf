"""What waits to be processed, and what went wrong on the way: for readiness, staff and the console."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.lib.clock import instant_of
from app.models.activity import Reason
from app.models.base import read_one

_BACKLOG = text(
    f"""
    SELECT (SELECT count(*) FROM activity_queue) AS queued,
           (SELECT min(recorded_at) FROM activity_queue) AS oldest,
           (SELECT count(*) FROM decision WHERE reason = {int(Reason.FAILED)}) AS failed,
           (SELECT count(*) FROM quarantine) AS quarantined,
           (SELECT count(*) FROM trading_account WHERE member_id IS NULL) AS unlinked
    """
)


@dataclass(frozen=True)
class Backlog:
    """`oldest_at` is when the activity that waits longest was recorded; `unlinked` counts accounts of nobody yet."""

    queued: int
    oldest_at: datetime | None
    failed: int
    quarantined: int
    unlinked: int

    def age_seconds(self, now: datetime) -> float:
        """How long the oldest activity has been waiting; 0 when none does."""
        return max(0.0, (now - self.oldest_at).total_seconds()) if self.oldest_at else 0.0


def read() -> Backlog:
    """The backlog at this moment."""
    row = read_one(_BACKLOG)
    oldest = instant_of(row.oldest)
    return Backlog(row.queued, oldest, row.failed, row.quarantined, row.unlinked)
