"""The access policy, walked: every route and method by every persona, and nobody sees what is another's."""

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import TestResponse

from app.gamification.errors.staff import NotEntitled
from app.gamification.members.enrolment import link
from app.gamification.staff.rights import Right, may
from app.lib import clock
from app.models.base import transaction
from app.routes.access import POLICY, needed, routes
from app.routes.policy.audiences import Audience
from tests.house.source import report
from tests.support.cast import Person, post, sign_in, sign_in_staff, words
from tests.support.play import play, trade

PERSONAS = ("anonymous", "member A", "member B", "viewer", "manager", "approver", "owner")
ROLES = frozenset(PERSONAS[3:])
# More than a minute has seconds: 7.77 is also in every time that ends like 16:29:17.77, which B's own sign-ins may.
LOTS = "77.73"
# What staff do to a member in passing, such as signing them out, must not close the pages that are walked next.
NOBODYS = 999_999


@pytest.fixture
def people(alice: Person, bob: Person, vera: Person, mia: Person, omar: Person, dana: Person) -> dict[str, Person]:
    return dict(zip(PERSONAS[1:], (alice, bob, vera, mia, omar, dana), strict=True))


@pytest.fixture
def as_persona(browser: Callable[[], FlaskClient], people: dict[str, Person]) -> Callable[[str], FlaskClient]:
    """A new browser of that persona, signed in a moment ago."""

    def opened(persona: str) -> FlaskClient:
        client = browser()
        if persona in ROLES:
            return sign_in_staff(client, people[persona])
        return sign_in(client, people[persona]) if persona in people else client

    return opened


def lines(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every (method, endpoint, an address of it) of the policy."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        address = adapter.build(rule.endpoint, sample(rule, NOBODYS))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.endpoint, address


def sample(rule: Rule, number: int = 1) -> dict[str, Any]:
    """Values for the parts of an address; what they name need not exist."""
    integers = {name for name in rule.arguments if isinstance(rule._converters[name], IntegerConverter)}
    return {name: number if name in integers else "x" for name in rule.arguments} | dict(rule.defaults or {})


def is_open(persona: str, method: str, endpoint: str) -> bool:
    """What the policy says of one persona."""
    access = needed(method, endpoint)
    assert access is not None
    if isinstance(access.who, Right):
        return persona in ROLES and may(persona, access.who)
    if access.who is Audience.MEMBER:
        return persona in ("member A", "member B")
    # No browser signs what it sends.
    return access.who is not Audience.MACHINE


def is_refused(answer: TestResponse) -> bool:
    """Whether the policy, and not the page itself, turned the visitor away; the API refuses in JSON."""
    if answer.request.path.startswith("/api/v1/"):
        return answer.status_code in (401, 415) and "next_step" in answer.text
    if answer.status_code in (302, 303):
        return answer.location.startswith(("/login", "/admin/sign-in"))
    return answer.status_code == 401 or (answer.status_code == 403 and NotEntitled.msgid in words(answer))


def ask(client: FlaskClient, method: str, address: str, **options: Any) -> TestResponse:
    return client.get(address, **options) if method == "GET" else post(client, address, **options)


def everything_in(answer: TestResponse) -> str:
    """What an answer says, an archive's files included."""
    if answer.mimetype == "application/zip":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            return "".join(archive.read(name).decode() for name in archive.namelist())
    return words(answer)


def test_every_route_is_in_the_policy(app: Flask):
    assert routes(app) == POLICY.keys()


def test_every_persona_meets_what_the_policy_says(
    app: Flask, as_persona: Callable[[str], FlaskClient], capsys: pytest.CaptureFixture[str]
):
    wrong, walked = [], Counter[str]()
    readers = {persona: as_persona(persona) for persona in PERSONAS}
    for method, endpoint, address in list(lines(app)):
        for persona in PERSONAS:
            # What is posted may end the sign-in that it came with.
            client = readers[persona] if method == "GET" else as_persona(persona)
            expected = is_open(persona, method, endpoint)
            refused = is_refused(ask(client, method, address))
            walked[f"{persona}: {'open' if expected else 'closed'}"] += 1
            if refused == expected:
                wrong.append(f"{method} {address} ({endpoint}) is {'closed' if refused else 'open'} to {persona}")
    with capsys.disabled():
        print(f"\n{len(POLICY)} routes x {len(PERSONAS)} personas, {sum(walked.values())} requests:")
        for persona in PERSONAS:
            print(f"  {persona}: {walked[f'{persona}: open']} open, {walked[f'{persona}: closed']} closed")
    assert not wrong, report("Routes that are not as open as the policy says", wrong, "mend the view or the policy")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_nobody_reads_what_is_another_members(
    app: Flask, as_persona: Callable[[str], FlaskClient], people: dict[str, Person], headers: dict[str, str]
):
    """B asks for A's numbers: in the path, in the query and in a form."""
    alice = people["member A"]
    for _ in range(3):
        play(alice.id, trade(symbol="XAUUSD", lots=LOTS))
    with transaction():
        link(alice.id, "mt5", "Meridian-Live", "88001122", now=clock.now())
    secrets = (alice.name, alice.email, "M-1001", "88001122", LOTS)
    told = {"member": alice.id, "member_id": alice.id, "id": alice.id, "wallet_id": alice.id, "email": alice.email}
    adapter, leaks = app.url_map.bind("localhost"), []
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            access = needed(method, rule.endpoint)
            if access is None or access.who not in (Audience.MEMBER, Audience.ANYONE):
                continue
            for number in (alice.id, 1, 2, 3):
                address = adapter.build(rule.endpoint, sample(rule, number))
                client = as_persona("member B")
                options = {"query_string": told} if method == "GET" else {"data": told}
                said = everything_in(ask(client, method, address, headers=headers, **options))
                leaks += [f"{method} {address} tells B {secret!r}" for secret in secrets if secret in said]
                if not rule.arguments:
                    break
    assert not leaks, report("Pages that tell one member of another", leaks, "read by the signed-in member's id")
