"""What a member wants to be told, in the browser: by topic and channel, and how often by mail."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import brand
from app.gamification.messages import choices
from app.gamification.messages.topics import ANSWERS, TOPICS
from app.gamification.questions import answering, asking
from app.lib import clock
from app.models.base import read_all, transaction
from tests.support.cast import Person, mails, post, sign_in, stored, words
from tests.support.queries import counted

HERE = "/profile/messages"
EVERYTHING = {f"{topic.key}-{way}": "1" for topic in TOPICS for way in ("app", "mail")}


def off(member: Person) -> list[tuple[str, str]]:
    rows = read_all(
        text("SELECT topic, channel FROM message_choice WHERE member_id = :id ORDER BY 1, 2"),
        {"id": member.id},
    )
    return [(row.topic, row.channel) for row in rows]


def save(client: FlaskClient, digest: str = "weekly", without: tuple[str, ...] = (), **options: Any) -> Any:
    data = {name: value for name, value in EVERYTHING.items() if name not in without} | {"digest": digest}
    return post(client, HERE, data, **options)


def test_who_never_chose_is_told_everything(hers: FlaskClient):
    page = hers.get(HERE)
    assert page.text.count('type="checkbox"') == page.text.count('value="1" checked>') == 2 * (len(TOPICS) - 1)
    assert words(page).count("Always") == 2


def test_what_is_not_ticked_is_off_and_stays_so(hers: FlaskClient, alice: Person):
    answer = save(hers, "daily", ("tier-app", "badge-mail", "earned-mail"))
    assert (answer.status_code, answer.location) == (303, HERE)
    assert off(alice) == [("badge", "mail"), ("earned", "mail"), ("tier", "app")]
    assert stored(alice).digest == "daily"
    page = hers.get(HERE).text
    for name in ("tier-app", "badge-mail", "earned-mail"):
        assert f'name="{name}" value="1">' in page
    save(hers, "daily")
    assert off(alice) == []


def test_without_javascript_the_page_says_what_was_saved(hers: FlaskClient):
    save(hers)
    assert "Your choice is saved." in words(hers.get(HERE))


def test_what_protects_the_account_cannot_be_turned_off(hers: FlaskClient, alice: Person):
    page = hers.get(HERE)
    assert "account-app" not in page.text and "account-mail" not in page.text
    assert "cannot be turned off" in words(page)
    post(hers, HERE, {"digest": "never"})
    assert off(alice) == sorted((topic.key, way) for topic in TOPICS if not topic.kept for way in ("app", "mail"))
    chosen = choices.of(alice.id)
    assert [topic.key for topic in TOPICS if chosen.wants(topic, "mail")] == ["account"]


@pytest.mark.parametrize("digest", ["", "hourly", "daily ", "a" * 5000, "\u202edaily"])
def test_a_rhythm_that_is_not_offered_is_refused_and_nothing_is_lost(hers: FlaskClient, alice: Person, digest: str):
    answer = save(hers, digest, ("tier-app",), htmx=True)
    assert answer.status_code == 422 and "<html" not in answer.text
    assert 'name="tier-app" value="1">' in answer.text, "what was chosen stands there still"
    assert stored(alice).digest == "weekly" and off(alice) == []


def test_what_a_form_says_beside_it_is_not_stored(hers: FlaskClient, alice: Person):
    post(hers, HERE, EVERYTHING | {"digest": "weekly", "nothing-app": "1", "member_id": "1", "tier-sms": "1"})
    assert off(alice) == []


def test_one_member_chooses_for_nobody_else(client: FlaskClient, alice: Person, bob: Person):
    save(sign_in(client, bob), "never", ("tier-app",))
    assert stored(alice).digest == "weekly" and off(alice) == []


def test_who_has_not_confirmed_the_address_is_told_that_no_mail_comes(client: FlaskClient, charlie: Person):
    assert "before you have confirmed your address" in words(sign_in(client, charlie).get(HERE))


def test_the_page_asks_the_database_three_times(hers: FlaskClient):
    hers.get(HERE)
    with counted() as statements:
        hers.get(HERE)
    assert len(statements) == 3, statements


@pytest.mark.parametrize("wanted", [True, False])
def test_a_mail_about_an_answer_comes_for_who_wants_it(alice: Person, mia: Person, wanted: bool):
    now = clock.now()
    with transaction():
        number = asking.ask(alice.id, "Why?", "t" * 32, topic="points", now=now)
        if not wanted:
            choices.stop_mails(alice.id, ANSWERS.key)
    with transaction():
        answering.answer(mia.id, number, "Because.", "s" * 32, 1, now=now)
    told = [mail for mail in mails() if mail.recipient == alice.email]
    assert len(told) == wanted
    for mail in told:
        assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail.subject == f"{brand.brand().name} has answered your question"
    assert [row.kind for row in read_all(text("SELECT kind FROM message"))] == ["question.answered"]
