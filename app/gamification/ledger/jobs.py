"""What the clock does with points: release held ones, lapse old ones, take the nightly root."""

from app.gamification.ledger import lapsing, verify
from app.lib import clock
from app.models.base import settings
from app.tasks.queue import periodic


@periodic("ledger.release_due", minutes=1)
def release_due() -> int:
    """Make held points available whose time has come."""
    return lapsing.release_due(clock.now())


@periodic("ledger.expire_due", minutes=1)
def expire_due() -> int:
    """Lapse points whose time has come."""
    return lapsing.expire_due(clock.now())


@periodic("ledger.take_root", at="00:10")
def take_root() -> None:
    """Store the root over all chains as they stand after the day that has ended."""
    verify.take_root(clock.now(), settings().data)
