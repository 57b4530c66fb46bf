"""The worker: it folds what is queued, hears the bell, stops when told to, and says so when it cannot go on."""

import ast
import contextvars
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app import worker as module
from app.gamification import backlog
from app.gamification.members import enrolment
from app.lib import clock
from app.models.base import read_one, transaction
from app.tasks.queue import Job, jobs, ring
from app.worker import Worker
from tests.house.source import sources
from tests.support.patience import wait_until
from tests.support.queue import forget_what_was_rung, handlers, noted


@pytest.fixture
def worker(app: Flask) -> Iterator[Worker]:
    """A worker of this process, which is told to end after the test; signals are put back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    forget_what_was_rung()
    one = Worker(app, 0)
    yield one
    one.stop()
    for number, handler in before.items():
        signal.signal(number, handler)
    forget_what_was_rung()


def join(email: str) -> int:
    with transaction():
        return enrolment.enrol(email, "Ann Lee", now=clock.now())


def test_it_folds_whatever_is_queued(worker: Worker):
    for number in range(3):
        join(f"ann{number}@example.com")
    assert backlog.read().queued == 3
    worker.fold()
    assert backlog.read().queued == 0
    assert read_one(text("SELECT count(*) FROM decision"))[0] == 3


def test_it_runs_what_is_rung_and_ends_well_when_told_to(worker: Worker, app: Flask):
    calls: list[Any] = []

    def live() -> None:
        with app.app_context():
            ring("test.note", member=7)
            wait_until(lambda: calls)
        worker.stop()

    with handlers(Job("test.note", noted(calls))):
        outside = threading.Thread(target=contextvars.Context().run, args=(live,))
        outside.start()
        assert worker.run() == 0
        outside.join()
    assert calls == [{"member": 7}]


def test_a_signal_ends_it_well(worker: Worker):
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    with handlers():
        assert worker.run() == 0


def test_a_loop_that_cannot_go_on_ends_the_process_with_an_error(worker: Worker, monkeypatch: pytest.MonkeyPatch):
    tries: list[float] = []

    def fold() -> float:
        tries.append(time.monotonic())
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(module, "LONGEST_WAIT", 0.01)
    monkeypatch.setattr(worker, "fold", fold)
    with handlers():
        assert worker.run() == 1
    assert len(tries) == module.TRIES


def test_a_database_that_is_back_soon_is_waited_for(worker: Worker, monkeypatch: pytest.MonkeyPatch):
    tries: list[int] = []

    def fold() -> float:
        tries.append(1)
        if len(tries) < module.TRIES:
            raise ConnectionError("away")
        worker.stop()
        return 0.0

    monkeypatch.setattr(module, "LONGEST_WAIT", 0.01)
    monkeypatch.setattr(worker, "fold", fold)
    with handlers():
        assert worker.run() == 0


def test_a_dead_thread_of_the_queue_ends_the_process_with_an_error(worker: Worker, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module.JobRunner, "is_whole", lambda self: False)
    with handlers():
        assert worker.run() == 1


@pytest.mark.postgres
def test_the_queue_is_vacuumed_after_many_deletes(worker: Worker, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "VACUUM_EVERY", 2)
    for number in range(2):
        join(f"ann{number}@example.com")
    worker.fold()
    vacuumed = text("SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'activity_queue'")
    wait_until(lambda: read_one(vacuumed)[0] > 0)


def literals(name: str) -> set[str]:
    """The first arguments of every call of a function in the application."""
    calls = (node for source in sources().values() for node in ast.walk(source.tree) if isinstance(node, ast.Call))
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == name
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def test_whatever_is_rung_or_has_turns_is_handled_by_the_worker():
    named = literals("ring") | literals("job") | literals("periodic")
    assert named
    assert named <= jobs.keys()
    assert {"ledger.release_due", "ledger.expire_due", "ledger.take_root", "tiers.reassess"} <= jobs.keys()
