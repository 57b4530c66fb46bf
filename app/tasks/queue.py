"""The queue: a doorbell and a clock. The work itself is rows, so a lost ring or a killed worker loses nothing.

Handlers stand with their noun (`app/gamification/<noun>/jobs.py`), app/worker.py imports them:

    @job("outbox.deliver")
    def deliver() -> None: ...

    @periodic("ledger.take_root", at="00:10")
    def take_root() -> None: ...
"""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Any, TypeVar

from flask import Flask, current_app
from huey import Huey, RedisHuey
from huey.serializer import SignedSerializer
from huey.storage import MemoryStorage, SqliteStorage
from structlog import get_logger

from app.config import Settings
from app.models.base import after_commit, in_transaction

log = get_logger(__name__)

# A job that fails is tried again after 5, 15, 45, 135 and 405 seconds.
RETRIES, FIRST_DELAY, GROWTH = 5, 5, 3
HEARTBEAT = "heartbeat"

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True)
class Job:
    """A handler by its name; a periodic one also has its minutes, or its time of day in the programme's zone."""

    name: str
    handle: Callable[..., Any]
    minutes: int | None = None
    at: time | None = None


jobs: dict[str, Job] = {}


class UnknownJob(LookupError):
    """A ring for a job that no imported module handles."""


def job(name: str) -> Callable[[Handler], Handler]:
    """Register the handler of `ring(name, …)`; it opens its own transaction, and running twice does no harm."""
    return _register(name)


def periodic(name: str, *, minutes: int | None = None, at: str | None = None) -> Callable[[Handler], Handler]:
    """Register a handler that the worker rings every so many minutes, or once a day at `HH:MM` programme time.

    A daily job whose time passed while no worker ran is rung when one starts.
    """
    if (minutes is None) == (at is None):
        raise ValueError(f"{name}: give either minutes or a time of day")
    return _register(name, minutes, time.fromisoformat(at) if at else None)


def _register(name: str, minutes: int | None = None, at: time | None = None) -> Callable[[Handler], Handler]:
    def decorate(handle: Handler) -> Handler:
        if name in jobs:
            taken = jobs[name].handle
            raise ValueError(f"two handlers of the job {name!r}: {taken.__module__} and {handle.__module__}")
        jobs[name] = Job(name, handle, minutes, at)
        return handle

    return decorate


def ring(name: str, **values: Any) -> None:
    """Ask a worker to run a job soon; inside a transaction the bell sounds once that is committed.

    A bell that cannot be reached is logged and no error: the rows are there, and the sweep finds them.
    """
    bell = current_bell()
    if in_transaction():
        after_commit(lambda: bell.ring(name, values))
    else:
        bell.ring(name, values)


def run(name: str, **values: Any) -> Any:
    """Run a job's handler here and now; raises UnknownJob."""
    if name not in jobs:
        raise UnknownJob(f"no handler for the job {name!r}: is its module imported in app/worker.py?")
    return jobs[name].handle(**values)


class Bell:
    """The Huey queue of one application: on SQLite in the data folder, on Redis, or in memory for tests."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._lock = threading.Lock()
        self._made: tuple[Huey, Callable[[str, dict[str, Any]], Any]] | None = None

    @property
    def huey(self) -> Huey:
        """The queue that a consumer serves; made when first asked for, because most commands ring nothing."""
        return self._parts()[0]

    def _parts(self) -> tuple[Huey, Callable[[str, dict[str, Any]], Any]]:
        with self._lock:
            if self._made is None:
                huey = open_queue(self._settings)
                retrying = {"retries": RETRIES, "retry_delay": FIRST_DELAY, "retry_backoff": GROWTH}
                self._made = huey, huey.task(name="perform", **retrying)(self._perform)
            return self._made

    def _perform(self, name: str, values: dict[str, Any]) -> None:
        with self._app.app_context():
            run(name, **values)

    def ring(self, name: str, values: dict[str, Any]) -> None:
        """Put a job into the queue; logs and goes on where the queue does not answer."""
        try:
            self._parts()[1](name, values)
        except Exception as error:
            log.warning("the bell did not ring", job=name, error=str(error))

    def is_first(self, name: str, slot: int) -> bool:
        """Whether nobody asked for this turn of a periodic job before; of several workers one hears yes."""
        first: bool = self.huey.put_if_empty(f"{name}@{slot}", 1)
        if first:
            self.huey.delete(f"{name}@{slot - 1}")
        return first

    def beat(self, micros: int) -> None:
        """Leave a sign of life of a worker."""
        self.huey.put(HEARTBEAT, micros)

    def last_beat(self) -> int | None:
        """When a worker last left a sign of life, in microseconds; None when none ever did."""
        beat: int | None = self.huey.get(HEARTBEAT, peek=True)
        return beat


def open_queue(settings: Settings) -> Huey:
    """Huey on Redis where there is one, in memory for tests, else in the data folder."""
    # Tasks travel pickled; the signature keeps whoever can write to Redis from running code here.
    serializer = SignedSerializer(settings.installation_secret, salt="laurel-queue")
    options: dict[str, Any] = {"results": False, "serializer": serializer}
    if settings.redis_url:
        return RedisHuey("laurel", url=settings.redis_url, **options)
    if settings.env == "test":
        return Huey("laurel", storage_class=MemoryStorage, **options)
    settings.data.mkdir(parents=True, exist_ok=True)
    return Huey("laurel", storage_class=_QueueFile, filename=str(settings.data / "huey.db"), **options)


class _QueueFile(SqliteStorage):
    """A file that is not synced at every ring: a power cut may cost rings, which the sweep makes good."""

    def _create_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._create_connection()
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection


def init_queue(app: Flask, settings: Settings) -> None:
    """Give an application its queue; nothing is opened before the first ring."""
    app.extensions["laurel_bell"] = Bell(app, settings)


def current_bell() -> Bell:
    """The queue of the present application."""
    bell: Bell = current_app.extensions["laurel_bell"]
    return bell
