"""What the clock does with rest days: decide those that are over."""

from structlog import get_logger

from app.gamification.habits import rest
from app.lib import clock
from app.tasks.queue import periodic

log = get_logger(__name__)


@periodic("habits.rest", minutes=15)
def decide() -> None:
    """Look through the rest days that ended some hours ago."""
    kept, broken = rest.decide(clock.now())
    if kept or broken:
        log.info("habits.rest", kept=kept, broken=broken)
