"""A worker that is killed in the middle of somebody's history: the page says how far it is, and nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification.ledger import verify
from app.gamification.statements import imports, work
from app.models.base import connection, read_one, transaction
from tests.conftest import let_go_of_connections
from tests.routes.member.bringing import look, shown
from tests.support.bringing import RULE, file_of
from tests.support.cast import Person, post, sign_in
from tests.support.databases import Database
from tests.support.play import balances
from tests.support.programmes import end_all_rules, publish

ROOT = Path(__file__).resolve().parents[3]
ROWS = 3000


@contextmanager
def worker(data: Path, url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker process of its own on this test's database."""
    environ = os.environ | {
        "LAUREL_ENV": "test",
        "LAUREL_DATA": str(data),
        "LAUREL_DATABASE_URL": url,
        "LAUREL_LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", "worker"], cwd=ROOT, env=environ)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def done() -> int:
    return int(read_one(text("SELECT done FROM statement_import")).done)


def wait_until_some_is_stored() -> int:
    deadline = time.monotonic() + 60
    while not (stored := done()) > 0:
        assert time.monotonic() < deadline, "the worker stores nothing"
        time.sleep(0.005)
    return stored


def test_a_killed_worker_loses_nothing_and_counts_nothing_twice(
    app: Flask, client: FlaskClient, alice: Person, data_folder: Path, database: Database
):
    end_all_rules()
    publish("lots", RULE)
    page = look(sign_in(client, alice), file_of(*range(1, ROWS + 1), lots="0.10"))
    import_id = int(page.rpartition("/")[2])
    expected = imports.one(alice.id, import_id)
    post(client, f"{page}/confirmation")

    with worker(data_folder, database.url) as process:
        stored = wait_until_some_is_stored()
        os.kill(process.pid, signal.SIGKILL)
        process.wait(20)
    assert stored < ROWS, "the worker was killed in the middle"
    assert "Being stored" in shown(client, page)

    # Half a minute later the next worker may take up what the dead one had begun to read.
    with transaction():
        connection().execute(text("UPDATE statement_import SET leased_until = NULL"))
    let_go_of_connections(app)
    work.drain()
    found = imports.one(alice.id, import_id)
    assert (found.state, found.counted, found.earning, found.points) == ("stored", ROWS, ROWS, expected.points)
    assert balances(alice.id)[:2] == (0, expected.points)
    assert "points wait for your broker" in shown(client, page)
    assert verify.verify().bad is None
