"""Every address there is: on the house's list, and reading without writing; test_access.py has who may read it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.routing import IntegerConverter, Rule

from app.gamification.members import sign_ins
from app.gamification.members.enrolment import enrol
from app.lib import clock
from app.models.base import db, reader, transaction
from app.models.people import ClientClass
from tests.house.source import report
from tests.support.cast import Person, sign_in_staff

# By the first part of the address: docs/architecture.md has the list for people.
# fmt: off
PUBLIC = {
    "", "join", "login", "logout", "r", "terms", "try", "verify", "forgot", "reset", "setup", "auth", "demo", "language", "look",
    "visits", "og", "static", "brand", "unsubscribe", "shared",
}
MEMBERS = {
    "home", "points", "activity", "accounts", "tiers", "challenges", "journal", "badges", "habits", "leaderboards",
    "leagues", "rewards", "refer", "contests", "messages", "profile", "programme", "partners", "membership", "cards",
    "live", "questions", "lessons",
}
# fmt: on
STAFF = {"admin"}
MACHINES = {"api", "healthz", "readyz", "metrics"}
WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE", "CREATE", "ALTER", "DROP", "COPY", "BEGIN")


def first_part(rule: Rule) -> str:
    return rule.rule.split("/")[1]


def readable(app: Flask) -> list[tuple[Rule, str]]:
    """Every rule that answers GET, with an address of it; what it names need not exist."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            values = {name: sample(rule, name) for name in rule.arguments}
            found.append((rule, adapter.build(rule.endpoint, values | (rule.defaults or {}))))
    return sorted(found, key=lambda pair: pair[1])


def sample(rule: Rule, name: str) -> Any:
    """A value of the kind that a part of an address takes."""
    return 1 if isinstance(rule._converters[name], IntegerConverter) else "x"


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def member(app: Flask) -> FlaskClient:
    """The browser of someone who has just joined."""
    now = clock.now()
    with transaction():
        member_id = enrol(
            "alice@example.com", "Alice", now=now, country="AE", client_class=ClientClass.PROFESSIONAL, verified=True
        )
        cookie = sign_ins.start(member_id, address=None, browser=None, now=now)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = cookie, True
    return client


@pytest.fixture
def owner(app: Flask, dana: Person) -> FlaskClient:
    """The browser of the programme's owner."""
    return sign_in_staff(app.test_client(), dana)


def test_every_address_is_on_the_list(app: Flask):
    known = PUBLIC | MEMBERS | STAFF | MACHINES
    strange = [f"{rule.rule} ({rule.endpoint})" for rule in app.url_map.iter_rules() if first_part(rule) not in known]
    assert not strange, report(
        "Addresses that are not on the list",
        strange,
        "use one of the list's, or add the new one here, in docs/architecture.md and to the right audience",
    )


@pytest.mark.parametrize("who", ["stranger", "member", "owner"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_reading_never_writes(app: Flask, who: str, headers: dict[str, str], request: pytest.FixtureRequest):
    visitor: FlaskClient = request.getfixturevalue(who)
    writing, failing = [], []
    for _, address in readable(app):
        with watched(db.engine, reader()) as seen:
            status = visitor.get(address, headers=headers).status_code
        writing += [f"GET {address} as a {who}: {what}" for what in seen]
        if status >= 500:
            failing.append(f"GET {address} as a {who} answers {status}")
    assert not failing, report("Pages that fail", failing, "open them with the same visitor and read the traceback")
    assert not writing, report(
        "Reads that write",
        writing,
        "read through read_all() and read_one(); move what writes behind a POST",
    )


@contextmanager
def watched(writer: Engine, pages: Engine) -> Iterator[list[str]]:
    """Collects what no GET may do: begin a transaction on the write engine, or send a writing statement anywhere."""
    seen: list[str] = []

    def begun(_connection: Any) -> None:
        seen.append("begins a transaction on the write engine")

    def sent(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(WRITING):
            seen.append(f"sends {statement.strip().splitlines()[0][:80]}")

    listeners: list[tuple[Engine, str, Callable[..., None]]] = [
        (writer, "begin", begun),
        (writer, "before_cursor_execute", sent),
        (pages, "before_cursor_execute", sent),
    ]
    for engine, name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield seen
    finally:
        for engine, name, listener in listeners:
            event.remove(engine, name, listener)
