"""Bringing a statement through the pages: read at once, tried out, confirmed, counted, decided on, taken back."""

import pytest
from flask.testing import FlaskClient

from app.gamification.statements import deciding, work
from app.lib import clock
from app.models.base import transaction
from tests.routes.member.bringing import bring, brought, files, look, send, shown
from tests.support.bringing import approve, file_of, linked
from tests.support.cast import Person, post, sign_in, words
from tests.support.play import balances
from tests.support.programmes import set_trust

DAMAGED = b"<html><body><table><tr><td>Trade History Report</td></tr>"


# The way


def test_every_step_of_the_way_is_told(hers: FlaskClient, alice: Person, omar: Person, lots_pay: None):
    page = str(send(hers, file_of(1, 2, 3)).location)
    said = shown(hers, page)
    assert "Being looked through" in said and "You can leave this page" in said
    assert 'hx-trigger="every 1s"' in hers.get(page).text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in hers.get(page).text

    work.drain()
    said = shown(hers, page)
    assert "30 points would be yours" in said
    assert "3 of 3 closed trades would earn. The points wait until your broker has looked at it." in said
    assert "5001001 · Meridian Markets" in said
    assert "every 1s" not in hers.get(page).text
    assert balances(alice.id) == (0, 0, 0, 0)

    post(hers, f"{page}/confirmation")
    assert "Your history is being stored" in shown(hers, page)
    work.drain()
    said = shown(hers, page)
    assert "30 points wait for your broker" in said
    assert "Take the whole statement back" in said
    assert balances(alice.id)[:2] == (0, 30)
    listed = words(hers.get("/accounts"))
    assert "Statement.htm MetaTrader 4 5001001" in listed and "+30" in listed
    assert "5001001 Meridian Markets" in listed, "the account is asked for with the statement"

    approve(omar.id, brought(alice, page).id, drain=False)
    assert "30 points are becoming yours" in shown(hers, page)
    work.drain()
    said = shown(hers, page)
    assert "30 points from this statement" in said and "Your broker approved it" in said
    assert "Take the whole statement back" not in said
    assert balances(alice.id)[:2] == (30, 0)


def test_what_is_stored_and_not_counted_yet_says_so(hers: FlaskClient, lots_pay: None):
    page = look(hers, file_of(1, 2))
    post(hers, f"{page}/confirmation")
    work.run()  # stores both rows, and leaves them to the pipeline
    said = shown(hers, page)
    assert "Being counted" in said and "Rows counted 0 of 2" in said
    work.drain()
    assert "20 points wait for your broker" in shown(hers, page)


def test_what_is_taken_back_can_be_brought_again(hers: FlaskClient, alice: Person, lots_pay: None):
    page = bring(hers, file_of(1, 2))
    assert post(hers, f"{page}/undoing").location == page
    assert "It is being taken back" in shown(hers, page)
    work.drain()
    said = shown(hers, page)
    assert "You took it back" in said and "Nothing of it counts any more" in said
    assert balances(alice.id) == (0, 0, 0, 0)
    again = bring(hers, file_of(1, 2))
    assert again != page
    assert "20 points wait for your broker" in shown(hers, again)


def test_what_the_broker_does_not_accept_says_why(hers: FlaskClient, alice: Person, omar: Person, lots_pay: None):
    page = bring(hers, file_of(1))
    with transaction():
        deciding.reject(omar.id, brought(alice, page).id, "demo_account", now=clock.now())
    work.drain()
    said = shown(hers, page)
    assert "Your broker did not accept it" in said and "It is the statement of a demo account" in said
    assert "You took it back" not in said


@pytest.mark.parametrize(
    ("trust", "ahead", "then"),
    [
        ("trusted", "The points are yours as soon as everything is counted.", "10 points from this statement"),
        ("recognition", "Statements that members bring earn no points here.", "Your history is part of your activity"),
    ],
)
def test_what_a_statement_is_worth_is_the_programmes_choice(
    hers: FlaskClient, alice: Person, lots_pay: None, trust: str, ahead: str, then: str
):
    set_trust(trust)
    linked(alice.id)
    page = look(hers, file_of(1))
    assert ahead in shown(hers, page)
    post(hers, f"{page}/confirmation")
    work.drain()
    said = shown(hers, page)
    assert then in said
    assert "Approved by the broker" not in said


def test_the_law_goes_before_what_is_brought(client: FlaskClient, bob: Person, lots_pay: None):
    page = look(sign_in(client, bob), file_of(1, 2))
    said = shown(client, page)
    assert "Nothing of it would earn" in said and "Client category 2" in said


def test_what_was_known_already_says_so(hers: FlaskClient, lots_pay: None):
    bring(hers, file_of(1, 2))
    said = shown(hers, look(hers, file_of(1, 2)))
    assert "We know all of it already" in said and "2 known already" in said


# What a file leaves open


def test_a_guess_is_shown_with_its_question_and_the_answer_reads_the_file_anew(hers: FlaskClient, alice: Person):
    page = look(hers, file_of(1))
    said = shown(hers, page)
    assert "The file does not name the server of the account." in said
    assert "On which server" in said or "Server of the account" in said
    answer = post(hers, f"{page}/answers", {"server": "Meridian-Live-3", "marks": "", "dates": "", "login": ""})
    assert answer.location == page
    assert brought(alice, page).state == "reading"
    work.drain()
    assert "5001001 · Meridian-Live-3" in shown(hers, page)


def test_a_file_without_a_login_is_not_added_before_it_is_named(hers: FlaskClient, alice: Person):
    page = look(hers, file_of(1, login=""))
    said = shown(hers, page)
    assert "Name the account first" in said and "Add this history" not in said
    post(hers, f"{page}/confirmation")
    assert "Write the number of the account first." in shown(hers, page)
    post(hers, f"{page}/answers", {"login": "424242", "marks": "", "dates": ""})
    work.drain()
    assert "424242 · Meridian Markets" in shown(hers, page)
    post(hers, f"{page}/confirmation")
    assert brought(alice, page).is_confirmed


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"login": "\u202e123"}, "plain letters, digits and signs"),
        ({"clock": "Mars/Olympus"}, "time zone"),
        ({"currency": "dollars"}, "three letters"),
        ({"marks": "space"}, "Choose one from the list."),
        ({"server": "x" * 65}, "This is too long."),
    ],
)
def test_answers_that_make_no_sense_are_refused(hers: FlaskClient, alice: Person, answers: dict[str, str], said: str):
    page = look(hers, file_of(1))
    answer = post(hers, f"{page}/answers", {"marks": "", "dates": "", **answers}, htmx=True)
    assert answer.status_code == 422
    assert said in words(answer)
    assert answer.text.lstrip().startswith('<section class="card" id="questions">')
    assert brought(alice, page).state == "read"


# What is refused


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"MZ\x90\x00 not a statement at all", "This is not an account report that we can read."),
        (DAMAGED, "report"),
        (b"x" * 5_000_001, "larger than 5 MB"),
    ],
    ids=["empty", "no-statement", "damaged", "large"],
)
def test_a_file_that_is_no_statement_is_answered_at_once_and_never_kept(hers: FlaskClient, content: bytes, said: str):
    for htmx in (False, True):
        answer = send(hers, content, htmx=htmx)
        assert answer.status_code == 422
        assert said in words(answer)
        assert ('id="drop"' in answer.text) and ("<!doctype" in answer.text) is not htmx
    assert files() == 0


def test_no_file_at_all_is_asked_for(hers: FlaskClient):
    answer = post(hers, "/accounts/imports", {}, content_type="multipart/form-data")
    assert answer.status_code == 422 and "Choose a file first." in words(answer)


def test_a_request_beyond_all_bounds_is_not_read(hers: FlaskClient):
    assert send(hers, b"x" * (7 * 1024 * 1024)).status_code == 413
    assert files() == 0


def test_the_name_of_a_file_is_only_a_name(hers: FlaskClient):
    page = look(hers, file_of(1), name="\u202e<script>alert(1)</script>lmth.htm")
    text_ = hers.get(page).text
    assert "<script>alert" not in text_ and "\u202e" not in text_
    assert "&lt;script&gt;" in text_


def test_reading_files_is_counted(hers: FlaskClient, alice: Person):
    answers = [send(hers, b"nothing").status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]
