"""What waits and what failed, and how it is tried again."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from app.gamification import pipeline
from app.lib import clock
from app.models.base import read_one
from tests.cli.conftest import Told


def test_the_status_says_what_waits_and_for_how_long(told: Told):
    assert told("activities", "status") == {
        "queued": 0,
        "oldest_seconds": 0,
        "failed": 0,
        "quarantined": 0,
        "unlinked_accounts": 0,
    }
    told("members", "create", "ann@example.com")
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        found = told("activities", "status")
    assert (found["queued"], found["oldest_seconds"] // 60) == (1, 2)


@pytest.fixture
def failed(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two members whose joining could not be processed; the cause is mended."""

    def broken(*_arguments: object) -> None:
        raise RuntimeError("a rule that nobody tried out")

    for email in ("ann@example.com", "bob@example.com"):
        told("members", "create", email)
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "STEPS", (broken,))
        pipeline.drain()


def test_what_failed_is_shown_and_tried_again(failed: None, told: Told):
    assert told("activities", "status")["failed"] == 2
    assert told("activities", "reprocess", "--failed") == {"queued": 2}
    pipeline.drain()
    assert told("activities", "status")["failed"] == 0
    assert read_one(text("SELECT count(*) FROM decision"))[0] == 2
    assert told("activities", "reprocess") == {"queued": 0}


def test_one_member_can_be_tried_alone(failed: None, told: Told):
    assert told("activities", "reprocess", "--member", "ann@example.com") == {"queued": 1}
    assert told("activities", "reprocess", "--member", "nobody@example.com", code=1)["error"] == "member_not_found"
