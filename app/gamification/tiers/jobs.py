"""What the clock does with levels: each night, once the day's sums are whole."""

from structlog import get_logger

from app.gamification.tiers.reassessment import reassess
from app.lib import clock
from app.tasks.queue import periodic

log = get_logger(__name__)


@periodic("tiers.reassess", at="00:05")
def reassess_all() -> None:
    """Bring everyone's window and level to where they stand today."""
    done = reassess(clock.now())
    log.info("tiers.reassessed", changed=done.changed, risen=done.risen, fallen=done.fallen, warned=done.warned)
