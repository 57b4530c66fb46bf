"""Requests for accounts at the desk: the list, what speaks against each, and a decision that is made once."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.members import erasure
from app.gamification.trading_accounts import linking, queue, requests
from app.lib import clock
from app.models.base import read_one, transaction
from tests.support.cast import Person, make_member, post, sign_in_staff, words
from tests.support.play import LIVE, Said, decided, report, trade
from tests.support.queries import counted
from tests.support.together import no_errors, together

NOW = clock.now()
ALICES = ("mt5", "Meridian-Live", "5012345")
PAGE = "/admin/account-requests"


@pytest.fixture
def desk(client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


def ask(member: Person, names: tuple[str, str, str] = LIVE) -> int:
    with transaction():
        return requests.request(member.id, *names, now=NOW)


def state(number: int) -> str:
    return str(read_one(text("SELECT state FROM account_request WHERE id = :id"), {"id": number}).state)


def test_who_waits_is_counted_listed_and_on_the_overview(desk: FlaskClient, alice: Person, bob: Person):
    ask(alice), ask(bob, ("mt4", "Meridian-Live", "88"))
    overview = words(desk.get("/admin"))
    assert "2 trading accounts are asked for" in overview and "Account requests 2" in overview
    said = words(desk.get(PAGE))
    assert said.index("7001 MetaTrader 5 · Meridian-Live Alice Amari") < said.index(
        "88 MetaTrader 4 · Meridian-Live Bob Bakkar"
    )
    assert "Bob Bakkar" not in words(desk.get(f"{PAGE}?q=7001"))
    assert "Alice Amari" in words(desk.get(f"{PAGE}?q=alice&state=all"))
    assert "No such request" in words(desk.get(f"{PAGE}?q=nobody"))
    assert "Nothing here" in words(desk.get(f"{PAGE}?state=declined"))


def test_confirming_links_and_counts_what_waited(desk: FlaskClient, alice: Person, mia: Person):
    report(None, Said(trade(), id="w-1", account=LIVE))
    number = ask(alice)
    page = words(desk.get(f"{PAGE}/{number}"))
    assert "Confirm and link" in page and "Reported by you so far 1" in page and "Linked to nobody" in page
    answer = post(desk, f"{PAGE}/{number}/confirmation")
    assert answer.status_code == 303
    pipeline.drain()
    found = decided("w-1")
    assert found is not None and found.earned > 0
    said = words(desk.get(answer.location))
    assert "Linked. What was reported of it before is counted now." in said and "Mia Moreau" in said
    assert "Confirm and link" not in said


def test_declining_needs_a_reason_of_the_list(desk: FlaskClient, bob: Person):
    number = ask(bob)
    for reason in ("", "Bob is a liar"):
        refused = post(desk, f"{PAGE}/{number}/refusal", {"reason": reason})
        assert refused.status_code == 422 and "Something needs another look" in words(refused)
    assert state(number) == "open"
    assert post(desk, f"{PAGE}/{number}/refusal", {"reason": "demo"}).status_code == 303
    assert "It is a demo account" in words(desk.get(f"{PAGE}/{number}"))
    assert "It is a demo account" in words(desk.get(f"{PAGE}?state=declined"))


def test_what_speaks_against_it_is_said(desk: FlaskClient, alice: Person, bob: Person, charlie: Person):
    taken, rivals = ask(bob, ALICES), ask(bob)
    ask(charlie)
    with transaction():
        linking.link(alice.id, "mt5", "Other-Live", "7001", via="console", by=None, now=NOW)
    said = words(desk.get(f"{PAGE}/{taken}"))
    assert f"The account is linked to member {alice.id}." in said and "Linked to Alice Amari" in said
    assert "disabled" in desk.get(f"{PAGE}/{taken}").text
    said = words(desk.get(f"{PAGE}/{rivals}"))
    assert "1 other member asks for the same account." in said
    assert "An account with the same number is known on another server." in said
    listed = words(desk.get(PAGE))
    assert "Another member's" in listed and "Several ask" in listed


def test_what_is_somebody_elses_is_not_confirmed_past_the_page(desk: FlaskClient, alice: Person, bob: Person):
    number = ask(bob, ALICES)
    refused = post(desk, f"{PAGE}/{number}/confirmation")
    assert refused.status_code == 409 and "belongs to another member" in words(refused)
    assert state(number) == "open"


def test_a_second_press_says_that_it_was_decided(desk: FlaskClient, bob: Person):
    number = ask(bob)
    post(desk, f"{PAGE}/{number}/refusal", {"reason": "unknown"})
    again = post(desk, f"{PAGE}/{number}/confirmation")
    assert again.status_code == 409 and "This was decided already." in words(again)
    assert state(number) == "declined"


def test_two_who_press_at_once_decide_once(app: Flask, bob: Person, mia: Person, omar: Person):
    number = ask(bob)
    desks = [sign_in_staff(app.test_client(), person) for person in (mia, omar)]
    answers = no_errors(
        together(app, [lambda one=one: post(one, f"{PAGE}/{number}/confirmation").status_code for one in desks])  # type: ignore[misc]
    )
    assert sorted(answers) == [303, 409]


ACTS: dict[str, Callable[[FlaskClient, int], int]] = {
    "confirm": lambda client, number: post(client, f"{PAGE}/{number}/confirmation").status_code,
    "decline": lambda client, number: post(client, f"{PAGE}/{number}/refusal", {"reason": "demo"}).status_code,
    "export": lambda client, number: client.get(f"{PAGE}/export.csv").status_code,
}


@pytest.mark.parametrize("act", ACTS)
def test_a_viewer_reads_and_does_nothing(client: FlaskClient, bob: Person, vera: Person, act: str):
    number = ask(bob)
    sign_in_staff(client, vera)
    said = words(client.get(f"{PAGE}/{number}"))
    assert "Somebody with the right to look after members decides." in said and "Confirm and link" not in said
    assert ACTS[act](client, number) == 403
    assert state(number) == "open"


def test_what_does_not_exist_is_not_found(desk: FlaskClient):
    assert desk.get(f"{PAGE}/999").status_code == 404
    assert post(desk, f"{PAGE}/999/confirmation").status_code == 404
    assert post(desk, f"{PAGE}/999/refusal", {"reason": "demo"}).status_code == 404


@pytest.mark.parametrize(
    "query", ["start=-1", "start=99999999999", "state=x", "q=%00", "q=" + "9" * 400, "q=%23" + "9" * 30]
)
def test_queries_that_make_no_sense_are_harmless(desk: FlaskClient, bob: Person, query: str):
    ask(bob)
    assert desk.get(f"{PAGE}?{query}").status_code == 200


def test_formulas_are_defused_in_the_file(app: Flask, desk: FlaskClient):
    number = ask(make_member("eve@example.com", "=cmd|'/c calc'!A0"), ("mt5", "@Live", "=1+1"))
    file = desk.get(f"{PAGE}/export.csv?state=all")
    assert file.mimetype == "text/csv"
    assert "'=cmd" in file.text and "'@Live" in file.text and "'=1+1" in file.text and str(number) in file.text


def test_whoever_was_erased_is_not_decided_about(desk: FlaskClient, bob: Person):
    number = ask(bob)
    with transaction():
        erasure.erase(None, bob.id, now=NOW)
    said = words(desk.get(f"{PAGE}/{number}"))
    assert "Bob" not in said and "Confirm and link" not in said
    assert post(desk, f"{PAGE}/{number}/confirmation").status_code in (404, 409)


def test_a_list_costs_the_same_however_long_and_is_turned(app: Flask, desk: FlaskClient):
    members = [make_member(f"m{number}@example.com", f"Member {number:02}") for number in range(4)]
    ask(members[0], ("mt5", "Live", "1000"))
    desk.get(PAGE)
    with counted() as few:
        desk.get(PAGE)
    for place in range(1, queue.PAGE + 5):
        ask(members[place % 4], ("mt5", "Live", f"{1000 + place}"))
    with counted() as many:
        page = desk.get(PAGE)
    assert len(many) == len(few) <= 5
    assert "1049" in words(page) and "1050" not in words(page) and "start=" in page.text
    last = read_one(text("SELECT id FROM account_request ORDER BY id LIMIT 1 OFFSET 49")).id
    assert "1050" in words(desk.get(f"{PAGE}?start={last}"))
