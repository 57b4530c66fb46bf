"""Keys of the broker's site at the console, and a link that is tried."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from flask.testing import FlaskClient

from app.gamification.handoff import writing
from tests.cli.conftest import Told
from tests.support.cast import words
from tests.support.handoff import HOUSE, Site


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Files with the private and the public half."""
    site = Site()
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    assert site.key.private_key is not None
    private.write_bytes(site.key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_text(writing.as_pem(site.key.as_dict(private=False)["x"]))
    return private, public


def test_a_key_is_added_tried_and_retired(app: Flask, told: Told, client: FlaskClient, pair: tuple[Path, Path]):
    private, public = pair
    added = told("handoff", "add", "Portal", str(public))
    claims = ("--name", "Ann Lee", "--country", "AE", "--client-class", "professional", "--entity", "global")
    account = ("--account", "mt5", "Meridian-Live", "5012345")
    made = told("handoff", "link", "C-17", str(private), *claims, *account)
    assert made["key"] == added["key"]
    assert client.get(made["link"].removeprefix(HOUSE)).location == "/home"
    assert "Ann Lee" in words(client.get("/profile"))
    assert told("members", "show", "C-17")["accounts"][0]["login"] == "5012345"
    assert told("handoff", "retire", added["key"])["retired"]
    [listed] = told("handoff", "list")["keys"]
    assert (listed["name"], bool(listed["retired_at"])) == ("Portal", True)
    again = told("handoff", "link", "C-17", str(private))
    assert client.get(again["link"].removeprefix(HOUSE)).status_code == 403


def test_what_cannot_be_read_says_what_to_do(app: Flask, told: Told, pair: tuple[Path, Path], tmp_path: Path):
    private, public = pair
    assert told("handoff", "add", "Portal", str(private), code=1)["error"] == "private_key_given"
    assert told("handoff", "link", "C-17", str(public), code=1)["error"] == "bad_private_key"
    assert told("handoff", "retire", "nobody", code=1)["error"] == "handoff_key_not_found"
    large = tmp_path / "large"
    large.write_bytes(b"-" * 100_000)
    assert told("handoff", "add", "Portal", str(large), code=1)["error"] == "problem"
    large.write_bytes(b"\xff\x00\xfe")
    assert told("handoff", "add", "Portal", str(large), code=1)["error"] == "bad_public_key"
