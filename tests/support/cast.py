"""The people of the tests: Alice trades, Bob came through her link, Charlie is new, Dana is staff.

Their browsers too: signed in without a form, posting with the token of the page they look at.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Row, select, text, update
from werkzeug.test import TestResponse

from app.gamification import brand
from app.gamification.members import sign_ins
from app.gamification.members.enrolment import enrol, link
from app.gamification.members.passwords import hash_password
from app.gamification.staff import people as staff
from app.gamification.staff import sessions
from app.lib import clock
from app.models.base import connection, read_all, read_one, transaction
from app.models.messages import Outbox
from app.models.people import ClientClass, Member

PASSWORD = "correct horse battery staple"
_TOKEN = re.compile(r'"X-CSRFToken": "([^"]+)"')
_INLINE = re.compile(r"</?(?:bdi|b|strong|em|a)\b[^>]*>")
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.S)


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    email: str


def make_member(email: str, name: str, *, password: bool = False, **options: Any) -> Person:
    """A member of the tests, verified unless told otherwise; with `password` they can sign in by the form."""
    with transaction():
        member_id = enrol(email, name, now=clock.now(), **{"verified": True, **options})
        if password:
            connection().execute(update(Member).where(Member.id == member_id).values(password_hash=_hashed()))
    return Person(member_id, name, email)


@cache
def _hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def alice(app: Flask) -> Person:
    """Trades: a professional client of the offshore entity, with one linked account."""
    member = make_member(
        "alice@example.com",
        "Alice Amari",
        password=True,
        country="AE",
        client_class=ClientClass.PROFESSIONAL,
        entity_key="global",
        external_id="M-1001",
        time_zone="Asia/Dubai",
    )
    with transaction():
        link(member.id, "mt5", "Meridian-Live", "5012345", now=clock.now())
    return member


@pytest.fixture
def bob(app: Flask, alice: Person) -> Person:
    """Came through Alice's link: a retail client in Cyprus, whom the law allows no points for trading."""
    return make_member(
        "bob@example.com",
        "Bob Bakkar",
        password=True,
        country="CY",
        client_class=ClientClass.RETAIL,
        entity_key="eu",
        external_id="M-1002",
        time_zone="Asia/Nicosia",
    )


@pytest.fixture
def charlie(app: Flask) -> Person:
    """Is new: joined by the form a moment ago, the address not confirmed, nothing known by the broker."""
    return make_member("charlie@example.com", "Charlie Chen", password=True, verified=False)


@pytest.fixture
def dana(app: Flask) -> Person:
    """Runs the programme for the broker: its owner."""
    return make_staff("dana@example.com", "Dana Dahl", "owner")


@pytest.fixture
def omar(app: Flask) -> Person:
    """Approves what others propose."""
    return make_staff("omar@example.com", "Omar Rahal", "approver")


@pytest.fixture
def mia(app: Flask) -> Person:
    """Writes rules and looks after members."""
    return make_staff("mia@example.com", "Mia Moreau", "manager")


@pytest.fixture
def vera(app: Flask) -> Person:
    """Reads everything, changes nothing."""
    return make_staff("vera@example.com", "Vera Voss", "viewer")


def make_staff(email: str, name: str, role: str) -> Person:
    """Somebody of the staff."""
    # One hash serves everybody: each takes as long as argon2 is meant to.
    with transaction(), patch.object(staff, "hash_password", return_value=_hashed()):
        staff_id = staff.create(email, name, role, PASSWORD, now=clock.now())
    return Person(staff_id, name, email)


@pytest.fixture
def demo(app: Flask) -> None:
    """The programme says that its demo season is loaded."""
    with transaction():
        connection().execute(text("UPDATE programme SET demo = true, revision = revision + 1"))
    brand.forget()


@pytest.fixture
def browser(app: Flask) -> Callable[[], FlaskClient]:
    """Opens another browser: `browser()`."""
    return app.test_client


def sign_in(client: FlaskClient, member: Person) -> FlaskClient:
    """Sign the browser in as if the form had been sent."""
    with transaction():
        cookie = sign_ins.start(member.id, address="127.0.0.1", browser="Tests", now=clock.now())
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = cookie, True
    return client


def sign_in_staff(client: FlaskClient, person: Person) -> FlaskClient:
    """Sign the browser in at the desk, as if password and code had just been given."""
    with transaction():
        cookie = sessions.start(person.id, address="127.0.0.1", browser="Tests", now=clock.now(), confirmed=True)
    with client.session_transaction() as session:
        session["desk"], session["desk_seen"] = cookie, int(time.time())
    return client


def token(client: FlaskClient) -> str:
    """The sign that a form is ours, as the browser's pages carry it."""
    found = _TOKEN.search(client.get("/terms").text)
    assert found, "the page carries no token"
    return unescape(found[1])


def post(
    client: FlaskClient, address: str, data: Mapping[str, Any] | None = None, *, htmx: bool = False, **options: Any
) -> TestResponse:
    """Send a form with its token, by htmx or without a script."""
    headers = {**options.pop("headers", {}), **({"HX-Request": "true"} if htmx else {})}
    return client.post(address, data={"csrf_token": token(client), **(data or {})}, headers=headers, **options)


def words(response: TestResponse) -> str:
    """What a page says, without its markup."""
    return " ".join(unescape(_TAG.sub(" ", _INLINE.sub("", response.text))).split())


def mails() -> list[Row[Any]]:
    """Every mail in the outbox, oldest first."""
    return list(read_all(select(Outbox).order_by(Outbox.id)))


def link_in(mail: Row[Any]) -> str:
    """The address in a mail, as a path of this installation."""
    found = re.search(r"https?://[^/\s]+(/\S*)", mail.body)
    assert found, f"no link in {mail.body!r}"
    return found[1]


def stored(member: Person) -> Row[Any]:
    """The member's row as it is now."""
    row: Row[Any] = read_one(select(Member).where(Member.id == member.id))
    return row
