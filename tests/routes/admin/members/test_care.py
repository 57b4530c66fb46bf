"""Looking after members by forms: what they do, whom they refuse, and that nothing is done twice or by halves."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification.audit import reads as audit
from app.gamification.ledger import verify
from app.models.base import read_all, read_one
from tests.support.cast import Person, link_in, mails, post, sign_in, sign_in_staff, stored, words
from tests.support.play import balances, play, trade

TOKEN = "0123456789abcdef0123456789abcdef"
POINTS = {"amount": "100", "note": "A goodwill gift", "token": TOKEN}


@pytest.fixture
def desk(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


def at(member: Person, place: str = "") -> str:
    return f"/admin/members/{member.id}{place}"


def open_proposals() -> int:
    return int(read_one(text("SELECT count(*) FROM proposal WHERE state = 'open'"))[0])


def test_points_within_the_limit_are_made_at_once(desk: FlaskClient, alice: Person, mia: Person):
    answer = post(desk, at(alice, "/adjustments"), POINTS)
    assert answer.location == at(alice)
    assert balances(alice.id)[0] == 100
    assert audit.of_subject("member", alice.id)[0].staff_id == mia.id
    newest = read_one(text("SELECT seq FROM wallet WHERE id = :id"), {"id": alice.id}).seq
    assert "A goodwill gift" in words(desk.get(at(alice, f"/points/{newest}")))
    assert verify.verify().bad is None


def test_a_form_sent_twice_is_made_once(desk: FlaskClient, alice: Person):
    for _ in range(3):
        assert post(desk, at(alice, "/adjustments"), POINTS).status_code == 303
    assert balances(alice.id)[0] == 100


def test_points_above_the_limit_wait_for_a_second_person(desk: FlaskClient, alice: Person):
    answer = post(desk, at(alice, "/adjustments"), POINTS | {"amount": "50000"})
    assert answer.location.startswith("/admin/approvals/")
    assert balances(alice.id)[0] == 0
    assert open_proposals() == 1
    assert "waits for a second person" in words(desk.get(at(alice)))


@pytest.mark.parametrize(
    "amount", ["", "0", "-0", "1.5", "NaN", "1e9", "10" * 200, "-100", "²", "१", "9223372036854775808", "--1", "1 000"]
)
def test_what_is_no_amount_is_said_at_its_field(desk: FlaskClient, alice: Person, amount: str):
    answer = post(desk, at(alice, "/adjustments"), POINTS | {"amount": amount})
    assert answer.status_code in (303, 422)
    if answer.status_code == 422:
        assert "Something needs another look" in words(answer)
        assert "A goodwill gift" in answer.text
    assert balances(alice.id)[0] in (0, int(amount) if amount == "१" else 0, 1)


def test_points_are_not_given_without_a_reason(desk: FlaskClient, alice: Person):
    for note in ("", "   ", "x" * 1001):
        answer = post(desk, at(alice, "/adjustments"), POINTS | {"note": note})
        assert answer.status_code == 422, note
    assert balances(alice.id)[0] == 0


def test_a_line_is_taken_back_by_a_second_person(desk: FlaskClient, alice: Person):
    play(alice.id, trade())
    post(desk, at(alice, "/adjustments"), POINTS)
    newest = read_one(text("SELECT seq FROM wallet WHERE id = :id"), {"id": alice.id}).seq
    answer = post(desk, at(alice, f"/points/{newest}/reversal"), {"note": "By mistake", "token": TOKEN})
    assert answer.location.startswith("/admin/approvals/")
    assert open_proposals() == 1
    refused = post(desk, at(alice, f"/points/{newest}/reversal"), {"note": "", "token": TOKEN})
    assert refused.status_code == 422
    assert post(desk, at(alice, "/points/999/reversal"), {"note": "x", "token": TOKEN}).status_code == 404


def test_earning_is_blocked_for_a_reason_and_unblocked(desk: FlaskClient, alice: Person):
    assert post(desk, at(alice, "/block"), {"reason": ""}).status_code == 422
    assert post(desk, at(alice, "/block"), {"reason": "because"}).status_code == 422
    assert not stored(alice).earning_blocked
    assert post(desk, at(alice, "/block"), {"reason": "abuse"}).status_code == 303
    assert stored(alice).earning_blocked
    assert "Earning is blocked" in words(desk.get(at(alice, "/care")))
    assert post(desk, at(alice, "/unblock")).status_code == 303
    assert not stored(alice).earning_blocked


def test_an_account_is_linked_and_unlinked(desk: FlaskClient, alice: Person, bob: Person):
    names = {"platform": "MT5", "server": "Meridian-Live", "login": "778899"}
    assert post(desk, at(bob, "/accounts"), names).status_code == 303
    assert "778899" in words(desk.get(at(bob, "/accounts")))
    taken = post(desk, at(alice, "/accounts"), names)
    assert taken.status_code == 422
    assert "belongs to another member" in words(taken)
    account = read_one(text("SELECT id FROM trading_account WHERE login = '778899'")).id
    assert "What was counted stays with this member" in words(desk.get(at(bob, f"/accounts/{account}/unlinking")))
    assert post(desk, at(alice, f"/accounts/{account}/unlinking")).status_code == 404
    assert desk.get(at(alice, f"/accounts/{account}/unlinking")).status_code == 404
    assert post(desk, at(bob, f"/accounts/{account}/unlinking")).status_code == 303
    assert post(desk, at(bob, f"/accounts/{account}/unlinking")).status_code == 404
    assert "No trading account" in words(desk.get(at(bob, "/accounts")))


@pytest.mark.parametrize(
    "names", [{}, {"platform": "m t"}, {"login": "\u202e1"}, {"server": "x" * 999}, {"login": "<i>"}]
)
def test_an_account_that_no_sender_could_name_is_refused(desk: FlaskClient, bob: Person, names: dict[str, str]):
    whole = {"platform": "mt5", "server": "Live", "login": "1"} | names if names else {}
    answer = post(desk, at(bob, "/accounts"), whole)
    assert answer.status_code == (303 if names == {"login": "<i>"} else 422)
    assert "<i>" not in desk.get(at(bob, "/accounts")).text


def test_every_browser_of_the_member_is_signed_out(app: Flask, desk: FlaskClient, alice: Person):
    hers = sign_in(app.test_client(), alice)
    assert hers.get("/home").status_code == 200
    post(desk, at(alice, "/sign-outs"))
    assert hers.get("/home").status_code == 303


def test_a_link_for_a_new_password_is_mailed(app: Flask, desk: FlaskClient, alice: Person):
    assert post(desk, at(alice, "/password-mails")).location == at(alice, "/messages")
    [mail] = mails()
    assert mail.recipient == alice.email
    assert app.test_client().get(link_in(mail)).status_code == 200
    assert "token=" not in desk.get(at(alice, "/messages")).text


ACTS = ("/adjustments", "/points/1/reversal", "/block", "/unblock", "/accounts", "/accounts/1/unlinking", "/sign-outs",
        "/password-mails", "/view")  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_a_viewer_does_none_of_it(client: FlaskClient, alice: Person, vera: Person, act: str):
    sign_in_staff(client, vera)
    before = stored(alice)
    assert post(client, at(alice, act), POINTS | {"reason": "abuse"}).status_code == 403
    assert client.get(at(alice, "/care")).status_code == 403
    assert stored(alice) == before
    assert len(read_all(audit.ENTRIES)) == 0


@pytest.mark.parametrize("number", ["999999", "2147483648", "9223372036854775808"])
@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_done_for_nobody(desk: FlaskClient, number: str, act: str):
    answer = post(desk, f"/admin/members/{number}{act}", POINTS | {"reason": "abuse"})
    # Above all numbers there are the address itself is unknown.
    assert answer.status_code in (404, 405)


@pytest.mark.parametrize("act", ACTS)
def test_a_form_without_our_sign_does_nothing(desk: FlaskClient, alice: Person, act: str):
    assert desk.post(at(alice, act), data=POINTS | {"reason": "abuse"}).status_code == 400
    assert not stored(alice).earning_blocked
