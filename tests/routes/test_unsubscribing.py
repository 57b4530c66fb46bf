"""The way out of mails: one press, without a session; and what a link that is not ours, or not good any more, can do."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification.members import erasure
from app.gamification.messages import choices
from app.gamification.messages.topics import ANSWERS, TIER
from app.gamification.messages.unsubscribing import LONGEST, SUMMARIES, Links
from app.lib import clock
from app.models.base import connection, read_all, transaction
from app.routes.settings import settings
from tests.support.cast import Person, stored, words
from tests.support.play import NOON

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def today() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


def way_out(member: Person, what: str = SUMMARIES) -> str:
    return Links(settings().installation_secret).address(member.id, member.email, what)


def off() -> list[tuple[int, str, str]]:
    rows = read_all(text("SELECT member_id, topic, channel FROM message_choice"))
    return [(row.member_id, row.topic, row.channel) for row in rows]


def test_a_mailbox_presses_the_button_for_its_owner(client: FlaskClient, alice: Person):
    answer = client.post(way_out(alice), data=ONE_CLICK)
    assert answer.status_code == 200
    assert stored(alice).digest == "never"


def test_as_a_form_of_parts_too_and_with_nothing_in_it(client: FlaskClient, alice: Person):
    assert client.post(way_out(alice), data=ONE_CLICK, content_type="multipart/form-data").status_code == 200
    assert client.post(way_out(alice)).status_code == 200


def test_pressed_twice_it_is_pressed_once(client: FlaskClient, alice: Person):
    for _ in range(2):
        answer = client.post(way_out(alice), data=ONE_CLICK)
        assert answer.status_code == 200 and "You get no more summaries" in words(answer)
    assert stored(alice).digest == "never"


def test_looking_at_the_link_changes_nothing(client: FlaskClient, alice: Person):
    for _ in range(2):
        page = client.get(way_out(alice))
        assert page.status_code == 200 and "Stop the summaries?" in words(page)
    client.head(way_out(alice))
    assert stored(alice).digest == "weekly"


def test_the_button_of_the_page_is_the_same_press(client: FlaskClient, alice: Person):
    page = client.get(way_out(alice)).text
    action = page.split('class="card form" method="post" action="')[1].split('"')[0]
    answer = client.post(action)
    assert "You get no more summaries" in words(answer)
    assert "You get no more summaries" in words(client.get(way_out(alice)))


def test_nothing_on_the_page_says_whose_it_is(client: FlaskClient, alice: Person):
    for answer in (client.get(way_out(alice)), client.post(way_out(alice))):
        assert not [secret for secret in (alice.name, alice.email, "Amari") if secret in answer.text]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "strict-origin"


def test_the_page_speaks_the_language_of_the_mail(client: FlaskClient, alice: Person):
    with transaction():
        connection().execute(text("UPDATE member SET language = 'ar'"))
    assert 'lang="ar" dir="rtl"' in client.get(way_out(alice)).text


def test_a_link_of_a_topic_ends_the_mails_about_it_and_nothing_else(client: FlaskClient, alice: Person):
    address = way_out(alice, ANSWERS.key)
    assert "We write to you about “Answers”" in words(client.get(address))
    assert off() == []
    for _ in range(2):
        assert "We write no mails about “Answers” to you" in words(client.post(address))
    assert off() == [(alice.id, "question", "mail")]
    assert stored(alice).digest == "weekly"
    assert choices.of(alice.id).wants(ANSWERS, "app")


def test_the_press_takes_nothing_from_the_body(client: FlaskClient, alice: Person, bob: Person):
    client.post(way_out(alice, TIER.key), data={"token": way_out(bob), "member_id": bob.id, "what": SUMMARIES})
    assert off() == [(alice.id, "tier", "mail")]
    assert stored(bob).digest == stored(alice).digest == "weekly"


def test_what_protects_the_account_has_no_way_out(client: FlaskClient, alice: Person):
    assert client.post(way_out(alice, "account")).status_code == 410
    assert off() == []


@pytest.mark.parametrize("spoil", ["cut", "longer", "other", "huge", "empty", "binary", "none", "verify"])
def test_a_link_that_is_not_ours_does_nothing(client: FlaskClient, alice: Person, spoil: str):
    good = way_out(alice).partition("token=")[2]
    head, _, tail = good.partition(".")
    token = {
        "cut": good[:-1],
        "longer": good + "A",
        "other": f"{head[:-2]}{'A' if head[-2] != 'A' else 'B'}{head[-1]}.{tail}",
        "huge": good + "A" * LONGEST,
        "empty": "",
        "binary": "%00%ff%e2%80%ae",
        "none": "W10.a.b",
        "verify": "",
    }[spoil]
    if spoil == "verify":  # signed by us, for something else
        from itsdangerous import URLSafeTimedSerializer

        secret = settings().installation_secret
        token = str(URLSafeTimedSerializer(secret, salt="laurel-link-verify").dumps([alice.id, SUMMARIES, "x"]))
    for ask in (client.get, client.post):
        answer = ask(f"/unsubscribe?token={token}")
        assert answer.status_code == 410 and "This link no longer works" in words(answer)
    assert client.post("/unsubscribe").status_code == 410
    assert stored(alice).digest == "weekly"


@pytest.mark.parametrize("holds", [[], [1], ["x", SUMMARIES, "y"], [1, 2, 3], {"a": 1}, None, [1, [], "x"]])
def test_something_else_that_we_signed_does_nothing(client: FlaskClient, alice: Person, holds: object):
    token = Links(settings().installation_secret)._serializer.dumps(holds)
    assert client.post(f"/unsubscribe?token={token}").status_code == 410


def test_a_link_of_another_member_is_of_no_use(client: FlaskClient, alice: Person, bob: Person):
    client.post(way_out(bob))
    assert stored(alice).digest == "weekly"


def test_after_a_year_it_says_what_to_do_instead(client: FlaskClient, alice: Person, today: time_machine.Traveller):
    address = way_out(alice)
    today.move_to(NOON + timedelta(days=365))
    assert client.get(address).status_code == 200
    today.move_to(NOON + timedelta(days=367))
    answer = client.post(address)
    assert answer.status_code == 410 and "choose in your profile what we send you" in words(answer)


def test_it_dies_with_the_address_and_with_whom_it_was_sent_to(client: FlaskClient, alice: Person, bob: Person):
    addresses = [way_out(alice), way_out(bob)]
    with transaction():
        connection().execute(text("UPDATE member SET email = 'new@example.com' WHERE id = :id"), {"id": alice.id})
        erasure.erase(None, bob.id, now=clock.now())
    assert [client.post(address).status_code for address in addresses] == [410, 410]


def test_no_other_form_goes_without_its_token(client: FlaskClient, app: Flask):
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/login", data={}).status_code == 400
    assert client.post("/messages/readings", data={}).status_code in (303, 400)
