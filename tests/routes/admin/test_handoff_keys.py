"""The public keys of the broker's site, as its owners keep them."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.gamification.staff import sessions
from app.lib import clock
from app.models.base import read_all, read_one, transaction
from app.models.handoff import HandoffKey
from app.models.people import SignIn
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import fill, forms
from tests.support.handoff import HOUSE, Site, follow

PLACE = "/admin/handoff-keys"


@pytest.fixture
def owner(app: Flask, client: FlaskClient, dana: Person) -> FlaskClient:
    return sign_in_staff(client, dana)


def add(client: FlaskClient, site: Site, name: str = "Client portal") -> str:
    """Add a key by the form; the address of its page."""
    answer = fill(client, f"{PLACE}/new", PLACE, {"name": name, "public_key": site.jwk})
    assert answer.status_code == 303, words(answer)
    return str(answer.location)


def keys() -> list[tuple[str, bool]]:
    rows = read_all(select(HandoffKey.key, HandoffKey.retired_at).order_by(HandoffKey.id))
    return [(row.key, row.retired_at is None) for row in rows]


def test_its_page_says_all_that_a_link_needs(owner: FlaskClient):
    site = Site()
    page = owner.get(add(owner, site))
    for said in (site.key.thumbprint(), HOUSE, f"{HOUSE}/auth/handoff", "BEGIN PUBLIC KEY", "sodium_crypto_sign"):
        assert said in page.text
    assert "the-fingerprint-of-the-key" not in page.text


def test_a_key_is_rotated_and_the_old_one_retired(owner: FlaskClient, browser: Callable[[], FlaskClient]):
    first, second = Site(), Site()
    page = add(owner, first)
    next_page = fill(owner, f"{page}/rotation", f"{page}/rotation", {"public_key": second.jwk}).location
    assert next_page != page
    for site in (first, second):
        assert follow(browser(), site.token()).status_code == 303
    asked = owner.get(f"{page}/retirement")
    assert "No other key of this name" not in words(asked)
    fill(owner, f"{page}/retirement", f"{page}/retirement")
    assert keys() == [(first.key.thumbprint(), False), (second.key.thumbprint(), True)]
    assert follow(browser(), first.token()).status_code == 403
    assert follow(browser(), second.token()).status_code == 303
    assert "No other key of this name" in words(owner.get(f"{next_page}/retirement"))
    assert f"{page}/rotation" not in owner.get(page).text
    assert post(owner, f"{page}/retirement").status_code == 303  # sent twice
    assert post(owner, f"{page}/rotation", {"public_key": Site().jwk}).status_code == 404


def test_a_rotation_that_is_sent_twice_adds_one_key(owner: FlaskClient):
    page = add(owner, Site())
    carried = forms(owner.get(f"{page}/rotation"))[f"{page}/rotation"] | {"public_key": Site().jwk}
    answers = [post(owner, f"{page}/rotation", carried) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert len(keys()) == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "Fill this in."),
        ({"public_key": ""}, "Fill this in."),
        ({"public_key": "x" * 2001}, "too long"),
        ({"public_key": "ssh-ed25519 AAAA"}, "no public key of the kind Ed25519"),
        ({"public_key": json.dumps(Site().key.as_dict(private=True))}, "This is the private key"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(owner: FlaskClient, wrong: dict[str, str], told: str):
    answer = post(owner, PLACE, {"name": "Portal", "public_key": Site().jwk, "form_token": "0" * 32} | wrong)
    assert answer.status_code == 422
    assert told in words(answer)
    assert not keys()
    page = add(owner, Site())
    if "public_key" in wrong:
        answer = fill(owner, f"{page}/rotation", f"{page}/rotation", wrong)
        assert answer.status_code == 422
        assert told in words(answer)


@pytest.mark.parametrize("line", ["", "/1/rotation", "/1/retirement"])
def test_only_owners_may_and_only_freshly(
    app: Flask, owner: FlaskClient, browser: Callable[[], FlaskClient], omar: Person, line: str
):
    add(owner, Site())
    row_id = read_one(select(HandoffKey.id))[0]
    address, said = PLACE + line.replace("1", str(row_id)), {"name": "Another", "public_key": Site().jwk}
    approver = sign_in_staff(browser(), omar)
    assert approver.get(PLACE).status_code == 200
    assert post(approver, address, said).status_code == 403
    with transaction() as conn:
        stale = clock.now() - sessions.CONFIRMED_FOR - timedelta(minutes=1)
        conn.execute(update(SignIn).values(confirmed_at=stale))
    assert "Confirm it is you" in words(post(owner, address, said))
    assert [live for _, live in keys()] == [True]
