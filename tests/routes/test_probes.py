"""What machines ask."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.lib import clock
from app.models.base import connection, transaction
from tests.support.cast import Person
from tests.support.queries import counted


def test_a_process_that_lives_says_so_without_the_database(client: FlaskClient):
    with counted() as statements:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert not statements and "Set-Cookie" not in answer.headers


def test_ready(client: FlaskClient):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "ready": True,
        "database": True,
        "migrations": True,
        "queued": 0,
        "oldest_queued_seconds": 0.0,
        "failed_decisions": 0,
        "problems": [],
        "warnings": [],
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_old_queue_is_a_warning_and_takes_nothing_out_of_service(client: FlaskClient, alice: Person):
    with transaction():
        hour_ago = clock.to_micros(clock.now()) - 3_600_000_000
        connection().execute(text("UPDATE activity_queue SET recorded_at = :at"), {"at": hour_ago})
    answer = client.get("/readyz")
    assert answer.status_code == 200 and answer.json["queued"] == 1
    assert 3599 < answer.json["oldest_queued_seconds"] < 3700
    assert "Is the worker running?" in answer.json["warnings"][0]


def test_a_database_of_another_version_is_not_ready(client: FlaskClient):
    with transaction():
        connection().execute(text("UPDATE alembic_version SET version_num = 'older'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json["database"] and not answer.json["migrations"]
    assert "flask --app wsgi prepare" in answer.json["problems"][0]


def test_a_database_that_is_gone_is_not_ready(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    from app.models import schema

    def gone() -> bool:
        raise OperationalError("SELECT 1", {}, Exception("password of the database"))

    monkeypatch.setattr(schema, "is_current", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json["problems"] == ["The database does not answer."]
    assert "password" not in answer.text
