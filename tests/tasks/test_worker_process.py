"""Worker processes as they run in earnest: started, stopped, killed in the middle of their work."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.config import Settings
from app.gamification import backlog, ingest
from app.gamification.activities import BY_KEY, LessonPassed, incoming
from app.gamification.ledger.verify import verify
from app.gamification.members import enrolment
from app.lib import clock
from app.models.base import read_one, transaction
from app.models.people import ClientClass
from tests.conftest import let_go_of_connections
from tests.house.source import ROOT
from tests.support import services
from tests.support.databases import ON_POSTGRES, empty_postgres
from tests.support.patience import wait_until

FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
MEMBERS, LESSONS = 20, 50


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation of its own, prepared."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("LAUREL_")}
    inner = {"LAUREL_DATA": str(tmp_path), "LAUREL_ENV": "development", "LAUREL_LOG_LEVEL": "WARNING"}

    def prepared(more: dict[str, str]) -> dict[str, str]:
        subprocess.run(
            [*FLASK, "prepare", "--base"], cwd=ROOT, env=outer | inner | more, check=True, capture_output=True
        )
        return outer | inner | more

    if not ON_POSTGRES:
        yield prepared({})
        return
    with empty_postgres(services.postgres_url(), f"{os.getpid()}_worker") as database:
        yield prepared({"LAUREL_DATABASE_URL": database.url})


@pytest.fixture
def installed(environ: dict[str, str], tmp_path: Path) -> Iterator[Flask]:
    """The same installation, looked at from here."""
    from app.factory import create_app

    url = environ.get("LAUREL_DATABASE_URL", "")
    app = create_app(Settings(_env_file=None, env="development", data=tmp_path, database_url=url))  # type: ignore[call-arg]
    with app.app_context():
        yield app
    let_go_of_connections(app)


def start(environ: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen([*FLASK, "worker"], cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True)


def stop(process: "subprocess.Popen[str]") -> tuple[int, str]:
    process.terminate()
    _, said = process.communicate(timeout=20)
    return process.returncode, said


def count(statement: str) -> Any:
    return read_one(text(statement))[0]


def test_it_works_leaves_a_sign_of_life_and_ends_within_seconds(environ: dict[str, str], installed: Flask):
    process = start(environ)
    try:
        with transaction():
            enrolment.enrol("ann@example.com", "Ann Lee", now=clock.now())
        wait_until(lambda: count("SELECT count(*) FROM decision") == 1)
        wait_until(installed.extensions["laurel_bell"].last_beat)
    finally:
        ended = stop(process)
    assert ended == (0, "")


def report_lessons() -> None:
    """A thousand lessons of twenty members, in deliveries of fifty."""
    now, professional = clock.now(), ClientClass.PROFESSIONAL
    with transaction():
        members = [
            enrolment.enrol(f"{n}@example.com", f"Member {n}", now=now, country="AE", client_class=professional)
            for n in range(MEMBERS)
        ]
    for lesson in range(LESSONS):
        data, then = LessonPassed(lesson=f"lesson {lesson}", score=80), now - timedelta(hours=LESSONS - lesson)
        items = [incoming(f"{lesson}:{n}", BY_KEY["lesson.passed"], data, then, member_id=n) for n in members]
        with transaction():
            ingest.accept(ingest.source("broker"), items, now + timedelta(seconds=lesson))


def test_a_worker_that_is_killed_in_the_middle_loses_nothing_and_counts_nothing_twice(
    environ: dict[str, str], installed: Flask
):
    report_lessons()
    everything = MEMBERS * (LESSONS + 1)
    assert backlog.read().queued == everything
    for share in (0.1, 0.4):
        process = start(environ | {"LAUREL_ROUND_ACTIVITIES": "5"})
        wait_until(lambda share=share: count("SELECT count(*) FROM decision") >= share * everything)
        process.kill()
        process.communicate()
    assert backlog.read().queued > 0
    two = [start(environ) for _ in range(2 if ON_POSTGRES else 1)]
    try:
        wait_until(lambda: backlog.read().queued == 0)
    finally:
        ended = [stop(process) for process in two]
    # The second may not have come up before there was nothing left to do.
    assert set(ended) <= {(0, ""), (-signal.SIGTERM, "")}
    assert count("SELECT count(*) FROM decision") == count("SELECT count(*) FROM activity") == everything
    assert count("SELECT count(DISTINCT lifetime) FROM wallet") == 1
    report = verify()
    assert (report.bad, report.wallets) == (None, MEMBERS)
