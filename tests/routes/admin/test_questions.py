"""Questions at the desk: the list, the thread beside the decision with what only staff see, and two who answer at once."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.members import erasure
from app.gamification.questions import asking
from app.lib import clock
from app.models.base import connection, read_one, transaction
from tests.routes.member.asking import asked_for
from tests.support.cast import Person, link_in, mails, make_member, post, sign_in_staff, words
from tests.support.filling import fill, forms
from tests.support.play import Said, play, trade, wallet

ACCOUNT = ("mt5", "Meridian-Live", "5012345")


@pytest.fixture
def desk(client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


def ask(member: Person, said: str = "Why so few?", **about: int | str) -> int:
    with transaction():
        return asking.ask(member.id, said, "", now=clock.now(), **about)  # type: ignore[arg-type]


@pytest.fixture
def about_gold(alice: Person) -> int:
    """Alice's question about her gold trade."""
    pipeline.drain()
    play(alice.id, Said(trade("XAUUSD", "1.50", moved="7.70"), account=ACCOUNT, deal="48210553"))
    seq = text("SELECT max(seq) FROM transfer WHERE wallet_id = :id AND unit_id = 1")
    return ask(alice, line=int(read_one(seq, {"id": alice.id})[0]))


def at(question_id: int, place: str = "") -> str:
    return f"/admin/questions/{question_id}{place}"


def test_who_waits_is_counted_listed_and_on_the_overview(desk: FlaskClient, about_gold: int, bob: Person):
    ask(bob, "When does my level count?", topic="tier")
    overview = words(desk.get("/admin"))
    assert "2 questions wait for an answer" in overview and "Questions 2" in overview
    said = words(desk.get("/admin/questions"))
    assert said.index("Alice Amari A line in the ledger Why so few?") < said.index(
        "Bob Bakkar Level When does my level"
    )
    only = words(desk.get("/admin/questions?topic=tier"))
    assert "Bob Bakkar" in only and "Alice Amari" not in only
    assert "Alice Amari" in words(desk.get("/admin/questions?q=alice&state=all"))
    assert "No such question" in words(desk.get("/admin/questions?q=nobody"))


def test_staff_see_the_same_explanation_and_what_only_they_see(desk: FlaskClient, about_gold: int):
    said = words(desk.get(at(about_gold)))
    for part in (
        "Gold, 1.5 lots closed",
        "What the rule checked",
        "Checked just now: unchanged",
        "For staff only",
        "Fingerprint",
        "The member reads English",
        "Alice Amari",
    ):
        assert part in said, part
    assert "Ask about this" not in said


def test_a_decision_without_points_is_explained_too(desk: FlaskClient, alice: Person):
    pipeline.drain()
    play(alice.id, Said(trade(seconds=121), account=ACCOUNT, deal="48210117"))
    said = words(desk.get(at(ask(alice, miss=int(wallet(alice.id).decisions)))))
    assert "Open 121 s, needs 180 s" in said and "For staff only" in said


def test_an_answer_reaches_the_member_on_the_page_and_by_mail(desk: FlaskClient, about_gold: int, alice: Person):
    with transaction():
        connection().execute(text("UPDATE member SET language = 'ar' WHERE id = :id"), {"id": alice.id})
    assert "The member reads العربية" in words(desk.get(at(about_gold)))
    answer = fill(desk, at(about_gold), at(about_gold, "/answers"), {"text": "The cap left 3 points."})
    assert answer.status_code == 303
    said = words(desk.get(answer.location))
    assert "The cap left 3 points." in said and "Answered" in said and "Mia Moreau" in said
    mail = mails()[-1]
    assert (mail.recipient, mail.member_id, link_in(mail)) == (
        alice.email,
        alice.id,
        f"/questions/{about_gold}#newest",
    )
    assert "cap left" not in mail.body
    assert "Nobody waits" in words(desk.get("/admin/questions"))
    assert "Alice Amari" in words(desk.get("/admin/questions?state=answered"))


def test_one_press_answers_and_closes_or_closes_alone(desk: FlaskClient, about_gold: int, bob: Person):
    fill(desk, at(about_gold), at(about_gold, "/answers"), {})
    page = desk.get(at(about_gold))
    sent = forms(page)[at(about_gold, "/answers")]
    assert post(desk, at(about_gold, "/closing"), sent | {"text": "That is all."}).status_code == 303
    said = words(desk.get(at(about_gold)))
    assert "That is all." in said and "Question closed" in said
    other = ask(bob, "Another", topic="other")
    before = len(mails())
    sent = forms(desk.get(at(other)))[at(other, "/answers")]
    assert post(desk, at(other, "/closing"), sent).status_code == 303
    assert "closed without an answer" in mails()[before].body
    # The same press again, from a page that was open meanwhile.
    assert post(desk, at(other, "/closing"), sent).status_code == 409


def test_of_two_who_answer_the_second_reads_first_and_keeps_the_text(
    desk: FlaskClient, browser: Callable[[], FlaskClient], omar: Person, about_gold: int
):
    other = sign_in_staff(browser(), omar)
    seen = forms(other.get(at(about_gold)))[at(about_gold, "/answers")]
    del seen["csrf_token"]
    fill(desk, at(about_gold), at(about_gold, "/answers"), {"text": "From Mia."})
    refused = post(other, at(about_gold, "/answers"), seen | {"text": "From Omar."})
    assert refused.status_code == 409
    said = words(refused)
    assert "Somebody wrote here while you did." in said and "From Mia." in said
    again = forms(refused)[at(about_gold, "/answers")]
    assert again["text"].strip() == "From Omar."
    again.pop("csrf_token")
    assert post(other, at(about_gold, "/answers"), again).status_code == 303
    assert "From Omar." in words(desk.get(at(about_gold)))


def test_a_form_sent_twice_answers_once(desk: FlaskClient, about_gold: int):
    sent = forms(desk.get(at(about_gold)))[at(about_gold, "/answers")] | {"text": "Once only"}
    before = len(mails())
    for _ in range(3):
        assert post(desk, at(about_gold, "/answers"), sent).status_code == 303
    assert words(desk.get(at(about_gold))).count("Once only") == 1 and len(mails()) == before + 1


@pytest.mark.parametrize("said", ["", "x" * 10_000])
def test_what_does_not_fit_is_refused_and_kept(desk: FlaskClient, about_gold: int, said: str):
    refused = fill(desk, at(about_gold), at(about_gold, "/answers"), {"text": said})
    assert refused.status_code == 422 and said in refused.text


@pytest.mark.parametrize("seen", ["", "-1", "x", "9" * 40, "0"])
def test_a_form_that_saw_nothing_answers_nothing(desk: FlaskClient, about_gold: int, seen: str):
    refused = fill(desk, at(about_gold), at(about_gold, "/answers"), {"text": "Blind", "seen": seen})
    assert refused.status_code == 409


def test_a_text_of_a_member_does_nothing_at_the_desk(desk: FlaskClient, bob: Person):
    number = ask(bob, "</textarea><img src=x onerror=alert(1)> \u202etxt.exe {{ 7*7 }}", topic="other")
    for page in (desk.get(at(number)), desk.get("/admin/questions"), desk.get("/admin/questions?q=%3Cimg")):
        assert "<img src=x" not in page.text and "\u202e" not in page.text and "{{ 7*7 }}" in page.text


def test_who_may_only_read_is_shown_no_form(client: FlaskClient, vera: Person, about_gold: int):
    sign_in_staff(client, vera)
    page = client.get(at(about_gold))
    assert "You can read this" in words(page) and at(about_gold, "/answers") not in forms(page)
    for place in ("/answers", "/closing"):
        assert post(client, at(about_gold, place), {"text": "x", "seen": "1"}).status_code == 403


def test_of_an_erased_member_the_thread_is_left_without_words(
    desk: FlaskClient, about_gold: int, dana: Person, alice: Person
):
    with transaction():
        erasure.erase(dana.id, alice.id, now=clock.now())
    page = desk.get(at(about_gold))
    said = words(page)
    assert page.status_code == 200 and "Why so few?" not in said and "Alice" not in said
    assert "Erased" in said and at(about_gold, "/answers") not in forms(page)
    assert "0 questions" not in words(desk.get("/admin")) and "Nobody waits" in words(desk.get("/admin/questions"))
    assert desk.get("/admin/questions?state=all").status_code == 200


def test_what_is_not_there_is_not_found(desk: FlaskClient):
    assert desk.get(at(999)).status_code == 404
    for place in ("/answers", "/closing"):
        assert post(desk, at(999, place), {"text": "x", "seen": "1"}).status_code == 404


def test_a_hundred_threads_come_in_pages_the_oldest_first(desk: FlaskClient):
    start = clock.now() - timedelta(days=3)
    members = [make_member(f"m{number}@example.com", "Max Many") for number in range(10)]
    for number in range(100):
        with transaction():
            asking.ask(members[number // 10].id, f"Question {number:03}", "", now=start + timedelta(minutes=number))
    seen, address = [], "/admin/questions"
    while address:
        page = desk.get(address)
        seen += re.findall(r"Question (\d{3})", page.text)
        older = re.search(r'href="(/admin/questions\?after=[\d-]+)"', page.text)
        address = older[1] if older else ""
    assert seen == [f"{number:03}" for number in range(100)]


def test_the_pages_ask_the_database_no_more_than_others(desk: FlaskClient, about_gold: int):
    desk.get("/admin/questions")
    assert len(asked_for(desk, "/admin/questions")) <= 2
    assert len(asked_for(desk, "/admin/questions?q=alice")) <= 5
    assert len(asked_for(desk, at(about_gold))) <= 8
