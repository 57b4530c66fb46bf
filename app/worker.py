"""The worker process: folds activities into points, keeps the clock, and runs the jobs that are rung for."""

import signal
import threading
import time
from collections.abc import Callable

from flask import Flask
from huey.consumer import Consumer
from sqlalchemy import text
from structlog import get_logger

# Handlers register themselves when they are imported; what is missing here never runs.
from app.gamification import brand, pipeline
from app.gamification.audit import jobs as audit_jobs  # noqa: F401
from app.gamification.badges import jobs as badge_jobs  # noqa: F401
from app.gamification.challenges import jobs as challenge_jobs  # noqa: F401
from app.gamification.habits import jobs as habit_jobs  # noqa: F401
from app.gamification.handoff import jobs as handoff_jobs  # noqa: F401
from app.gamification.insight import jobs as insight_jobs  # noqa: F401
from app.gamification.ledger import jobs as ledger_jobs  # noqa: F401
from app.gamification.members import jobs as member_jobs  # noqa: F401
from app.gamification.messages import jobs as message_jobs  # noqa: F401
from app.gamification.statements import jobs as statement_jobs  # noqa: F401
from app.gamification.statements import work as statement_work
from app.gamification.streaks import jobs as streak_jobs  # noqa: F401
from app.gamification.tiers import jobs as tier_jobs  # noqa: F401
from app.lib import clock
from app.models.base import db, give_way, is_sqlite, read_one, reader
from app.tasks import outbox  # noqa: F401
from app.tasks.queue import Bell
from app.tasks.schedule import Schedule

log = get_logger(__name__)

POLL_SECONDS = 0.1
FEW, GATHER_SECONDS = 50, 0.05
CLOCK_SECONDS = 5.0
VACUUM_EVERY = 10_000
JOB_THREADS = 2
# Shorter than what run.py and the usual supervisors wait before they kill.
SECONDS_TO_FINISH = 15
LONGEST_WAIT, TRIES = 30.0, 10

_ANY_QUEUED = text("SELECT 1 FROM activity_queue LIMIT 1")


class JobRunner(Consumer):
    """Huey's threads, which leave signals and their own deaths to the worker."""

    def is_whole(self) -> bool:
        """Whether every thread is alive."""
        return all(thread.is_alive() for thread in (self.scheduler, *(thread for _, thread in self.worker_threads)))

    def _set_signal_handlers(self) -> None:
        return


class Worker:
    """Three loops and the queue's consumer, each in its threads; a loop that cannot go on ends the process."""

    def __init__(self, app: Flask, round_activities: int) -> None:
        self._app, self._limit = app, round_activities
        self._bell: Bell = app.extensions["laurel_bell"]
        self._schedule = Schedule(self._bell)
        self._ending = threading.Event()
        self._failed = False
        self._deleted = 0

    def run(self) -> int:
        """Work until a signal or a failure; returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stop())
        consumer = JobRunner(
            self._bell.huey, workers=JOB_THREADS, periodic=False, max_delay=1.0, shutdown_timeout=SECONDS_TO_FINISH
        )
        consumer.start()
        loops = [
            threading.Thread(target=self._keep_on, args=(step,), name=step.__name__, daemon=True)
            for step in (self.fold, self.bring_in, self.tick)
        ]
        for loop in loops:
            loop.start()
        log.info("the worker is up")
        while not self._ending.wait(1.0):
            if not consumer.is_whole():
                self._fail("a thread of the queue died")
        deadline = time.monotonic() + SECONDS_TO_FINISH
        consumer.stop(graceful=True)
        for loop in loops:
            loop.join(max(0.1, deadline - time.monotonic()))
        log.info("the worker is down")
        return 1 if self._failed else 0

    def stop(self) -> None:
        """Finish what is at hand, then end."""
        self._ending.set()

    def _fail(self, why: str) -> None:
        log.critical("the worker ends", why=why)
        self._failed = True
        self.stop()

    def _keep_on(self, step: Callable[[], float]) -> None:
        """Repeat a step, which says how long to wait; a database that is away for a moment is waited for."""
        failures = 0
        while not self._ending.is_set():
            try:
                with self._app.app_context():
                    pause = step()
                failures = 0
            except Exception:
                failures += 1
                log.exception("a loop failed", loop=step.__name__, times_in_a_row=failures)
                if failures == TRIES:
                    self._fail(f"{step.__name__} failed {failures} times in a row")
                pause = min(LONGEST_WAIT, 0.5 * 2**failures)
            self._ending.wait(pause)

    def fold(self) -> float:
        """Process what is queued, round by round, until nothing is."""
        while read_one(_ANY_QUEUED) is not None and not self._ending.is_set():
            done = pipeline.run(self._limit)
            if not done:
                break  # other workers hold these members
            if not is_sqlite(reader()):
                self._vacuum_after(done)
            if done < FEW:
                # A round costs the same few statements for one activity as for hundreds: let some gather.
                return GATHER_SECONDS
            give_way()
        return POLL_SECONDS

    def bring_in(self) -> float:
        """Go on with the statements that members sent in, piece by piece, until none is left to do."""
        while not self._ending.is_set() and statement_work.run():
            give_way()
        return POLL_SECONDS

    def _vacuum_after(self, deleted: int) -> None:
        # Dead rows at the head of the queue make each claim dearer, faster than autovacuum comes round.
        self._deleted += deleted
        if self._deleted >= VACUUM_EVERY:
            self._deleted = 0
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM activity_queue")

    def tick(self) -> float:
        """Leave a sign of life and ring what is due."""
        now = clock.now()
        self._bell.beat(clock.to_micros(now))
        house = brand.brand()
        if house.is_set_up:
            self._schedule.ring_due(now, house.zone)
        return CLOCK_SECONDS
