"""What the clock and publications do with badges."""

from structlog import get_logger

from app.gamification.badges import recounting
from app.gamification.badges.review import review
from app.tasks.queue import periodic

log = get_logger(__name__)


@periodic("badges.recount", minutes=1)
def recount() -> None:
    """Look through everyone for badges that were just published; nearly always there are none."""
    if counted := recounting.run():
        log.info("badges.recounted", members=counted)


@periodic("badges.review", at="00:20")
def review_all() -> None:
    """After the levels were looked at: badges that say where a member stands."""
    if changed := review():
        log.info("badges.reviewed", members=changed)
