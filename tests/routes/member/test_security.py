"""Sign-in and browsers: what a member sees of them, and what of them they can end."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.models.base import transaction
from tests.support.cast import PASSWORD, Person, mails, post, sign_in, sign_in_staff, words
from tests.support.queries import counted

HERE = "/profile/security"
END = "/profile/sign-ins/end"
NEW = "four unrelated words here"


def handles(client: FlaskClient) -> list[str]:
    """The names of the other browsers on the page."""
    return re.findall(r'name="browser" value="([0-9a-f]{20})"', client.get(HERE).text)


def test_one_browser_ends_another_with_its_next_page(hers: FlaskClient, browser: Callable[[], FlaskClient], alice):
    phone, laptop = sign_in(browser(), alice), sign_in(browser(), alice)
    assert laptop.get("/home").status_code == 200
    for handle in handles(hers):
        assert post(hers, END, {"browser": handle}).location == HERE
    assert phone.get("/home").location.startswith("/login")
    assert laptop.get("/home").location.startswith("/login")
    assert hers.get("/home").status_code == 200
    assert handles(hers) == []


def test_all_the_others_end_at_once(hers: FlaskClient, browser: Callable[[], FlaskClient], alice: Person):
    phone = sign_in(browser(), alice)
    assert "Sign out all the others" in words(hers.get(HERE))
    post(hers, END, {"browser": "all"})
    assert phone.get("/home").status_code == 303
    page = hers.get(HERE)
    assert "Sign out all the others" not in words(page)
    assert "This browser" in words(page)


def test_what_stands_on_the_page_signs_nobody_in(hers: FlaskClient, browser: Callable[[], FlaskClient], alice: Person):
    sign_in(browser(), alice)
    with hers.session_transaction() as session:
        cookie = session["_user_id"]
    page = hers.get(HERE).text
    assert cookie not in page
    thief = browser()
    for handle in handles(hers):
        with thief.session_transaction() as session:
            session["_user_id"] = handle
        assert thief.get("/home").status_code == 303


def test_anothers_browser_is_not_there(hers: FlaskClient, browser: Callable[[], FlaskClient], alice, bob: Person):
    other = sign_in(browser(), alice)
    [handle] = handles(hers)
    his = sign_in(browser(), bob)
    for wrong in (handle, "x" * 20, "1", "' OR 1=1 --", "é"):
        assert post(his, END, {"browser": wrong}).status_code == 404, wrong
    assert post(his, END).status_code == 400
    assert other.get("/home").status_code == hers.get("/home").status_code == 200


def test_the_addresses_are_hidden_from_staff_who_look_on(
    hers: FlaskClient, browser: Callable[[], FlaskClient], alice: Person, mia: Person
):
    assert "127.0.0.1" in hers.get(HERE).text
    desk = sign_in_staff(browser(), mia)
    post(desk, f"/admin/members/{alice.id}/view")
    page = desk.get(HERE)
    assert page.status_code == 200
    assert "You are signed in with" in words(page) and "127.0.0.1" not in page.text
    assert post(desk, END, {"browser": "all"}).status_code == 403
    assert hers.get("/home").status_code == 200


def test_whoever_plays_in_the_demo_sees_and_ends_nobody_else(
    hers: FlaskClient, browser: Callable[[], FlaskClient], alice: Person
):
    other = sign_in(browser(), alice)
    [handle] = handles(hers)
    with transaction() as conn:
        conn.execute(text("UPDATE member SET demo_role = 'trader' WHERE id = :id"), {"id": alice.id})
    assert handles(hers) == []
    assert "Everybody plays" in words(hers.get(HERE))
    for named in (handle, "all"):
        assert post(hers, END, {"browser": named}).status_code == 404
    assert other.get("/home").status_code == 200


def test_guessing_the_password_ends_soon(hers: FlaskClient, alice: Person):
    wrong = [post(hers, "/profile/password", {"current": "wrong", "password": NEW}).status_code for _ in range(12)]
    assert wrong[:10] == [422] * 10 and wrong[-1] == 429
    assert post(hers, "/profile/leaving", {"current": PASSWORD}).status_code == 429, "they share one count"


def test_a_new_password_is_told_and_ends_the_others(
    hers: FlaskClient, browser: Callable[[], FlaskClient], alice: Person
):
    other = sign_in(browser(), alice)
    assert post(hers, "/profile/password", {"current": PASSWORD, "password": NEW}).location == HERE
    assert other.get("/home").status_code == 303
    [mail] = mails()
    assert (mail.recipient, mail.member_id) == (alice.email, alice.id)
    assert "was changed" in mail.subject


def test_a_member_without_password_is_told_how_to_get_one(hers: FlaskClient, alice: Person):
    with transaction() as conn:
        conn.execute(text("UPDATE member SET password_hash = NULL WHERE id = :id"), {"id": alice.id})
    said = words(hers.get(HERE))
    assert "You come in from your broker" in said and "Current password" not in said


@pytest.mark.parametrize("place", [HERE, "/profile/data", "/profile/leaving"])
def test_a_page_asks_the_database_at_most_five_times(hers: FlaskClient, place: str):
    hers.get(place)
    with counted() as statements:
        assert hers.get(place).status_code == 200
    assert len(statements) <= 5, statements


@pytest.mark.parametrize("place", ["/profile", HERE, "/profile/data", "/profile/leaving"])
@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_the_pages_speak_the_members_language(hers: FlaskClient, place: str, language: str):
    post(hers, "/language", {"language": language})
    page = hers.get(place)
    assert page.status_code == 200 and "%(" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert 'aria-current="page"' in page.text
