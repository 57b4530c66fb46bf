"""Browsers: told by mail when one is new, listed under names that sign nobody in, and ended one by one."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification.errors.members import BrowserNotFound
from app.gamification.members import devices, marks, sign_ins
from app.lib import clock
from app.models.base import read_all, transaction
from tests.support.cast import PASSWORD, Person, mails, post

NOW = clock.now()
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1"


def start(member: Person, mark: str | None = None, browser: str = FIREFOX, days_ago: float = 0) -> bytes:
    with transaction():
        cookie = sign_ins.start(
            member.id, address="10.1.2.3", browser=browser, mark=mark, now=NOW - timedelta(days=days_ago)
        )
    found = sign_ins.from_cookie(cookie)
    assert found is not None
    return found


def is_open(sign_in_id: bytes) -> bool:
    return sign_ins.read(sign_ins.to_cookie(sign_in_id), NOW) is not None


def log_in(client: FlaskClient, member: Person, agent: str = FIREFOX) -> None:
    answer = post(client, "/login", {"email": member.email, "password": PASSWORD}, headers={"User-Agent": agent})
    assert answer.location == "/home"


def test_the_first_sign_in_is_no_news(app: Flask, alice: Person):
    start(alice, marks.new())
    assert mails() == []


def test_a_new_browser_is_told_once(app: Flask, alice: Person):
    first, second = marks.new(), marks.new()
    start(alice, first)
    for _ in range(3):
        start(alice, second, IPHONE)
        start(alice, first)
    [mail] = mails()
    assert (mail.recipient, mail.member_id) == (alice.email, alice.id)
    assert "Safari on iPhone, address 10.1.2.3" in mail.body
    assert "(Asia/Dubai)" in mail.body
    assert "/profile/security" in mail.body


def test_who_was_never_known_by_a_mark_is_not_told_of_the_first(app: Flask, alice: Person):
    """Sign-ins from before there were marks say nothing of the browser that comes now."""
    start(alice)
    start(alice, marks.new())
    assert mails() == []


def test_a_new_browser_of_a_member_without_address_is_nobodys_mail(app: Flask, alice: Person):
    with transaction() as conn:
        conn.execute(text("UPDATE member SET email = NULL WHERE id = :id"), {"id": alice.id})
    start(alice, marks.new())
    start(alice, marks.new())
    assert mails() == []


def test_the_people_of_the_demo_are_not_told_who_plays_them(app: Flask, alice: Person):
    with transaction() as conn:
        conn.execute(text("UPDATE member SET demo_role = 'trader' WHERE id = :id"), {"id": alice.id})
    start(alice, marks.new())
    start(alice, marks.new())
    assert mails() == []


def test_a_mark_is_kept_as_another_value_for_each_member(app: Flask, alice: Person, bob: Person):
    mark = marks.new()
    start(alice, mark)
    start(bob, mark)
    kept = [bytes(row.device) for row in read_all(text("SELECT device FROM sign_in"))]
    assert len(set(kept)) == 2
    assert all(mark.encode() not in one and len(one) == 32 for one in kept)


def test_the_form_marks_the_browser(client: FlaskClient, browser: Callable[[], FlaskClient], alice: Person):
    log_in(client, alice)
    cookie = client.get_cookie("laurel_browser")
    assert cookie is not None and marks.is_mark(cookie.value)
    assert cookie.http_only and cookie.same_site == "Lax" and (cookie.max_age or 0) > 86_400 * 390
    post(client, "/logout")
    log_in(client, alice)
    assert client.get_cookie("laurel_browser").value == cookie.value  # type: ignore[union-attr]
    assert mails() == []
    log_in(browser(), alice, IPHONE)
    assert [mail.subject for mail in mails()] == ["A new browser signed in to Meridian Rewards"]


@pytest.mark.parametrize("planted", ["", "x", "a" * 44, "é" * 43, "a" * 5000, "../" * 14 + "a"])
def test_a_planted_mark_is_replaced(client: FlaskClient, alice: Person, planted: str):
    if planted.isascii():
        client.set_cookie("laurel_browser", planted)
    log_in(client, alice)
    cookie = client.get_cookie("laurel_browser")
    assert cookie is not None and re.fullmatch(r"[\w-]{43}", cookie.value) and cookie.value != planted


def test_a_wrong_password_marks_nothing(client: FlaskClient, alice: Person):
    post(client, "/login", {"email": alice.email, "password": "not this one"})
    assert client.get_cookie("laurel_browser") is None


def test_browsers_are_listed_this_one_first(app: Flask, alice: Person, bob: Person):
    old, this, other = start(alice, days_ago=100), start(alice, days_ago=5), start(alice, browser=IPHONE, days_ago=1)
    start(bob)
    ended = start(alice)
    with transaction():
        sign_ins.end(ended, now=NOW)
    found = devices.of(alice.id, now=NOW, this=this)
    assert [(one.name, one.system, one.is_phone, one.is_this) for one in found] == [
        ("Firefox", "Windows", False, True),
        ("Safari", "iPhone", True, False),
    ]
    assert not is_open(old)
    assert is_open(other)


def test_a_handle_is_not_what_signs_in(app: Flask, alice: Person):
    ids = [start(alice) for _ in range(20)]
    handles = [one.handle for one in devices.of(alice.id, now=NOW)]
    assert len(set(handles)) == 20
    for handle in handles:
        assert sign_ins.read(handle, NOW) is None
        assert not any(one.hex().startswith(handle[:8]) or sign_ins.to_cookie(one) in handle for one in ids)


def test_one_browser_is_ended_and_no_other(app: Flask, alice: Person):
    this, other, third = start(alice), start(alice), start(alice)
    [handle] = [one.handle for one in devices.of(alice.id, now=NOW, this=other) if one.is_this]
    for _ in range(2):
        with transaction():
            devices.end(alice.id, handle, now=NOW)
    assert (is_open(this), is_open(other), is_open(third)) == (True, False, True)


def test_nobody_ends_what_is_anothers(app: Flask, alice: Person, bob: Person):
    hers = start(alice)
    [browser] = devices.of(alice.id, now=NOW)
    for handle in (browser.handle, hers.hex(), sign_ins.to_cookie(hers), "", "all", "x" * 20):
        with pytest.raises(BrowserNotFound), transaction():
            devices.end(bob.id, handle, now=NOW)
    assert is_open(hers)


def test_all_the_others_are_ended(app: Flask, alice: Person, bob: Person):
    this, other, his = start(alice), start(alice), start(bob)
    with transaction():
        assert devices.end_others(alice.id, this, now=NOW) == 1
    assert (is_open(this), is_open(other), is_open(his)) == (True, False, True)
