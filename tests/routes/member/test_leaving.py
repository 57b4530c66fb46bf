"""Leaving by the page: what it says, what it asks for, and the band over every page until it is over."""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification.members import leaving
from app.lib import clock
from app.models.base import transaction
from tests.support.cast import PASSWORD, Person, mails, post, sign_in, sign_in_staff, stored, words
from tests.support.play import play, trade

HERE = "/profile/leaving"
BAND = 'class="leaving"'


def test_the_page_says_what_is_lost(hers: FlaskClient, alice: Person):
    play(alice.id, trade(lots="2"))
    row = stored(alice)
    said = words(hers.get(HERE))
    assert "You have" in said and "What you have not used by then is lost" in said
    assert "Nothing is deleted for 7 days" in said
    assert row.leaving_at is None


def test_it_asks_for_the_password(hers: FlaskClient, alice: Person):
    for wrong in ({}, {"current": ""}, {"current": "wrong"}, {"number": "M-1001"}):
        assert post(hers, HERE, wrong).status_code == 422
    answer = post(hers, HERE, {"current": "wrong"}, htmx=True)
    assert 'id="leaving-form"' in answer.text and "<html" not in answer.text
    assert "not your current password" in words(answer)
    assert stored(alice).leaving_at is None and mails() == []


def test_who_has_no_password_writes_the_client_number(hers: FlaskClient, alice: Person):
    with transaction() as conn:
        conn.execute(text("UPDATE member SET password_hash = NULL WHERE id = :id"), {"id": alice.id})
    assert "It is M-1001." in words(hers.get(HERE))
    answer = post(hers, HERE, {"number": "M-1002"})
    assert answer.status_code == 422 and "not your client number" in words(answer)
    assert post(hers, HERE, {"number": "M-1001"}).location == HERE
    assert stored(alice).leaving_at is not None


def test_every_page_says_so_until_they_stay(hers: FlaskClient, alice: Person):
    assert BAND not in hers.get("/home").text
    assert post(hers, HERE, {"current": PASSWORD}).location == HERE
    assert "You have a week to change your mind" in words(hers.get(HERE))
    for place in ("/home", "/points", "/tiers", "/profile", "/profile/data"):
        assert BAND in hers.get(place).text, place
    page = hers.get(HERE)
    assert BAND not in page.text, "the page says it itself"
    assert "Your account will be deleted" in words(page) and "Delete my account" not in words(page)
    assert post(hers, HERE + "/stay").location == "/profile/data"
    assert "Your account stays as it was" in words(hers.get("/home"))
    assert BAND not in hers.get("/home").text
    assert [mail.subject.partition(" ")[0] for mail in mails()] == ["Your", "Your"]


def test_staying_without_leaving_is_nothing(hers: FlaskClient, alice: Person):
    assert post(hers, HERE + "/stay").status_code == 303
    assert mails() == []


def test_everything_works_until_the_end(hers: FlaskClient, alice: Person, browser: Callable[[], FlaskClient]):
    post(hers, HERE, {"current": PASSWORD})
    again = browser()
    assert post(again, "/login", {"email": alice.email, "password": PASSWORD}).location == "/home"
    assert again.get("/home").status_code == 200
    assert leaving.erase_due(clock.now() + leaving.COOL_OFF) == 1
    for client in (hers, again):
        assert client.get("/home").location.startswith("/login")
    assert post(browser(), "/login", {"email": alice.email, "password": PASSWORD}).status_code == 422


def test_staff_see_it_and_cannot_do_it_for_them(
    hers: FlaskClient, browser: Callable[[], FlaskClient], alice, omar, mia
):
    post(hers, HERE, {"current": PASSWORD})
    desk = sign_in_staff(browser(), omar)
    assert "Leaves on" in words(desk.get(f"/admin/members/{alice.id}"))
    assert "done by itself on" in words(desk.get(f"/admin/members/{alice.id}/privacy"))
    looking = sign_in_staff(browser(), mia)
    post(looking, f"/admin/members/{alice.id}/view")
    assert looking.get(HERE).status_code == 200
    for place in (HERE, HERE + "/stay"):
        assert post(looking, place, {"current": PASSWORD}).status_code == 403
    assert stored(alice).leaving_at is not None


def test_nobody_leaves_for_another(hers: FlaskClient, browser: Callable[[], FlaskClient], alice, bob: Person):
    his = sign_in(browser(), bob)
    post(his, HERE, {"current": PASSWORD, "member": str(alice.id), "member_id": str(alice.id), "id": str(alice.id)})
    assert stored(alice).leaving_at is None
    assert stored(bob).leaving_at is not None


def test_going_to_and_fro_fills_no_mailbox(hers: FlaskClient, alice: Person):
    for _ in range(12):
        assert post(hers, HERE, {"current": PASSWORD}).location == HERE
        assert post(hers, f"{HERE}/stay").status_code == 303
    assert post(hers, HERE, {"current": PASSWORD}).status_code == 429
    assert len(mails()) == 24 and stored(alice).leaving_at is None
