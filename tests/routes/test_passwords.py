"""Forgotten and changed passwords."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from time_machine import travel

from app.lib import clock
from tests.support.cast import PASSWORD, Person, link_in, mails, make_member, post, sign_in, stored, words

NEW = "a completely different phrase"


def ask(client: FlaskClient, email: str):
    return post(client, "/forgot", {"email": email})


def sign_of(number: int = -1) -> str:
    return link_in(mails()[number]).partition("token=")[2]


def test_a_forgotten_password_is_replaced_by_mail(client: FlaskClient, alice: Person):
    assert ask(client, alice.email).location == "/forgot/sent"
    assert "Set a new password" in words(client.get(link_in(mails()[0])))
    assert post(client, "/reset", {"token": sign_of(), "password": NEW}).location == "/home"
    assert "Alice Amari" in words(client.get("/profile"))
    post(client, "/logout")
    assert post(client, "/login", {"email": alice.email, "password": PASSWORD}).status_code == 422
    assert post(client, "/login", {"email": alice.email, "password": NEW}).status_code == 303
    assert "was changed" in mails()[-1].subject


def test_nobody_learns_who_is_a_member(client: FlaskClient, alice: Person):
    known, unknown = ask(client, alice.email), ask(client, "nobody@example.com")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert [mail.recipient for mail in mails()] == [alice.email, "nobody@example.com"]
    assert "Nobody joined Meridian Rewards with this address" in mails()[1].body


def test_a_reset_signs_every_browser_out(client: FlaskClient, browser: Callable[[], FlaskClient], alice: Person):
    thief = sign_in(browser(), alice)
    ask(client, alice.email)
    post(client, "/reset", {"token": sign_of(), "password": NEW})
    assert thief.get("/profile").status_code == 303
    assert client.get("/profile").status_code == 200


def test_a_link_works_once_and_older_ones_die_with_it(client: FlaskClient, alice: Person):
    ask(client, alice.email)
    ask(client, alice.email)
    first, second = sign_of(0), sign_of(1)
    assert post(client, "/reset", {"token": second, "password": NEW}).status_code == 303
    for sign in (first, second):
        assert post(client, "/reset", {"token": sign, "password": NEW + "!"}).status_code == 410


def test_a_link_dies_after_an_hour(client: FlaskClient, alice: Person):
    ask(client, alice.email)
    with travel(clock.now() + timedelta(minutes=61), tick=False):
        assert client.get(link_in(mails()[0])).status_code == 410
        assert post(client, "/reset", {"token": sign_of(), "password": NEW}).status_code == 410


def test_a_weak_password_keeps_the_link_alive(client: FlaskClient, alice: Person):
    ask(client, alice.email)
    answer = post(client, "/reset", {"token": sign_of(), "password": "1234567890"}, htmx=True)
    assert answer.status_code == 422 and "among the first that others would try" in words(answer)
    assert answer.text.lstrip().startswith("<form")
    assert post(client, "/reset", {"token": sign_of(), "password": NEW}).status_code == 303


def test_whoever_can_read_the_mail_has_confirmed_the_address(client: FlaskClient):
    frida = make_member("frida@example.com", "Frida Falk", verified=False)
    ask(client, frida.email)
    post(client, "/reset", {"token": sign_of(), "password": NEW})
    assert stored(frida).email_verified_at is not None


def test_what_is_no_address_is_said_at_the_field(client: FlaskClient):
    answer = ask(client, "nonsense")
    assert answer.status_code == 422 and "This is not an email address" in words(answer)
    assert 'aria-invalid="true"' in answer.text


def test_a_mailbox_is_not_flooded(client: FlaskClient, alice: Person):
    answers = [ask(client, alice.email).status_code for _ in range(11)]
    assert answers == [303] * 10 + [429]
    assert len(mails()) == 10


def test_a_changed_password_signs_the_others_out(
    client: FlaskClient, browser: Callable[[], FlaskClient], alice: Person
):
    sign_in(client, alice)
    other = sign_in(browser(), alice)
    answer = post(client, "/profile/password", {"current": PASSWORD, "password": NEW})
    assert answer.location == "/profile/security"
    assert "every other browser is signed out" in words(client.get("/profile"))
    assert other.get("/profile").status_code == 303
    assert "was changed" in mails()[0].subject


def test_the_present_password_is_asked_for(client: FlaskClient, alice: Person):
    sign_in(client, alice)
    answer = post(client, "/profile/password", {"current": "not this one", "password": NEW}, htmx=True)
    assert answer.status_code == 422 and "not your current password" in words(answer)
    assert 'id="profile-password"' in answer.text and "<html" not in answer.text
    weak = post(client, "/profile/password", {"current": PASSWORD, "password": "alice@example.com"})
    assert weak.status_code == 422
    assert not mails()
