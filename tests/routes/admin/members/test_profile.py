"""The profile: everything that a member reads of themselves, and what only staff see, behind few statements."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.gamification import pipeline
from app.gamification.members import care, erasure
from app.lib import clock
from app.models.base import transaction
from app.tasks import outbox
from tests.support.cast import Person, sign_in_staff, words
from tests.support.play import Said, play, report, trade
from tests.support.queries import counted

TABS = ("", "/points", "/points?tab=missed", "/points?tab=earned", "/points?tab=spent", "/points?tab=pending",
        "/points?q=EURUSD", "/decisions", "/tiers", "/accounts", "/messages", "/log")  # fmt: skip


@pytest.fixture
def viewer(app: Flask, client: FlaskClient, vera: Person) -> FlaskClient:
    return sign_in_staff(client, vera)


@pytest.fixture
def active(alice: Person) -> Person:
    """Alice with a line that earned and one activity that did not."""
    play(alice.id, trade(lots="2.00"))
    play(alice.id, trade(seconds=30))
    return alice


def at(member: Person, place: str = "") -> str:
    return f"/admin/members/{member.id}{place}"


def test_the_head_says_who_it_is_and_where_they_stand(viewer: FlaskClient, active: Person):
    said = words(viewer.get(at(active)))
    for what in ("Alice Amari", f"#{active.id}", "M-1001", "alice@example.com", "Available", "What the law allows",
                 "Allowed Trading · Deposits", "Professional client", "Asia/Dubai"):  # fmt: skip
        assert what in said, what


def test_a_line_opens_into_what_the_member_reads_and_what_only_staff_see(viewer: FlaskClient, active: Person):
    assert "Euro against dollar, 2 lots closed" in words(viewer.get(at(active)))
    answer = viewer.get(at(active, "/points/1"), headers={"HX-Request": "true"})
    said = words(answer)
    assert "How it was counted" in answer.text
    assert "Ledger proof" in said
    assert "For staff only" in said
    assert f"{active.id}/1 accrual" in said
    assert "Ask about this" not in said
    assert f'href="{at(active)}/points' in viewer.get(at(active)).text
    assert 'hx-get="/points/' not in viewer.get(at(active)).text


def test_what_did_not_earn_stands_with_its_reason(viewer: FlaskClient, active: Person):
    said = words(viewer.get(at(active, "/points?tab=missed")))
    assert "Open 30 s, needs 180 s" in said
    opened = re.search(r'hx-get="([^"]+/points/missed/\d+)"', viewer.get(at(active, "/points?tab=missed")).text)
    assert opened
    explained = words(viewer.get(opened[1], headers={"HX-Request": "true"}))
    assert "What the rule checked" in explained
    assert "For staff only" in explained


def test_every_decision_stands_with_its_number(viewer: FlaskClient, active: Person):
    said = words(viewer.get(at(active, "/decisions")))
    assert "Euro against dollar, 2 lots closed" in said
    assert "Joined the programme" in said


def test_accounts_messages_and_log(viewer: FlaskClient, active: Person, mia: Person):
    with transaction():
        care.block(mia.id, active.id, "review", now=clock.now())
        outbox.post(
            active.email, "Set a new password", "https://x/reset?token=secret", member_id=active.id, now=clock.now()
        )
    assert "5012345" in words(viewer.get(at(active, "/accounts")))
    messages = viewer.get(at(active, "/messages"))
    assert "Set a new password" in words(messages)
    assert "token=secret" not in messages.text
    assert "member.block" in words(viewer.get(at(active, "/log")))
    assert "Earning blocked" in words(viewer.get(at(active)))


@pytest.mark.parametrize("place", TABS)
def test_every_tab_is_a_page_and_a_fragment(viewer: FlaskClient, active: Person, place: str):
    page = viewer.get(at(active, place))
    alone = viewer.get(at(active, place), headers={"HX-Request": "true"})
    assert (page.status_code, alone.status_code) == (200, 200)
    assert "<!doctype html>" in page.text
    assert alone.text.lstrip().startswith('<section class="card ledger')


@pytest.mark.parametrize("place", TABS)
def test_a_page_costs_few_statements(viewer: FlaskClient, active: Person, place: str):
    viewer.get(at(active, place))
    with counted() as sent:
        viewer.get(at(active, place))
    assert len(sent) <= 12, sent


@pytest.mark.parametrize("place", (*TABS, "/points/lines?before=9", "/decisions/rows?before=9"))
def test_a_new_member_has_a_profile_too(viewer: FlaskClient, charlie: Person, place: str):
    assert viewer.get(at(charlie, place), headers={"HX-Request": "true"}).status_code == 200
    assert viewer.get(at(charlie, place)).status_code in (200, 303)


@pytest.mark.parametrize(
    "number", ["0", "999999", "2147483648", "9223372036854775807", "9223372036854775808", "-1", "1e3", "x", "1" * 400]
)
@pytest.mark.parametrize("place", ["", "/decisions", "/points/1", "/log"])
def test_a_number_of_nobody_is_a_clear_answer(viewer: FlaskClient, active: Person, number: str, place: str):
    assert viewer.get(f"/admin/members/{number}{place}").status_code == 404


@pytest.mark.parametrize("seq", ["0", "999", "2147483647", "2147483648", "9223372036854775808", "x"])
def test_a_line_that_never_was_is_a_clear_answer(viewer: FlaskClient, active: Person, seq: str):
    for place in (f"/points/{seq}", f"/points/missed/{seq}"):
        assert viewer.get(at(active, place)).status_code == 404


def test_a_line_of_somebody_else_is_not_read_by_this_members_address(viewer: FlaskClient, active: Person, bob: Person):
    assert viewer.get(at(active, "/points/1")).status_code == 200
    assert viewer.get(at(bob, "/points/1")).status_code == 404


def test_an_erased_member_still_has_a_profile(viewer: FlaskClient, active: Person, omar: Person):
    with transaction():
        erasure.erase(omar.id, active.id, now=clock.now())
    for place in TABS:
        answer = viewer.get(at(active, place))
        said = words(answer)
        assert answer.status_code == 200
        assert "Erased member" in said
        assert not [secret for secret in ("Alice", "Amari", "alice@", "5012345", "M-1001") if secret in answer.text]
    assert "Euro against dollar, 2 lots closed" in words(viewer.get(at(active)))


def test_what_waits_is_told(viewer: FlaskClient, alice: Person):
    pipeline.drain()
    report(None, Said(trade(), account=("mt5", "Meridian-Live", "5012345")))
    assert "Counted in a moment: 1" in words(viewer.get(at(alice, "/decisions")))


def test_staff_read_in_their_own_language(client: FlaskClient, active: Person, vera: Person):
    sign_in_staff(client, vera)
    from sqlalchemy import text

    with transaction() as conn:
        conn.execute(text("UPDATE member SET language = 'zh' WHERE id = :id"), {"id": active.id})
    assert 'lang="en"' in client.get(at(active)).text


def test_a_viewer_sees_no_button_that_is_not_theirs(viewer: FlaskClient, active: Person):
    said = words(viewer.get(at(active)))
    assert "Look after" not in said
    assert "Export or erase" not in said
    assert "View as member" not in said
    assert "Take this line back" not in words(viewer.get(at(active, "/points/1")))
