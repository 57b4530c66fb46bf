"""A count of everybody that pages show: only who asks first waits for it, and it never keeps the database busy."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from structlog import get_logger

from app.lib.cache import Kept

log = get_logger(__name__)

Value = TypeVar("Value")

# Counting may take a hundredth of the time: what takes three seconds is counted every five minutes.
SHARE = 100
# Seconds after which nobody is shown what was counted last: who comes first on Monday waits for a count of today.
LONG_AGO = 3600


class Recount(Kept[Value]):
    """The result of `load()`, loaded anew beside the pages that ask for it once it is old; these show what there is,
    unless nobody has asked for long.

    It is old after `seconds`, or after a hundred times as long as counting took, whichever is longer.
    """

    def __init__(self, load: Callable[[], Value], seconds: float) -> None:
        super().__init__(self._timed(load), seconds)
        self._least = seconds

    def __call__(self) -> Value:
        value = self._value  # read once: another thread may forget it at any moment
        if value is None or time.monotonic() >= self._until + LONG_AGO:
            return super().__call__()
        if time.monotonic() >= self._until and self._lock.acquire(blocking=False):
            try:
                threading.Thread(target=self._again, name="recount", daemon=True).start()
            except RuntimeError:
                log.exception("no thread to count in")
                self._rest()
        return value

    def _again(self) -> None:
        try:
            self._value = self._load()
        except Exception:
            # What was counted last stands; the next one to ask once it is old again starts the next try.
            log.exception("a count could not be made again")
        finally:
            self._rest()

    def _rest(self) -> None:
        self._until = time.monotonic() + self._seconds
        self._lock.release()

    def _timed(self, load: Callable[[], Value]) -> Callable[[], Value]:
        def timed() -> Value:
            began = time.monotonic()
            value = load()
            self._seconds = max(self._least, SHARE * (time.monotonic() - began))
            return value

        return timed
