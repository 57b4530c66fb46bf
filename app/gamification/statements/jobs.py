"""What the clock does with members' files: forget those that nobody confirmed."""

from app.gamification.statements import work
from app.lib import clock
from app.tasks.queue import periodic


@periodic("statements.drop_old", minutes=15)
def drop_old() -> int:
    """Drop files a day after they were sent, unless they were confirmed."""
    return work.drop_old(clock.now())
