"""Knowing that a server is about to stop this process, in time for what would keep it from stopping."""

import signal
import threading
from types import FrameType
from typing import Any

# By name: not every system has all of them.
STOPPING = {getattr(signal, name) for name in ("SIGTERM", "SIGQUIT", "SIGINT") if hasattr(signal, name)}
_asked = threading.Event()


def is_ending() -> bool:
    """Whether the process was asked to stop."""
    return _asked.is_set()


def listen() -> None:
    """Learn of it before the server's own handlers do what they do; where there are none nothing is changed.

    For the module that a server loads in its main thread, after it has set its handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in signal.valid_signals() & STOPPING:
        handler = signal.getsignal(number)
        if callable(handler) and handler is not signal.default_int_handler:
            signal.signal(number, _before(handler))


def _before(handler: Any) -> Any:
    def handle(number: int, frame: FrameType | None) -> None:
        _asked.set()
        handler(number, frame)

    return handle
