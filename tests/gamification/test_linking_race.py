"""A delivery and a link that meet: whichever is first, what was reported is processed."""

import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.gamification import backlog, ingest, pipeline
from app.gamification.activities import BY_KEY, incoming
from app.gamification.members import enrolment
from app.lib import clock
from app.models.base import transaction

ACCOUNT = ("mt5", "Meridian-Live", "700")


@pytest.fixture
def ann(app: Flask) -> int:
    """A member without an account, processed so far."""
    with transaction():
        member_id = enrolment.enrol("ann@example.com", "Ann Lee", now=clock.now())
    pipeline.drain()
    return member_id


@pytest.fixture
def elsewhere(app: Flask) -> Iterator[Callable[[Callable[[], Any]], threading.Thread]]:
    """Runs something in another thread, with a connection of its own; waited for at the end."""
    threads: list[threading.Thread] = []

    def start(work: Callable[[], Any]) -> threading.Thread:
        def inside() -> None:
            with app.app_context():
                work()

        threads.append(threading.Thread(target=contextvars.Context().run, args=(inside,)))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.join()


def link(member_id: int) -> None:
    with transaction():
        enrolment.link(member_id, *ACCOUNT, now=clock.now())


def report() -> list[ingest.Result]:
    visit = incoming("a-1", BY_KEY["visit"], None, clock.now(), account=ACCOUNT)
    return ingest.accept(ingest.source("broker"), [visit], clock.now())


@pytest.mark.postgres
def test_an_account_that_is_linked_while_its_activity_is_stored(
    ann: int, elsewhere: Callable[..., threading.Thread], monkeypatch: pytest.MonkeyPatch
):
    with transaction():
        enrolment.connection().execute(
            enrolment._INSERT_ACCOUNT, dict(zip(("platform", "server", "login"), ACCOUNT, strict=True))
        )
    linking: list[threading.Thread] = []
    look_up = ingest._owners

    def look_up_then_wait(*arguments: Any) -> Any:
        owners = look_up(*arguments)
        linking.append(elsewhere(lambda: link(ann)))
        linking[0].join(2)
        return owners

    monkeypatch.setattr(ingest, "_owners", look_up_then_wait)
    with transaction():
        report()
    linking[0].join()
    assert backlog.read().queued == 1


@pytest.mark.postgres
def test_a_link_waits_for_the_delivery_that_is_being_stored(ann: int, elsewhere: Callable[..., threading.Thread]):
    with transaction():
        (result,) = report()
        linking = elsewhere(lambda: link(ann))
        linking.join(0.3)
        assert linking.is_alive()
    linking.join()
    assert result.status == ingest.Status.WAITING
    assert backlog.read().queued == 1


def test_what_waited_for_its_member_is_processed_once_linked(ann: int):
    with transaction():
        report()
    assert backlog.read().queued == 0
    link(ann)
    link(ann)
    assert backlog.read().queued == 1
    assert pipeline.drain() == 1
