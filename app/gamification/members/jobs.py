"""What the clock does with members: call those who leave, and erase them when their week is over."""

from structlog import get_logger

from app.gamification.members import leaving
from app.lib import clock
from app.tasks.queue import periodic

log = get_logger(__name__)


@periodic("members.leave", minutes=5)
def let_leave() -> int:
    """Remind who is erased tomorrow, and erase whose week is over; how many were erased."""
    now = clock.now()
    try:
        leaving.remind_due(now)
    finally:  # nobody stays for longer because somebody else could not be called
        erased = leaving.erase_due(now)
    if erased:
        log.info("members.left", erased=erased)
    return erased
