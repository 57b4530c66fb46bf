"""What the clock does with messages: tell of the day that has ended and of what lapses, and sum up by mail."""

from structlog import get_logger

from app.gamification.messages import daily, digest
from app.lib import clock
from app.tasks.queue import periodic

log = get_logger(__name__)


@periodic("messages.tell_earned", at="00:20")
def tell_earned() -> int:
    """Tell everyone what the day before has earned."""
    return _noted("messages.earned", daily.tell_earned(clock.now()))


@periodic("messages.tell_expiring", at="00:30")
def tell_expiring() -> int:
    """Tell everyone whose points lapse within a week."""
    return _noted("messages.expiring", daily.tell_expiring(clock.now()))


@periodic("messages.write_digests", minutes=15)
def write_digests() -> int:
    """Write the summaries of those whose morning it is."""
    return _noted("messages.digests", digest.write_due(clock.now()))


def _noted(what: str, number: int) -> int:
    if number:
        log.info(what, number=number)
    return number
