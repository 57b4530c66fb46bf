"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable
from typing import Any


def wait_until(question: Callable[[], Any], seconds: float = 120.0) -> None:
    """Ask again and again until the answer is yes; fail when it never is."""
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
