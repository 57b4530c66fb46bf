"""Requests that are refused as a whole: nothing of them is stored, and the answer says what to do."""

import gzip
import json
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.config import Settings
from app.gamification import ingest, keys
from app.lib import clock, signing
from app.models.base import read_one, transaction
from app.routes.api import activities
from tests.support.cast import Person
from tests.support.deliveries import ADDRESS, Sender, trade_sent

GOOD = json.dumps({"activities": [trade_sent("t-1")]}).encode()


def stored() -> int:
    return int(read_one(text("SELECT count(*) FROM activity WHERE kind = 1"))[0])


def refused(response, status: int, error: str) -> dict[str, str]:
    """The problem, after looking that it is one of that kind and has all its parts."""
    assert (response.status_code, response.json["error"]) == (status, error), response.text
    assert response.mimetype == "application/json"
    assert set(response.json) == {"error", "message", "next_step", "request_id"}
    assert all(response.json.values())
    assert response.json["request_id"] == response.headers["X-Request-ID"]
    assert stored() == 0
    problem: dict[str, str] = response.json
    return problem


def change_settings(app: Flask, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the running application have been started with other settings."""
    old = app.extensions["laurel_settings"]
    values = {"env": "test", "data": old.data, "database_url": old.database_url, **changes}
    monkeypatch.setitem(app.extensions, "laurel_settings", Settings(_env_file=None, **values))  # type: ignore[call-arg]


@pytest.mark.parametrize("header", ["X-Laurel-Key", "X-Laurel-Timestamp", "X-Laurel-Signature"])
def test_a_request_without_one_of_the_headers(broker: Sender, alice: Person, header: str):
    response = broker.send_body(GOOD, headers={header: None})
    refused(response, 401, "not_signed")
    assert "Laurel-HMAC-SHA256" in response.headers["WWW-Authenticate"]


def test_a_key_that_does_not_exist(broker: Sender, alice: Person):
    refused(broker.send_body(GOOD, headers={"X-Laurel-Key": "lk_0"}), 401, "unknown_key")


def test_a_key_that_was_revoked(broker: Sender, alice: Person):
    with transaction():
        keys.revoke(broker.key, now=clock.now())
    keys._live.forget()
    refused(broker.send_body(GOOD), 401, "unknown_key")


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
def test_a_timestamp_of_another_time(broker: Sender, alice: Person, seconds: int):
    stamp = str(int(time.time()) + seconds)
    refused(broker.send_body(GOOD, headers=broker.headers(GOOD, timestamp=stamp)), 401, "stale_timestamp")


@pytest.mark.parametrize("stamp", ["now", "1e9", "-1", "9" * 400, "１７７２６２５６００", "1772625600.5"])
def test_a_timestamp_that_is_no_number_of_seconds(broker: Sender, alice: Person, stamp: str):
    response = broker.send_body(GOOD, headers={"X-Laurel-Timestamp": stamp.encode().decode("latin-1")})
    refused(response, 401, "stale_timestamp")


@pytest.mark.parametrize("signature", ["v1=", "v1=" + "0" * 64, "v2=" + "0" * 64, "0" * 64, "ü"])
def test_a_signature_that_is_none(broker: Sender, alice: Person, signature: str):
    refused(broker.send_body(GOOD, headers={"X-Laurel-Signature": signature}), 401, "bad_signature")


def test_a_body_that_was_changed_on_the_way(broker: Sender, alice: Person):
    changed = GOOD.replace(b"0.50", b"9.50")
    refused(broker.send_body(changed, headers=broker.headers(GOOD)), 401, "bad_signature")


def test_a_signature_of_another_address(broker: Sender, alice: Person):
    response = broker.send_body(GOOD, target=f"{ADDRESS}?dry=1", headers=broker.headers(GOOD))
    refused(response, 401, "bad_signature")


def test_a_signature_by_another_key(app: Flask, broker: Sender, alice: Person):
    from tests.support.deliveries import new_sender

    other = new_sender(app)
    response = broker.send_body(GOOD, headers={"X-Laurel-Key": other.key})
    refused(response, 401, "bad_signature")


def test_the_query_is_signed_with_the_path(broker: Sender, alice: Person):
    assert broker.send_body(GOOD, target=f"{ADDRESS}?from=bridge%201&b=%C3%BC").status_code == 202


@pytest.mark.parametrize(
    "changes",
    [
        {"Content-Type": None},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "identity, gzip"},
    ],
)
def test_a_body_of_another_kind(broker: Sender, alice: Person, changes: dict[str, str | None]):
    body = gzip.compress(GOOD) if "Content-Encoding" in changes else GOOD
    refused(broker.send_body(body, headers=broker.headers(body) | changes), 415, "not_json")


@pytest.mark.parametrize("kind", ["application/json; charset=UTF-8", "Application/JSON;charset=utf8"])
def test_a_body_that_says_how_its_letters_are_written(broker: Sender, alice: Person, kind: str):
    assert broker.send_body(GOOD, headers={"Content-Type": kind}).status_code == 202


def test_a_body_that_is_too_large_is_not_read(app: Flask, broker: Sender, alice: Person, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1024)
    change_settings(app, monkeypatch, max_request_bytes=1024)
    body = GOOD + b" " * 1024
    # Said before the signature is asked for: nobody needs a key to learn it.
    refused(broker.send_body(body, headers={"X-Laurel-Key": None}), 413, "too_large")
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    refused(broker.send_body(body, environ_overrides=chunked), 413, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'"activities"',
        b'{"activities": {}}',
        b'{"activities": []}',
        b'{"activities": null}',
        b'{"activities": [1], "more": 1}',
        b'{"activities": [1]',
        b'{"activities": [1,]}',
        b"{'activities': [1]}",
        GOOD + b"x",
        GOOD + GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        b"[" * 100_000,
        b'{"activities": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
        b'{"activities": [' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"]}",
        b'{"activities": [{"id": "\\ud800"}]}',
        b'{"activities": [NaNa]}',
        b'{"activities": ["' + b'\\"' * 50_000 + b" NaN",
        json.dumps({"activities": [0] * 1001}).encode(),
    ],
    ids=lambda body: f"{body[:20]!r} {len(body)}",
)
def test_a_body_that_is_no_delivery(broker: Sender, alice: Person, body: bytes):
    started = time.process_time()
    problem = refused(broker.send_body(body), 422, "not_a_delivery")
    assert "1 to 1,000 activities" in problem["next_step"]
    assert time.process_time() - started < 1


def test_more_requests_than_the_key_may_send(app: Flask, broker: Sender, alice: Person, monkeypatch):
    change_settings(app, monkeypatch, api_rate="2/minute")
    body = b'{"activities": [0]}'
    assert [broker.send_body(body).status_code for _ in range(4)] == [202, 202, 429, 429]
    response = broker.send_body(GOOD)
    refused(response, 429, "too_many_requests")
    assert 1 <= int(response.headers["Retry-After"]) <= 61


def test_bad_signatures_do_not_use_up_what_the_key_may_send(app: Flask, broker: Sender, alice: Person, monkeypatch):
    change_settings(app, monkeypatch, api_rate="1/minute")
    for _ in range(3):
        broker.send_body(GOOD, headers={"X-Laurel-Signature": "v1=0"})
    assert broker.send_body(GOOD).status_code == 202


def test_a_database_that_is_busy_asks_to_try_again(broker: Sender, alice: Person, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def locked(*_):
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(activities.ingest, "accept", locked)
    response = broker.send_body(GOOD)
    refused(response, 503, "busy")
    assert response.headers["Retry-After"] == "1"
    monkeypatch.undo()
    assert broker.send_body(GOOD).json["accepted"] == 1
    assert ingest.accept is activities.ingest.accept


def test_a_key_sealed_under_another_secret_is_no_key(app: Flask, broker: Sender, alice: Person, monkeypatch):
    change_settings(app, monkeypatch, secret_key="another " * 8)
    refused(broker.send_body(GOOD), 401, "unknown_key")


def test_other_methods_and_addresses_answer_in_json(broker: Sender, alice: Person):
    response = broker.client.get(ADDRESS)
    assert (response.status_code, response.json["error"]) == (405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]
    assert broker.client.post("/api/v1/nothing").json["error"] == "not_found"


def test_a_signed_request_starts_no_session(broker: Sender, alice: Person):
    assert "Set-Cookie" not in broker.send_body(GOOD).headers


# Made with openssl: printf 'POST\n/api/v1/activities\n1772625600\n{"activities":[]}' | openssl dgst -sha256 -hmac secret
@pytest.mark.parametrize(
    ("target", "body", "expected"),
    [
        (
            "/api/v1/activities",
            b'{"activities":[]}',
            "daa1c195c0e57b50e31768abcbbf058e64e391f69526264bedb8ba48ac22c6fd",
        ),
        (
            "/api/v1/activities?from=bridge%201",
            '{"activities":["ü"]}'.encode(),
            "b89d18d8788afcff0db2c509aa88356cedea843c092ed08524d6a30f8b69e260",
        ),
    ],
)
def test_signatures_are_what_other_tools_make(target: str, body: bytes, expected: str):
    assert signing.sign(b"secret", "post", target, "1772625600", body) == f"v1={expected}"
