"""What the clock does with levels: each night, once the day's sums are whole."""

from structlog import get_logger

from app.gamification.tiers.reassessment import reassess
from app.gamification.tiers.settling import settle
from app.lib import clock
from app.tasks.queue import periodic

log = get_logger(__name__)


@periodic("tiers.settle", minutes=1)
def settle_all() -> None:
    """Bring everyone's sums into the window of a ladder that was just published; nearly always there is none."""
    if changed := settle():
        log.info("tiers.settled", changed=changed)


@periodic("tiers.reassess", at="00:05")
def reassess_all() -> None:
    """Bring everyone's window and level to where they stand today."""
    done = reassess(clock.now())
    log.info("tiers.reassessed", changed=done.changed, risen=done.risen, fallen=done.fallen, warned=done.warned)
