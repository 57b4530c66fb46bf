"""The bell in tests: what was rung stays in memory until a test wants it done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app.tasks.queue import Job, current_bell, jobs


def do_what_was_rung() -> int:
    """Run every job that was rung, as a worker would; returns how many."""
    huey, done = current_bell().huey, 0
    while (task := huey.dequeue()) is not None:
        huey.execute(task)
        done += 1
    return done


def forget_what_was_rung() -> None:
    """Empty the queue, schedule and memory of the present application."""
    current_bell().huey.flush()


@contextmanager
def handlers(*only: Job) -> Iterator[dict[str, Job]]:
    """No handlers but these, for a while."""
    before = dict(jobs)
    jobs.clear()
    jobs.update({job.name: job for job in only})
    try:
        yield jobs
    finally:
        jobs.clear()
        jobs.update(before)


def noted(calls: list[Any]) -> Callable[..., None]:
    """A handler that notes what it was called with."""
    return lambda **values: calls.append(values)
