"""What the clock does with figures: fold what was tallied."""

from app.gamification.insight import rollup
from app.lib import clock
from app.tasks.queue import periodic


@periodic("insight.fold", minutes=1)
def fold() -> int:
    """Fold everything tallied into the figures of its days."""
    return rollup.fold(clock.now())
