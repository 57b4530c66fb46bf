"""What the clock does with streaks: on Mondays, when a week is over where the member lives."""

from structlog import get_logger

from app.gamification.streaks import telling
from app.lib import clock
from app.tasks.queue import periodic

log = get_logger(__name__)


@periodic("streaks.tell", minutes=30)
def tell() -> None:
    """Tell members how last week came out."""
    if told := telling.tell(clock.now()):
        log.info("streaks.told", told=told)
