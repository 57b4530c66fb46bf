"""Signing in and out."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from time_machine import travel

from app.gamification.members import credentials, erasure
from app.lib import clock
from app.models.base import connection, read_all, read_one, transaction
from app.routes.public import signing
from tests.support.cast import PASSWORD, Person, mails, post, sign_in, stored, token, words


def log_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: str):
    return post(client, "/login", {"email": email, "password": password, **more})


def test_a_member_signs_in_and_out(client: FlaskClient, alice: Person):
    assert log_in(client, alice.email).location == "/home"
    assert "Alice Amari" in words(client.get("/profile"))
    assert post(client, "/logout").location == "/"
    assert client.get("/profile").status_code == 303


def test_an_address_is_the_same_in_capitals(client: FlaskClient, alice: Person):
    assert log_in(client, " Alice@Example.COM ").status_code == 303


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(client: FlaskClient, alice: Person):
    wrong, unknown = log_in(client, alice.email, "not her password"), log_in(client, "nobody@example.com")
    nonsense = log_in(client, "nobody")
    assert wrong.status_code == unknown.status_code == nonsense.status_code == 422
    said = "Email and password do not match"
    assert said in words(wrong) and said in words(unknown) and said in words(nonsense)
    assert not mails()


def test_an_unknown_address_costs_as_much_as_a_wrong_password(
    client: FlaskClient, alice: Person, monkeypatch: pytest.MonkeyPatch
):
    from app.gamification.members import passwords

    hashed: list[str] = []

    class Watching:
        def verify(self, stored_hash: str, _password: str) -> bool:
            hashed.append(stored_hash)
            return False

    monkeypatch.setattr(passwords, "_hasher", Watching())
    for email in (alice.email, "nobody@example.com", "nonsense"):
        log_in(client, email)
    assert len(hashed) == 3


def test_whoever_has_not_confirmed_the_address_gets_the_link_again(client: FlaskClient, charlie: Person):
    answer = log_in(client, charlie.email)
    assert answer.status_code == 422 and "Confirm your email address first" in words(answer)
    assert [mail.recipient for mail in mails()] == [charlie.email]
    assert client.get("/profile").status_code == 303


def test_a_strangers_guess_at_an_unconfirmed_address_sends_nothing(client: FlaskClient, charlie: Person):
    assert "do not match" in words(log_in(client, charlie.email, "a wrong password"))
    assert not mails()


def test_a_stolen_cookie_is_worth_nothing_after_signing_out(
    client: FlaskClient, browser: Callable[[], FlaskClient], alice: Person
):
    log_in(client, alice.email)
    thief = browser()
    cookie = client.get_cookie("laurel")
    assert cookie
    thief.set_cookie("laurel", cookie.value)
    assert thief.get("/profile").status_code == 200
    post(client, "/logout")
    assert thief.get("/profile").status_code == 303


def test_the_cookie_names_the_sign_in_and_nobody(client: FlaskClient, alice: Person):
    log_in(client, alice.email)
    with client.session_transaction() as session:
        assert set(session) <= {"_user_id", "_fresh", "csrf_token"}
        assert len(session["_user_id"]) == 22, "128 bits in base64"


def test_a_session_begins_anew_when_somebody_signs_in(client: FlaskClient, alice: Person):
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    before = token(client)
    log_in(client, alice.email)
    with client.session_transaction() as session:
        assert "planted" not in session
    assert client.post("/logout", data={"csrf_token": before}).status_code == 400


def test_staying_signed_in_is_a_choice(client: FlaskClient, alice: Person):
    log_in(client, alice.email)
    assert client.get_cookie("laurel_remember") is None
    post(client, "/logout")
    log_in(client, alice.email, remember="y")
    remembered = client.get_cookie("laurel_remember")
    assert remembered and remembered.http_only and remembered.same_site == "Lax"
    client.delete_cookie("laurel")
    assert client.get("/profile").status_code == 200
    post(client, "/logout")
    assert client.get_cookie("laurel_remember") is None


def test_a_browser_that_was_idle_for_months_signs_in_again(client: FlaskClient, alice: Person):
    sign_in(client, alice)
    with travel(clock.now() + timedelta(days=91), tick=False):
        assert client.get("/profile").status_code == 303


def test_an_erased_member_is_nobody(client: FlaskClient, alice: Person):
    sign_in(client, alice)
    with transaction():
        connection().execute(text("UPDATE member SET erased_at = 1 WHERE id = :id"), {"id": alice.id})
    assert client.get("/profile").status_code == 303
    assert log_in(client, alice.email).status_code == 422


@pytest.mark.parametrize("cookie", ["", "x", "AAAA", "A" * 22, "🙂", "A" * 5000])
def test_what_is_no_sign_in_is_nobody(client: FlaskClient, cookie: str):
    with client.session_transaction() as session:
        session["_user_id"] = cookie
    assert client.get("/profile").status_code == 303


def test_a_visitor_comes_back_to_the_page_that_was_asked_for(client: FlaskClient, alice: Person):
    sent = client.get("/profile?tab=look")
    assert sent.status_code == 303 and sent.location == "/login?next=%2Fprofile%3Ftab%3Dlook"
    assert 'value="/profile?tab=look"' in client.get(sent.location).text
    assert log_in(client, alice.email, next="/profile?tab=look").location == "/profile?tab=look"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
    ],
)
def test_nobody_is_sent_elsewhere(client: FlaskClient, alice: Person, elsewhere: str):
    form = client.get("/login", query_string={"next": elsewhere}, headers={"HX-Request": "true"}).text
    assert 'name="next" type="hidden" value=""' in form
    assert log_in(client, alice.email, next=elsewhere).location == "/home"
    assert client.get("/login", query_string={"next": elsewhere}).location == "/home"


def test_with_htmx_a_stranger_is_led_to_the_whole_page(client: FlaskClient):
    answer = client.get("/profile", headers={"HX-Request": "true"})
    assert answer.status_code == 204 and answer.headers["HX-Redirect"] == "/login"


def test_signing_in_is_the_days_visit(client: FlaskClient, alice: Person):
    log_in(client, alice.email)
    assert stored(alice).last_visit_day is not None
    kinds = read_all(text("SELECT external_id FROM activity WHERE external_id LIKE 'visit:%'"))
    assert len(kinds) == 1


def test_reading_never_writes_that_somebody_was_here(client: FlaskClient, alice: Person):
    sign_in(client, alice)
    seen = "SELECT last_seen_at FROM sign_in"
    first = read_one(text(seen))[0]
    with travel(clock.now() + timedelta(minutes=6), tick=False):
        client.get("/profile")
        assert read_one(text(seen))[0] == first
        post(client, "/visits")
        second = read_one(text(seen))[0]
        assert second > first
    with travel(clock.now() + timedelta(minutes=8), tick=False):
        post(client, "/visits")
        assert read_one(text(seen))[0] == second, "five minutes have not passed"


def test_guessing_ends_after_ten_tries_a_minute(client: FlaskClient, app: Flask, alice: Person):
    answers = [log_in(client, alice.email, f"guess number {number}").status_code for number in range(11)]
    assert answers == [422] * 10 + [429]
    refused = log_in(client, alice.email)
    assert refused.status_code == 429 and "A little too fast" in words(refused)
    assert refused.headers["Retry-After"] == "60"


def test_an_account_is_guarded_against_many_addresses(app: Flask, alice: Person):
    answers = []
    for number in range(11):
        client = app.test_client()
        data = {"email": alice.email, "password": "a guess at it", "csrf_token": token(client)}
        where = {"REMOTE_ADDR": f"198.51.100.{number}"}
        answers.append(client.post("/login", data=data, environ_base=where).status_code)
    assert answers == [422] * 10 + [429]


def test_signing_in_rightly_is_never_too_often(client: FlaskClient, alice: Person):
    for _ in range(12):
        assert log_in(client, alice.email).status_code == 303


@pytest.mark.usefixtures("demo")
class TestTheDemoCast:
    @pytest.fixture(autouse=True)
    def cast(self, alice: Person) -> None:
        with transaction():
            statement = text("UPDATE member SET demo_role = 'middle' WHERE id = :id")
            connection().execute(statement, {"id": alice.id})

    def test_one_click_is_enough(self, client: FlaskClient):
        assert "Alice Amari United Arab Emirates · Professional client" in words(client.get("/"))
        assert post(client, "/demo/sign-in", {"role": "middle"}).location == "/home"
        assert "Alice Amari" in words(client.get("/profile"))

    def test_there_is_no_way_in_as_anybody_else(self, client: FlaskClient, bob: Person):
        for role in ("", "bob", "2", "nobody"):
            assert post(client, "/demo/sign-in", {"role": role}).status_code == 404


def test_without_the_demo_season_there_is_no_such_door(client: FlaskClient, alice: Person):
    with transaction():
        connection().execute(text("UPDATE member SET demo_role = 'middle' WHERE id = :id"), {"id": alice.id})
    assert "Look around" not in words(client.get("/"))
    assert post(client, "/demo/sign-in", {"role": "middle"}).status_code == 404


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let something happen while a password that is right is still being compared."""

    def let(happen: Callable[[], object]) -> None:
        def slow(email: str, password: str) -> credentials.Credentials:
            someone = credentials.authenticate(email, password)
            with transaction():
                happen()
            return someone

        monkeypatch.setattr(signing, "authenticate", slow)

    return let


def test_a_password_that_is_changed_meanwhile_opens_nothing(
    client: FlaskClient, alice: Person, meanwhile: Callable[[Callable[[], object]], None]
):
    new = "four quite different words"
    meanwhile(lambda: credentials.change_password(alice.id, PASSWORD, new, sign_in_id=b"", now=clock.now()))
    answer = log_in(client, alice.email)
    assert answer.status_code == 422 and "do not match" in words(answer)
    assert not read_all(text("SELECT 1 FROM sign_in"))


def test_the_same_password_with_another_hash_opens_as_ever(
    client: FlaskClient, alice: Person, meanwhile: Callable[[Callable[[], object]], None]
):
    meanwhile(lambda: credentials.change_password(alice.id, PASSWORD, PASSWORD, sign_in_id=b"", now=clock.now()))
    assert log_in(client, alice.email).location == "/home"


def test_who_is_erased_meanwhile_leaves_no_browser_behind(
    client: FlaskClient, alice: Person, meanwhile: Callable[[Callable[[], object]], None]
):
    meanwhile(lambda: erasure.erase(None, alice.id, now=clock.now()))
    assert log_in(client, alice.email).status_code == 422
    assert not read_all(text("SELECT 1 FROM sign_in"))


def test_who_is_erased_meanwhile_is_sent_no_link(
    client: FlaskClient, charlie: Person, meanwhile: Callable[[Callable[[], object]], None]
):
    meanwhile(lambda: erasure.erase(None, charlie.id, now=clock.now()))
    assert log_in(client, charlie.email).status_code == 422
    assert not mails()
