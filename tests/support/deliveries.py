"""The broker's system, as the API meets it: signed deliveries and the activities in them."""

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.config import Settings
from app.gamification import keys
from app.lib import clock, signing
from app.lib.sealing import Sealer
from app.models.base import transaction

ADDRESS, ACCOUNTS = "/api/v1/activities", "/api/v1/accounts"
LIVE = {"platform": "mt5", "server": "Meridian-Live", "login": "5012345"}
_numbers = count(1)


@dataclass(frozen=True)
class Sender:
    """Holds a key and signs with it."""

    client: FlaskClient
    key: str
    secret: str

    def send(self, *activities: Any) -> TestResponse:
        """Deliver activities as JSON."""
        return self.send_body(json.dumps({"activities": activities}).encode())

    def results(self, *activities: Any) -> list[dict[str, Any]]:
        """Deliver activities that are taken as a delivery; what became of each."""
        response = self.send(*activities)
        assert response.status_code == 202, response.text
        results: list[dict[str, Any]] = response.json["results"]  # type: ignore[index]
        return results

    def send_body(
        self, body: bytes, *, target: str = ADDRESS, headers: Mapping[str, str | None] | None = None, **options: Any
    ) -> TestResponse:
        """Deliver these very bytes; `headers` replace those that belong to them, None leaves one out."""
        merged = {**self.headers(body, target), **(headers or {})}
        kept = {name: value for name, value in merged.items() if value is not None}
        return self.client.post(target, data=body, headers=kept, **options)

    def link(self, *accounts: Any) -> TestResponse:
        """Say whose accounts are, as JSON."""
        return self.send_body(json.dumps({"accounts": accounts}).encode(), target=ACCOUNTS)

    def read(self, target: str) -> TestResponse:
        """Ask an address for what it tells."""
        return self.client.get(target, headers=self.headers(b"", target, method="GET"))

    def headers(
        self, body: bytes, target: str = ADDRESS, timestamp: str | None = None, method: str = "POST"
    ) -> dict[str, str | None]:
        """The headers of a request signed now, or at the timestamp."""
        timestamp = timestamp or str(int(time.time()))
        return {
            "Content-Type": "application/json",
            "X-Laurel-Key": self.key,
            "X-Laurel-Timestamp": timestamp,
            "X-Laurel-Signature": signing.sign(self.secret.encode(), method, target, timestamp, body),
        }


def new_sender(app: Flask, source: str = keys.BROKER, scopes: Collection[str] = keys.USUAL) -> Sender:
    """A sender with a key of its own."""
    settings: Settings = app.extensions["laurel_settings"]
    with transaction():
        sealer = Sealer(settings.installation_secret)
        made = keys.create("Bridge", sealer, now=clock.now(), source_key=source, scopes=scopes)
    # Keys are kept for a second; this one is known at once.
    keys._live.forget()
    return Sender(app.test_client(), made.key, made.secret)


@pytest.fixture
def broker(app: Flask) -> Sender:
    """The broker's system."""
    return new_sender(app)


def trade_sent(id: str | None = None, **changes: Any) -> dict[str, Any]:
    """A closed trade as it travels: half a lot, an hour long. `data__lots="1"` and the like reach inside."""
    id = id or f"t-{next(_numbers)}"
    sent: dict[str, Any] = {
        "id": id,
        "kind": "trade.closed",
        "account": LIVE | {"deal": id},
        "occurred_at": "2026-03-04T12:00:00Z",
        "data": {
            "symbol": "EURUSD",
            "side": "buy",
            "lots": "0.50",
            "open_price": "1.10000",
            "close_price": "1.10500",
            "opened_at": "2026-03-04T11:00:00Z",
            "closed_at": "2026-03-04T12:00:00Z",
            "profit": "250.00",
            "commission": "-3.50",
            "swap": "0.00",
            "currency": "USD",
        },
    }
    return changed(sent, **changes)


def changed(sent: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The same with some values replaced; `...` takes one away."""
    sent = dict(sent)
    for path, value in changes.items():
        name, _, rest = path.partition("__")
        if rest:
            sent[name] = changed(sent[name], **{rest: value})
        elif value is ...:
            del sent[name]
        else:
            sent[name] = value
    return sent


def bust_sent(of: str, id: str | None = None, **changes: Any) -> dict[str, Any]:
    """A bust as it travels."""
    return trade_sent(id, busts=of, data=..., account__deal=..., **changes)
