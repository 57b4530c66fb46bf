"""Members' statements at the desk: what each would bring, and what approving and rejecting them does."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.ledger import verify
from app.gamification.statements import work
from app.models.base import connection, read_one, transaction
from tests.support.bringing import ACCOUNT, LOGIN, bring, file_of, kept, linked, verified
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import fill, forms
from tests.support.play import balances
from tests.support.queries import counted
from tests.support.together import no_errors, together

PAGE = "/admin/statements"


@pytest.fixture
def desk(client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


@pytest.fixture
def sent(alice: Person) -> int:
    """A statement of Alice's that waits for a decision."""
    pipeline.drain()
    return bring(alice.id, file_of(1, 2, 3))


def approve(client: FlaskClient, number: int) -> int:
    return fill(client, f"{PAGE}/{number}", f"{PAGE}/{number}/approval", {}).status_code


def reject(client: FlaskClient, number: int, reason: str = "edited") -> int:
    return post(client, f"{PAGE}/{number}/rejection", {"reason": reason}).status_code


def test_what_waits_is_counted_listed_and_on_the_overview(desk: FlaskClient, sent: int):
    overview = words(desk.get("/admin"))
    assert "1 statement waits for a look" in overview and "Statements 1" in overview
    listed = words(desk.get(PAGE))
    assert f"#{sent} {LOGIN}" in listed and "Alice Amari" in listed and "Waits for a decision" in listed
    assert "Alice Amari" in words(desk.get(f"{PAGE}?q={LOGIN}"))
    assert "No such statement" in words(desk.get(f"{PAGE}?q=nobody"))
    assert "Nothing here" in words(desk.get(f"{PAGE}?state=approved"))


def test_approving_makes_the_account_theirs_and_releases_the_points(desk: FlaskClient, sent: int, alice: Person):
    pending = balances(alice.id)[1]
    assert pending > 0
    page = words(desk.get(f"{PAGE}/{sent}"))
    assert f"Points that wait {pending}" in page and "Closed trades 3" in page and "Approve" in page
    assert approve(desk, sent) == 303
    work.drain()
    # What the rule itself holds stays pending for its days; nothing waits for a look any more.
    assert read_one(text("SELECT count(*) FROM batch WHERE held AND available_at IS NULL"))[0] == 0
    owner = read_one(text("SELECT member_id FROM trading_account WHERE login = :login"), {"login": LOGIN})
    assert owner.member_id == alice.id
    said = words(desk.get(f"{PAGE}/{sent}"))
    assert "Approved" in said and "Decide" not in said
    assert verify.verify().bad is None


def test_what_was_waiting_for_the_account_is_processed_at_once(desk: FlaskClient, sent: int, alice: Person):
    assert verified(9) == ["waiting"]
    approve(desk, sent)
    work.drain()
    row = read_one(
        text(
            "SELECT count(*) AS done FROM decision d JOIN activity a ON a.id = d.activity_id WHERE a.external_id = 'broker.9'"
        )
    )
    assert row.done == 1


def test_rejecting_takes_it_back_and_says_why(desk: FlaskClient, sent: int, alice: Person):
    assert reject(desk, sent, "") == 422
    assert reject(desk, sent, "Alice is a fraud") == 422
    assert kept(sent).state == "stored"
    assert reject(desk, sent) == 303
    work.drain()
    assert balances(alice.id)[1] == 0
    said = words(desk.get(f"{PAGE}/{sent}"))
    assert "Rejected" in said and "does not match our books" in said


def test_above_what_one_person_may_do_a_second_one_is_asked(desk: FlaskClient, sent: int, alice: Person):
    with transaction():
        connection().execute(
            text('UPDATE programme SET settings = \'{"limits": {"adjustment": 1, "adjustment_day": 1}}\'')
        )
    before = balances(alice.id)
    answer = fill(desk, f"{PAGE}/{sent}", f"{PAGE}/{sent}/approval", {})
    assert answer.status_code == 303 and answer.location.startswith("/admin/approvals/")
    assert "Approve a statement of Alice Amari" in words(desk.get(answer.location))
    work.drain()
    assert balances(alice.id) == before
    said = words(desk.get(f"{PAGE}/{sent}"))
    assert "Somebody proposed to approve it." in said and "Open the proposal" in said


def test_somebody_elses_account_is_said_and_not_approved(desk: FlaskClient, sent: int, bob: Person):
    linked(bob.id, ACCOUNT)
    said = words(desk.get(f"{PAGE}/{sent}"))
    assert f"The account belongs to member {bob.id}." in said
    assert approve(desk, sent) == 409
    assert kept(sent).state == "stored"


def test_two_who_press_at_once_decide_once(app: Flask, sent: int, alice: Person, mia: Person, omar: Person):
    desks = [sign_in_staff(app.test_client(), person) for person in (mia, omar)]
    address = f"{PAGE}/{sent}/approval"
    opened = forms(desks[0].get(f"{PAGE}/{sent}"))[address]  # before the other decides
    works = [lambda: post(desks[0], address, opened).status_code, lambda: reject(desks[1], sent)]
    assert sorted(no_errors(together(app, works))) == [303, 409]
    work.drain()
    # Approved points wait for the hold of their rule, as those of a report do.
    assert (kept(sent).state, balances(alice.id)) in [
        ("approved", (100, 300, 0, 400)),
        ("taken_back", (100, 0, 0, 100)),
    ]
    assert verify.verify().bad is None


def test_a_second_press_says_that_it_was_decided(desk: FlaskClient, sent: int, alice: Person):
    reject(desk, sent)
    work.drain()
    assert post(desk, f"{PAGE}/{sent}/approval", {"token": "x" * 20}).status_code == 409
    assert reject(desk, sent) == 409


@pytest.mark.parametrize("token", ["", "x", "x" * 65])
def test_a_form_of_ours_carries_its_token(desk: FlaskClient, sent: int, token: str):
    assert post(desk, f"{PAGE}/{sent}/approval", {"token": token}).status_code == 422
    assert kept(sent).state == "stored"


ACTS: dict[str, Callable[[FlaskClient, int], int]] = {
    "approve": lambda client, number: post(client, f"{PAGE}/{number}/approval", {"token": "x" * 20}).status_code,
    "reject": reject,
    "export": lambda client, number: client.get(f"{PAGE}/export.csv").status_code,
}


@pytest.mark.parametrize("act", ACTS)
def test_a_viewer_reads_and_does_nothing(client: FlaskClient, sent: int, vera: Person, act: str):
    sign_in_staff(client, vera)
    said = words(client.get(f"{PAGE}/{sent}"))
    assert "Somebody with the right to look after members decides." in said
    assert ACTS[act](client, sent) == 403
    assert kept(sent).state == "stored"


def test_what_does_not_exist_or_was_not_confirmed_is_not_found(desk: FlaskClient, alice: Person):
    for number in (999, 2**31 - 1):
        assert desk.get(f"{PAGE}/{number}").status_code == 404
        assert post(desk, f"{PAGE}/{number}/approval", {"token": "x" * 20}).status_code == 404
        assert reject(desk, number) == 404


@pytest.mark.parametrize("query", ["start=-1", "state=x", "q=%00", "q=" + "9" * 400, "q=%C2%B2", "state=counting"])
def test_queries_that_make_no_sense_are_harmless(desk: FlaskClient, sent: int, query: str):
    assert desk.get(f"{PAGE}?{query}").status_code == 200


def test_the_file_cannot_be_had_and_the_list_is_defused(desk: FlaskClient, sent: int, alice: Person):
    with transaction():
        connection().execute(text("UPDATE member SET name = '=1+1' WHERE id = :id"), {"id": alice.id})
    file = desk.get(f"{PAGE}/export.csv?state=all")
    assert file.mimetype == "text/csv" and "'=1+1" in file.text
    assert "download" not in desk.get(f"{PAGE}/{sent}").text


def test_one_statement_costs_a_fixed_number_of_queries(desk: FlaskClient, sent: int):
    desk.get(f"{PAGE}/{sent}")
    with counted() as statements:
        desk.get(f"{PAGE}/{sent}")
    assert len(statements) <= 9
