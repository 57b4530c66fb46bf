"""What tests need beside Python, where it is looked for, and what to do when it is missing."""

import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

DATABASE_URL = "postgresql://postgres@127.0.0.1:5432/test"
REDIS_URL = "redis://127.0.0.1:6379"


def answers(url: str) -> bool:
    """Whether something listens at the address's host and port."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=2):
            return True
    except OSError:
        return False


def chromium() -> str | None:
    """The path of the system's Chromium, which is the only browser the tests drive."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def postgres_url() -> str:
    """The server that holds the databases of the tests; its role must be a superuser."""
    return os.environ.get("TEST_DATABASE_URL") or DATABASE_URL


def redis_url() -> str:
    """The Redis of the tests."""
    return os.environ.get("TEST_REDIS_URL") or REDIS_URL


@dataclass(frozen=True)
class Service:
    name: str
    is_there: Callable[[], bool]
    remedy: Callable[[], str]

    def missing(self) -> str | None:
        """Why tests that need it cannot run and what enables them; None when they can."""
        return None if self.is_there() else f"{self.name} is missing. To run these tests: {self.remedy()}"

    def require(self) -> None:
        """Skip the running test without it; fail it where `CI` says that nothing may be missing."""
        if reason := self.missing():
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


CHROMIUM = Service("Chromium", lambda: chromium() is not None, lambda: "apt-get install chromium")
POSTGRES = Service(
    "PostgreSQL",
    lambda: answers(postgres_url()),
    lambda: f"start the server at {postgres_url()}, or set TEST_DATABASE_URL to one where you are superuser",
)
REDIS = Service(
    "Redis",
    lambda: answers(redis_url()),
    lambda: f"start the server at {redis_url()} (redis-server --port 6379), or set TEST_REDIS_URL",
)
