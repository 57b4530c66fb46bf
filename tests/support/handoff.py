"""The broker's site, as it signs members in: it holds a pair of keys and writes links."""

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import OKPKey
from werkzeug.test import TestResponse

from app.gamification.handoff import keys
from app.lib import clock
from app.models.base import transaction

ADDRESS = "/auth/handoff"
HOUSE = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Site:
    """Signs with its own key, whatever it is asked to say."""

    key: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519"))

    @property
    def jwk(self) -> str:
        """The public half, as staff paste it."""
        return json.dumps(self.key.as_dict(private=False))

    def add(self, name: str = "Client portal") -> "Site":
        """Let the programme know the public key."""
        with transaction():
            keys.add(name, self.jwk, now=clock.now())
        return self

    def claims(self, sub: Any = "C-17", **changes: Any) -> dict[str, Any]:
        """What a link says; `...` takes a claim away, `class_` is `class`."""
        issued = int(time.time())
        said = {"sub": sub, "aud": HOUSE, "iat": issued, "exp": issued + 60, "jti": secrets.token_hex(16)}
        for name, value in changes.items():
            said[name.rstrip("_")] = value
        return {name: value for name, value in said.items() if value is not ...}

    def token(self, sub: Any = "C-17", *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A token with these claims."""
        return self.sign(json.dumps(self.claims(sub, **changes)).encode(), header)

    def sign(self, payload: bytes, header: dict[str, Any] | None = None) -> str:
        """A token over these very bytes."""
        said = {"alg": "Ed25519", "kid": self.key.thumbprint(), **(header or {})}
        return jws.serialize_compact(said, payload, self.key, algorithms=["Ed25519"])


def follow(client: FlaskClient, token: str, **options: Any) -> TestResponse:
    """Open the link that carries a token, as a browser does when it is clicked."""
    wanted = options.pop("next", None)
    query = f"?token={quote(token)}" + (f"&next={quote(wanted)}" if wanted is not None else "")
    return client.get(ADDRESS + query, **options)


@pytest.fixture
def site(app: Flask) -> Site:
    """The broker's site, whose key is known."""
    return Site().add()
