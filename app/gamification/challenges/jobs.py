"""What the clock does with challenges."""

from app.gamification.challenges import sweep
from app.lib import clock
from app.tasks.queue import periodic


@periodic("challenges.settle_due", minutes=1)
def settle_due() -> int:
    """End the windows that are over, and complete what only had to wait."""
    return sweep.settle_due(clock.now())
