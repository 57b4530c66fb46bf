"""Quiet mode in the browser: what it hides on every page, what stays, and that nothing is lost by it."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification.messages import quiet
from app.gamification.messages.telling import tell
from app.gamification.questions import asking
from app.gamification.staff.sent import new_token
from app.gamification.statements import work
from app.lib import clock
from app.models.base import read_all, read_one, transaction
from app.routes.access import POLICY
from app.routes.policy.audiences import Audience
from app.routes.quieting import HIDDEN
from tests.house.test_pages import sample
from tests.routes.member.bringing import brought, look, shown
from tests.support.bringing import approve, file_of
from tests.support.cast import Person, post, sign_in, sign_in_staff, stored, words
from tests.support.play import NOON, Said, balances, play, trade, wallet
from tests.support.queries import counted

DAY = timedelta(days=1)
HERE = "/profile/messages"


@pytest.fixture(autouse=True)
def today() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


@pytest.fixture
def resting(client: FlaskClient, alice: Person) -> FlaskClient:
    """Alice has points and messages, and wants it quiet."""
    play(alice.id, Said(trade("XAUUSD", "20.00", moved="7.70")))
    with transaction():
        tell(alice.id, "released.points", {"points": 4321}, now=NOON)
        tell(alice.id, "account.linked", {"accounts": 1}, now=NOON)
        quiet.begin(alice.id, 7, now=NOON)
    return sign_in(client, alice)


@pytest.mark.parametrize("days", [7, 30, 90])
def test_it_begins_for_as_long_as_one_likes_and_ends_by_itself(
    hers: FlaskClient, alice: Person, today: time_machine.Traveller, days: int
):
    answer = post(hers, "/profile/quiet", {"days": str(days)})
    assert (answer.status_code, answer.location) == (303, "/home")
    assert stored(alice).quiet_until == NOON + days * DAY
    assert "It is quiet here, Alice" in words(hers.get("/home"))
    today.move_to(NOON + days * DAY - timedelta(seconds=1))
    assert "It is quiet here" in words(sign_in(hers, alice).get("/home"))
    today.move_to(NOON + days * DAY)
    assert "Good afternoon, Alice" in words(sign_in(hers, alice).get("/home"))


@pytest.mark.parametrize("days", ["", "0", "-7", "8", "7.0", "٧", "1e3", "9" * 400, "7 OR 1"])
def test_no_other_time_can_be_had(hers: FlaskClient, alice: Person, days: str):
    answer = post(hers, "/profile/quiet", {"days": days})
    assert answer.status_code == 422 and "Choose how long" in words(answer)
    assert stored(alice).quiet_until is None


def test_it_ends_at_once_and_leads_where_one_wanted_to_go(resting: FlaskClient, alice: Person):
    page = resting.get("/points?tab=missed")
    assert 'name="next" value="/points?tab=missed"' in page.text
    answer = post(resting, "/profile/quiet/end", {"next": "/points?tab=missed"})
    assert (answer.status_code, answer.location) == (303, "/points?tab=missed")
    assert stored(alice).quiet_until is None
    said = words(resting.get("/points"))
    assert "Quiet mode has ended." in said and "This is hidden" not in said


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example/", "/\\evil.example", "\n/x"])
def test_it_leads_nowhere_else(resting: FlaskClient, address: str):
    assert post(resting, "/profile/quiet/end", {"next": address}).location == "/home"


def test_ended_twice_is_ended(resting: FlaskClient, alice: Person):
    post(resting, "/profile/quiet/end")
    assert post(resting, "/profile/quiet/end").status_code == 303
    assert stored(alice).quiet_until is None


def members_pages(app: Flask) -> Iterator[tuple[str, str]]:
    """Every page that is for members, by its endpoint, with an address of it."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        access = POLICY[f"GET {rule.endpoint}"] if "GET" in (rule.methods or ()) else None
        if access is not None and access.who is Audience.MEMBER:
            yield rule.endpoint, adapter.build(rule.endpoint, {name: sample(rule, name) for name in rule.arguments})


def test_no_page_shows_points_and_each_says_until_when(app: Flask, resting: FlaskClient, alice: Person):
    available, pending = wallet(alice.id).available, wallet(alice.id).pending
    assert pending > 1000
    hidden = 0
    for endpoint, address in sorted(members_pages(app)):
        if endpoint.split(".")[0] == "data":
            continue
        answer = resting.get(address)
        said = words(answer)
        assert 'id="balance"' not in answer.text, address
        assert f"{pending:,}" not in said and "4,321" not in said and f"{available:,} points" not in said, address
        if answer.status_code == 200 and "<html" in answer.text:
            assert "Quiet until 11 Mar" in said, address
        if endpoint.split(".")[0] in HIDDEN:
            hidden += 1
            assert answer.status_code == 200 and "This is hidden while it is quiet" in said, address
    assert hidden >= 8


def test_what_is_hidden_is_not_even_read(resting: FlaskClient):
    resting.get("/points")
    with counted() as statements:
        resting.get("/points")
    assert len(statements) == 1, statements
    resting.get("/home")
    with counted() as statements:
        resting.get("/home")
    assert len(statements) == 2, statements


def test_the_frame_leads_to_calm_places_alone(resting: FlaskClient):
    page = resting.get("/home").text
    frame = page.split("<main")[0] + page.split("</main>")[1]
    led_to = {address.split("?")[0] for address in re.findall(r'href="(/[a-z/]*)', frame)}
    assert {"/home", "/lessons", "/journal", "/messages", "/profile"} <= led_to
    assert not led_to & {"/points", "/challenges", "/badges", "/tiers", "/activity", "/rewards", "/leaderboards"}
    assert "Bronze" not in frame


def test_messages_about_points_wait_and_those_about_the_account_do_not(resting: FlaskClient):
    said = words(resting.get("/messages"))
    assert "A trading account is linked to you." in said and "4,321" not in said
    assert "4,321" not in words(resting.get("/messages?topic=released"))
    page = resting.get("/messages").text
    assert re.search(r'id="bell".*?>1<', page, flags=re.S)
    post(resting, "/messages/readings", {"topic": "", "newest": "999999"})
    post(resting, "/profile/quiet/end")
    assert "New: 4,321 points" in words(resting.get("/messages")), "what was hidden was not read"


def test_what_is_about_the_account_leaves_its_points_out(resting: FlaskClient, alice: Person):
    with transaction():
        tell(alice.id, "statement.approved", {"import": 1, "points": 785, "later": 0}, now=NOON + DAY)
        question = asking.ask(alice.id, "Why so?", new_token(), line=1, now=NOON)
    newest = read_one(text("SELECT max(id) AS id FROM message")).id
    news = resting.get(f"/live/news?after={newest - 1}").json
    assert news is not None
    calm = "The broker approved your statement."
    assert [one["text"] for one in news] == [calm]
    for address in ("/home", "/messages", "/messages?topic=unread", "/messages?topic=account"):
        said = words(resting.get(address))
        assert calm in said and "785" not in said, address
    read = post(resting, f"/messages/{newest}/reading", headers={"HX-Request": "true"})
    assert calm in words(read) and "785" not in words(read)
    pages = (f"/questions/{question}", "/questions/new?line=1")
    for address in pages:
        assert "How this was counted" not in words(resting.get(address)), address
    assert "Why so?" in words(resting.get(pages[0]))
    post(resting, "/profile/quiet/end")
    assert "785 points are yours" in words(resting.get("/messages"))
    assert "How this was counted" in words(resting.get(pages[0]))


def test_a_statement_is_looked_after_without_its_points(hers: FlaskClient, alice: Person, omar: Person, lots_pay: None):
    with transaction():
        quiet.begin(alice.id, 7, now=clock.now())
    page = look(hers, file_of(1, 2, 3))
    steps = [shown(hers, page)]
    post(hers, f"{page}/confirmation")
    work.drain()
    steps.append(shown(hers, page))
    approve(omar.id, brought(alice, page).id)
    steps.append(shown(hers, page))
    for said in (*steps, words(hers.get("/accounts"))):
        assert "30 points" not in said and "+30 " not in said
    assert balances(alice.id)[:2] == (30, 0)
    mails = read_all(text("SELECT subject, body, html FROM outbox WHERE member_id = :m"), {"m": alice.id})
    (approved,) = [mail for mail in mails if "Your statement was approved" in mail.subject]
    for said in (approved.body, approved.html):
        assert "See the statement" in said and "point" not in said and "earned" not in said
    post(hers, "/profile/quiet/end")
    assert "30 points from this statement" in shown(hers, page)


def test_what_is_sent_to_a_hidden_page_is_refused_in_words(resting: FlaskClient):
    hidden = [line.split() for line, access in POLICY.items() if access.who is Audience.MEMBER]
    posts = [endpoint for method, endpoint in hidden if method == "POST" and endpoint.split(".")[0] in HIDDEN]
    adapter = resting.application.url_map.bind("localhost")
    for endpoint in posts:
        (rule, *_) = resting.application.url_map.iter_rules(endpoint)
        address = adapter.build(endpoint, {name: sample(rule, name) for name in rule.arguments}, method="POST")
        answer = post(resting, address)
        assert answer.status_code == 409 and "hidden while you are in quiet mode" in words(answer), address


def test_a_part_of_a_page_that_was_open_before_gives_way_to_the_whole_calm_page(resting: FlaskClient):
    for address in ("/home", "/points"):
        answer = resting.get(address, headers={"HX-Request": "true"})
        assert answer.headers["HX-Retarget"] == "body"
        assert "Quiet until" in words(answer)
    standing = resting.get("/home/standing", headers={"HX-Request": "true"}).text
    assert 'id="bell"' in standing and 'id="balance"' not in standing


def test_a_part_that_the_browser_has_kept_is_not_taken_for_the_present_one(
    client: FlaskClient, alice: Person, today: time_machine.Traveller
):
    browser = sign_in(client, alice)
    before = browser.get("/home/standing", headers={"HX-Request": "true"})
    with transaction():
        quiet.begin(alice.id, 7, now=NOON)
    headers = {"HX-Request": "true", "If-None-Match": before.headers["ETag"]}
    after = browser.get("/home/standing", headers=headers)
    assert after.status_code == 200 and 'id="balance"' not in after.text


def test_everything_goes_on_counting(resting: FlaskClient, alice: Person):
    before = wallet(alice.id).lifetime
    play(alice.id, Said(trade("XAUUSD", "1.00", moved="7.70")))
    assert wallet(alice.id).lifetime > before
    post(resting, "/visits")
    assert stored(alice).last_visit_day is not None


def test_staff_who_look_on_see_the_same_and_end_nothing(client: FlaskClient, alice: Person, mia: Person):
    with transaction():
        quiet.begin(alice.id, 7, now=NOON)
    desk = sign_in_staff(client, mia)
    post(desk, f"/admin/members/{alice.id}/view")
    for address in ("/home", "/points"):
        page = desk.get(address)
        assert "Quiet until 11 Mar" in words(page)
        assert "/profile/quiet/end" not in page.text
    assert post(desk, "/profile/quiet/end").status_code == 403
    assert stored(alice).quiet_until is not None


def test_what_staff_see_at_their_desk_is_what_it_was(
    client: FlaskClient, resting: FlaskClient, alice: Person, mia: Person
):
    page = sign_in_staff(client, mia).get(f"/admin/members/{alice.id}")
    assert page.status_code == 200 and "This is hidden" not in words(page)


def test_nobody_begins_it_for_another(client: FlaskClient, alice: Person, bob: Person):
    post(sign_in(client, bob), "/profile/quiet", {"days": "7", "member_id": str(alice.id)})
    assert stored(alice).quiet_until is None and stored(bob).quiet_until is not None


def test_the_page_of_choices_says_what_it_does(hers: FlaskClient):
    said = words(hers.get(HERE))
    assert "Nothing is lost" in said and "Points that lapse on a date lapse in this time too" in said


def test_what_protects_a_member_stays_and_streaks_do_not(resting: FlaskClient):
    said = words(resting.get("/habits"))
    assert "in a row" not in said and "Your weeks" not in said
    assert "limit" in said.lower() and "plan" in said.lower()
    assert "streak" not in words(resting.get("/journal")).lower()
