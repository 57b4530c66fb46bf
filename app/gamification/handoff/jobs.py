"""What the clock does with links of the broker's site: forget those that were used and have lapsed."""

from app.gamification.handoff import arriving
from app.lib import clock
from app.models.base import transaction
from app.tasks.queue import periodic


@periodic("handoff.forget", minutes=10)
def forget() -> int:
    """Forget the broker's links that nobody could use any more anyway; how many."""
    with transaction():
        return arriving.forget(clock.now())
