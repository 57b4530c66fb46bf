"""The bell: rung after the commit, heard by handlers, retried, and never in the way."""

import pickle
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from app.models.base import transaction
from app.tasks import queue
from app.tasks.queue import Bell, Job, current_bell, job, periodic, ring, run
from tests.support.queue import do_what_was_rung, forget_what_was_rung, handlers, noted


@pytest.fixture
def calls(app: Flask) -> Iterator[list[dict[str, Any]]]:
    """What the handler of `test.note` was called with."""
    noted_calls: list[dict[str, Any]] = []
    forget_what_was_rung()
    with handlers(Job("test.note", noted(noted_calls))):
        yield noted_calls
    forget_what_was_rung()


def test_a_handler_hears_the_values(calls: list[dict[str, Any]]):
    ring("test.note", member=7)
    assert calls == []
    assert do_what_was_rung() == 1
    assert calls == [{"member": 7}]


def test_inside_a_transaction_the_bell_waits_for_the_commit(calls: list[dict[str, Any]]):
    with transaction():
        ring("test.note", member=7)
        assert do_what_was_rung() == 0
    assert do_what_was_rung() == 1


def test_a_transaction_that_is_rolled_back_rings_nothing(calls: list[dict[str, Any]]):
    with pytest.raises(ZeroDivisionError), transaction():
        ring("test.note")
        _ = 1 / 0
    assert do_what_was_rung() == 0


def test_a_job_that_fails_is_tried_again_later(app: Flask):
    def fail() -> None:
        raise ValueError("not today")

    forget_what_was_rung()
    with handlers(Job("test.fail", fail)):
        ring("test.fail")
        do_what_was_rung()
    assert current_bell().huey.scheduled_count() == 1
    forget_what_was_rung()


def test_a_queue_that_does_not_answer_is_no_error(app: Flask, monkeypatch: pytest.MonkeyPatch):
    def unreachable(_settings: Settings) -> None:
        raise ConnectionError("no route to Redis")

    monkeypatch.setattr(queue, "open_queue", unreachable)
    Bell(app, app.extensions["laurel_settings"]).ring("test.note", {})


def test_a_job_may_be_run_here_and_now(calls: list[dict[str, Any]]):
    run("test.note", day=3)
    assert calls == [{"day": 3}]
    with pytest.raises(queue.UnknownJob, match=r"app/worker\.py"):
        run("test.unheard")


def test_two_handlers_of_one_name_are_refused():
    with handlers():
        job("test.twice")(print)
        with pytest.raises(ValueError, match="two handlers"):
            job("test.twice")(repr)


@pytest.mark.parametrize("turns", [{}, {"minutes": 5, "at": "00:10"}])
def test_a_periodic_job_has_either_minutes_or_a_time_of_day(turns: dict[str, Any]):
    with pytest.raises(ValueError, match="either"):
        periodic("test.confused", **turns)


def test_a_periodic_job_keeps_its_turns():
    with handlers() as known:
        periodic("test.often", minutes=5)(print)
        periodic("test.nightly", at="00:10")(print)
        assert known["test.often"].minutes == 5
        assert known["test.nightly"].at == time(0, 10)


@pytest.fixture(params=["file", "redis"])
def real_bell(request: pytest.FixtureRequest, app: Flask, tmp_path: Path) -> Bell:
    """A queue outside of the process."""
    redis_url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    return Bell(app, Settings(_env_file=None, env="development", data=tmp_path, redis_url=redis_url))  # type: ignore[call-arg]


def test_the_bell_reaches_another_process(real_bell: Bell, app: Flask):
    calls: list[Any] = []
    other = Bell(app, real_bell._settings)
    with handlers(Job("test.note", noted(calls))):
        real_bell.ring("test.note", {"member": 7})
        other.huey.execute(other.huey.dequeue())
    assert calls == [{"member": 7}]


def test_only_what_was_signed_is_run(real_bell: Bell):
    real_bell.huey.storage.enqueue(pickle.dumps(("not", "ours")))
    with pytest.raises(ValueError, match=r"[Ss]ignature|[Ss]eparator"):
        real_bell.huey.dequeue()


def test_a_worker_leaves_a_sign_of_life(real_bell: Bell, app: Flask):
    assert real_bell.last_beat() is None
    real_bell.beat(5)
    real_bell.beat(9)
    assert Bell(app, real_bell._settings).last_beat() == 9


def test_of_several_workers_one_takes_a_turn(real_bell: Bell, app: Flask):
    other = Bell(app, real_bell._settings)
    assert [real_bell.is_first("nightly", 4), other.is_first("nightly", 4), other.is_first("nightly", 5)] == [
        True,
        False,
        True,
    ]
    assert not real_bell.is_first("nightly", 5)
