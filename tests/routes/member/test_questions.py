"""A member's questions in the browser: the decision beside them, nobody else's, and nothing that a text could do."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import brand, pipeline
from app.gamification.questions import answering
from app.gamification.questions.words import LONGEST
from app.lib import clock
from app.models.base import connection, read_one, transaction
from tests.routes.member.asking import asked_for
from tests.support.cast import Person, link_in, mails, post, sign_in, sign_in_staff, words
from tests.support.filling import fill, forms
from tests.support.play import Said, play, trade, wallet

ACCOUNT = ("mt5", "Meridian-Live", "5012345")
HOSTILE = '<script>alert(1)</script> https://evil.example/"onmouseover=x\n{{ 77*77 }} %(name)s'


@pytest.fixture
def browser_of_alice(client: FlaskClient, alice: Person) -> FlaskClient:
    """Alice has traded gold, and missed once."""
    pipeline.drain()
    play(alice.id, Said(trade("XAUUSD", "1.50", moved="7.70"), account=ACCOUNT, deal="48210553"))
    play(alice.id, Said(trade(seconds=121), account=ACCOUNT, deal="48210117"))
    return sign_in(client, alice)


@pytest.fixture
def line(browser_of_alice: FlaskClient, alice: Person) -> int:
    """Alice's line of the gold trade."""
    seq = text("SELECT max(seq) FROM transfer WHERE wallet_id = :id AND unit_id = 1")
    return int(read_one(seq, {"id": alice.id})[0])


@pytest.fixture
def miss(browser_of_alice: FlaskClient, alice: Person) -> int:
    """Alice's decision without points."""
    return int(wallet(alice.id).decisions)


@pytest.fixture
def support(app: Flask) -> None:
    with transaction():
        connection().execute(
            text("UPDATE programme SET support_email = 'help@broker.example', revision = revision + 1")
        )
    brand.forget()


def ask(client: FlaskClient, said: str = "Why so few?", query: str = "", **more: str) -> str:
    """Ask by the form; the address of the thread."""
    page = "/questions/new" + query
    changes = {"text": said, **more} if query else {"text": said, "topic": "points", **more}
    answer = fill(client, page, "/questions" + query, changes)
    assert answer.status_code == 303, words(answer)
    return answer.location.partition("#")[0]


def answer(by: Person, said: str = "Because of the **cap**.", seen: int = 1) -> None:
    number = read_one(text("SELECT max(id) FROM question"))[0]
    with transaction():
        answering.answer(by.id, number, said, "", seen, now=clock.now())


# --- asking -----------------------------------------------------------------------------------------------------------


def test_every_explanation_leads_to_its_question(browser_of_alice: FlaskClient, line: int, miss: int):
    for explanation, asks in ((f"/points/{line}", f"line={line}"), (f"/points/missed/{miss}", f"miss={miss}")):
        page = browser_of_alice.get(explanation)
        assert f'href="/questions/new?{asks}"' in page.text and "Ask about this" in words(page)


def test_a_line_is_asked_about_beside_its_explanation(browser_of_alice: FlaskClient, line: int):
    explained = words(browser_of_alice.get(f"/points/{line}"))
    asking = browser_of_alice.get(f"/questions/new?line={line}")
    for page in (asking, browser_of_alice.get(ask(browser_of_alice, query=f"?line={line}"))):
        said = words(page)
        for part in ("Gold, 1.5 lots closed", "What the rule checked", "Ledger proof", "Checked just now: unchanged"):
            assert part in said and part in explained, part
        assert "/questions/new" not in page.text, "the thread does not ask about itself"
    assert "Why so few?" in said and "Waits for an answer" in said


def test_what_did_not_earn_is_asked_about_beside_its_reason(browser_of_alice: FlaskClient, miss: int):
    said = words(browser_of_alice.get(ask(browser_of_alice, query=f"?miss={miss}")))
    assert "Open 121 s, needs 180 s" in said and "What the rule checked" in said and "Why this earned nothing" in said


def test_asking_again_leads_to_the_thread_that_goes_on(browser_of_alice: FlaskClient, line: int):
    thread = ask(browser_of_alice, query=f"?line={line}")
    assert browser_of_alice.get(f"/questions/new?line={line}").location == thread
    # A form that was opened before, in another tab, goes on there as well.
    late = post(browser_of_alice, f"/questions?line={line}", {"text": "One more thing", "token": "a" * 32})
    assert late.location.partition("#")[0] == thread
    assert "One more thing" in words(browser_of_alice.get(thread))


def test_a_general_question_has_a_topic(browser_of_alice: FlaskClient):
    refused = fill(browser_of_alice, "/questions/new", "/questions", {"text": "About my level"})
    assert (
        refused.status_code == 422 and "About my level" in refused.text and "Choose one from the list." in refused.text
    )
    thread = ask(browser_of_alice, "About my level", topic="tier")
    assert "Level" in words(browser_of_alice.get("/questions")) and "How this was counted" not in words(
        browser_of_alice.get(thread)
    )
    chosen = forms(browser_of_alice.get("/questions/new?topic=account"))["/questions"]["topic"]
    assert chosen == ["account"]


def test_a_form_sent_twice_asks_once(browser_of_alice: FlaskClient):
    form = forms(browser_of_alice.get("/questions/new"))["/questions"] | {"text": "Once", "topic": "other"}
    sent = [post(browser_of_alice, "/questions", form).location for _ in range(3)]
    assert len(set(sent)) == 1
    assert words(browser_of_alice.get(sent[0])).count("Once") == 1


def test_staff_are_told_once_by_mail_until_they_have_answered(
    support: None, browser_of_alice: FlaskClient, mia: Person, line: int
):
    before = len(mails())
    thread = ask(browser_of_alice, "What a secret", query=f"?line={line}")
    fill(browser_of_alice, thread, f"{thread}/entries", {"text": "And another"})
    (mail,) = mails()[before:]
    assert (mail.recipient, mail.member_id) == ("help@broker.example", None)
    assert "secret" not in mail.body and "Alice" not in mail.body + mail.subject
    assert link_in(mail) == f"/admin{thread}"
    answer(mia, seen=2)
    fill(browser_of_alice, thread, f"{thread}/entries", {"text": "Not clear"})
    assert [mail.recipient for mail in mails()[before:]].count("help@broker.example") == 2


# --- reading and writing back -----------------------------------------------------------------------------------------


def test_an_answer_is_told_and_read_and_can_be_answered(browser_of_alice: FlaskClient, mia: Person, line: int):
    thread = ask(browser_of_alice, query=f"?line={line}")
    answer(mia, "First line\nsecond line")
    home = browser_of_alice.get("/home")
    assert "We answered your question of" in words(home) and f'href="{thread}#newest"' in home.text
    page = browser_of_alice.get(thread)
    assert "First line\nsecond line" in page.text and "Answered" in words(page)
    assert "Mia" not in page.text, "the programme answers, not somebody by name"
    fill(browser_of_alice, thread, f"{thread}/entries", {"text": "Thank you"})
    assert "Waits for an answer" in words(browser_of_alice.get(thread))


def test_a_text_is_shown_as_it_was_typed_and_does_nothing(browser_of_alice: FlaskClient):
    thread = ask(browser_of_alice, HOSTILE)
    for page in (browser_of_alice.get(thread), browser_of_alice.get("/questions")):
        assert "<script>alert" not in page.text and 'href="https://evil' not in page.text and "5929" not in words(page)
        assert "&lt;script&gt;alert(1)&lt;/script&gt; https://evil.example/&#34;onmouseover=x" in page.text
        assert "{{ 77*77 }} %(name)s" in page.text


@pytest.mark.parametrize("said", ["x" * 10_000, "", "\u202e\u200b", " \n "])
def test_a_text_that_does_not_fit_is_refused_and_kept(browser_of_alice: FlaskClient, said: str):
    thread = ask(browser_of_alice)
    for page, address in (("/questions/new", "/questions"), (thread, f"{thread}/entries")):
        refused = fill(browser_of_alice, page, address, {"text": said, "topic": "points"})
        assert refused.status_code == 422 and said.strip() in refused.text
        expected = (
            f"Use at most {LONGEST:,} characters. These are 10,000." if len(said) > 9 else "Write something first."
        )
        assert expected in words(refused)
    assert words(browser_of_alice.get("/questions")).count("Waits for an answer") == 1


def test_what_a_database_cannot_hold_is_refused(browser_of_alice: FlaskClient):
    assert post(browser_of_alice, "/questions", {"text": "a\0b", "topic": "points"}).status_code == 400


def test_a_list_of_a_hundred_comes_in_pages(browser_of_alice: FlaskClient, alice: Person, mia: Person):
    for number in range(45):
        ask(browser_of_alice, f"Question {number:03}", topic="other")
        answer(mia)
        if number % 35 == 34:
            # As if it had been another day.
            with transaction():
                connection().execute(text("UPDATE question_entry SET written_at = written_at - 90000000000"))
    seen, address = [], "/questions"
    while address:
        page = browser_of_alice.get(address)
        seen += re.findall(r"Question \d{3}", page.text)
        older = re.search(r'href="(/questions\?before=\d+)"', page.text)
        address = older[1] if older else ""
    assert seen == [f"Question {number:03}" for number in reversed(range(45))]


# --- nobody else's ----------------------------------------------------------------------------------------------------


def test_anothers_line_thread_and_form_do_not_exist(
    browser_of_alice: FlaskClient, browser: Callable[[], FlaskClient], bob: Person, line: int, miss: int
):
    form = forms(browser_of_alice.get(f"/questions/new?line={line}"))[f"/questions?line={line}"]
    post(browser_of_alice, f"/questions?line={line}", form | {"text": "Mine alone"})
    del form["csrf_token"]
    of_bob = sign_in(browser(), bob)
    for address in (f"/questions/new?line={line}", f"/questions/new?miss={miss}", "/questions/1", "/questions/99"):
        assert of_bob.get(address).status_code == 404, address
    for address in (f"/questions?line={line}", f"/questions?miss={miss}", "/questions/1/entries"):
        answered = post(of_bob, address, form | {"text": "Show me"})
        assert answered.status_code == 404 and "Mine alone" not in answered.text, address
    assert "Mine alone" not in of_bob.get("/questions").text


@pytest.mark.parametrize("query", ["line=x", "line=-1", "line=99999999999", "miss=1e3", "line=²", "line=1&miss=x"])
def test_an_address_that_makes_no_sense_does_not_exist(browser_of_alice: FlaskClient, query: str):
    assert browser_of_alice.get(f"/questions/new?{query}").status_code == 404
    assert post(browser_of_alice, f"/questions?{query}", {"text": "x"}).status_code == 404


def test_whoever_looks_on_reads_and_writes_nothing(
    browser_of_alice: FlaskClient, browser: Callable[[], FlaskClient], alice: Person, mia: Person, line: int
):
    thread = ask(browser_of_alice, query=f"?line={line}")
    looking = sign_in_staff(browser(), mia)
    assert post(looking, f"/admin/members/{alice.id}/view").status_code == 303
    page = looking.get(thread)
    assert "Why so few?" in words(page) and "You only look on" in words(page)
    for address in (thread, "/questions/new", f"/questions/new?line={line}"):
        assert not {"/questions", f"{thread}/entries"} & forms(looking.get(address)).keys()
    for address in ("/questions", f"{thread}/entries"):
        assert post(looking, address, {"text": "As Alice", "topic": "points"}).status_code == 403
    assert "As Alice" not in browser_of_alice.get(thread).text


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_pages_ask_the_database_five_times_at_most(browser_of_alice: FlaskClient, mia: Person, line: int, miss: int):
    about_line, about_miss = (ask(browser_of_alice, query=query) for query in (f"?line={line}", f"?miss={miss}"))
    general = ask(browser_of_alice)
    for address, most in (
        ("/questions", 2),
        ("/questions/new", 1),
        (general, 2),
        (about_line, 5),
        (about_miss, 4),
        # What was rendered before is not explained anew.
        (about_line, 2),
    ):
        assert len(asked_for(browser_of_alice, address)) <= most, address


def test_the_footer_of_members_leads_here(browser_of_alice: FlaskClient, support: None, client: FlaskClient):
    assert re.search(r'<a href="/questions">Ask us</a>', browser_of_alice.get("/points").text)


def test_the_footer_of_visitors_leads_to_a_mail(app: Flask, support: None, client: FlaskClient):
    assert '<a href="mailto:help@broker.example">Ask us</a>' in client.get("/login").text
