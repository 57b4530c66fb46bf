"""A value kept in the process for a short time: catalogue data that every page asks for."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The result of `load()`, loaded again when it is older than `seconds`.

    One thread loads, the others go on with the value at hand, so that a slow load never queues requests.
    """

    def __init__(self, load: Callable[[], Value], seconds: float = 1.0) -> None:
        self._load, self._seconds = load, seconds
        self._lock = threading.Lock()
        self._value: Value | None = None
        self._until = 0.0

    def __call__(self) -> Value:
        value = self._value  # read once: another thread may forget it at any moment
        if time.monotonic() < self._until and value is not None:
            return value
        if self._lock.acquire(blocking=value is None):
            try:
                value = self._value
                if time.monotonic() >= self._until or value is None:
                    value = self._value = self._load()
                    self._until = time.monotonic() + self._seconds
            finally:
                self._lock.release()
        assert value is not None
        return value

    def forget(self) -> None:
        """Drop the value: the next call loads."""
        with self._lock:
            self._value, self._until = None, 0.0
