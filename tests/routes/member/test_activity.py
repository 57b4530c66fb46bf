"""The page of everything a member did."""

import re

import pytest
from flask.testing import FlaskClient

from app.gamification import pipeline
from app.gamification.activities import LessonPassed
from tests.routes.member.asking import asked_for
from tests.support.cast import Person, sign_in, words
from tests.support.play import NOON, Said, play, report, trade

HTMX = {"HX-Request": "true"}
ACCOUNT = ("mt5", "Meridian-Live", "5012345")


@pytest.fixture
def browser_of_alice(client: FlaskClient, alice: Person) -> FlaskClient:
    pipeline.drain()
    play(alice.id, Said(trade("XAUUSD", "1.50", moved="7.70"), account=ACCOUNT))
    play(alice.id, Said(trade(seconds=121), account=ACCOUNT))
    return sign_in(client, alice)


@pytest.mark.usefixtures("same_year")
def test_each_row_says_what_came_of_it_and_leads_to_why(browser_of_alice: FlaskClient):
    response = browser_of_alice.get("/activity")
    said = words(response)
    assert "Gold, 1.5 lots closed 5012345" in said and "Pending until 9 Mar +180" in said
    assert "Open 121 s, needs 180 s None" in said
    for address in re.findall(r'<a class="link" href="(/points/[^"]+)">', response.text):
        assert browser_of_alice.get(address).status_code == 200


def test_what_waits_to_be_counted_stands_first(browser_of_alice: FlaskClient, alice: Person):
    report(alice.id, Said(trade("GBPUSD"), account=ACCOUNT), now=NOON)
    said = words(browser_of_alice.get("/activity"))
    assert "Counted in a moment Pound against dollar, 1 lot closed" in said and "Waiting" in said
    pipeline.drain()
    assert "Counted in a moment" not in words(browser_of_alice.get("/activity"))


def test_the_list_narrows_and_says_when_nothing_matches(browser_of_alice: FlaskClient):
    assert "Gold" not in words(browser_of_alice.get("/activity?kind=member.joined"))
    assert "No activity matches" in words(browser_of_alice.get("/activity?kind=survey.answered"))
    part = browser_of_alice.get("/activity?q=gold", headers=HTMX)
    assert part.text.startswith('<section class="card ledger" id="activity"') and part.text.count("<details") == 1


def test_older_activity_is_put_below(browser_of_alice: FlaskClient, alice: Person):
    for number in range(20):
        report(alice.id, Said(LessonPassed(f"l{number}", 10), "lesson.passed"), now=NOON)
    pipeline.drain()
    first = browser_of_alice.get("/activity", headers=HTMX).text
    below = re.search(r'hx-get="(/activity/rows\?[^"]+)"', first)
    assert below is not None
    address = below[1].replace("&amp;", "&")
    assert browser_of_alice.get(address, headers=HTMX).text.count("<details") == 11
    assert browser_of_alice.get(address).headers["Location"].startswith("/activity?")


def test_a_newcomer_reads_what_will_stand_here(client: FlaskClient, charlie: Person):
    # Joining is queued until the worker has counted it.
    assert "Counted in a moment Joined the programme" in words(sign_in(client, charlie).get("/activity"))


def test_the_page_asks_at_most_five_times(browser_of_alice: FlaskClient, alice: Person):
    report(alice.id, Said(trade("GBPUSD"), account=ACCOUNT), now=NOON)
    browser_of_alice.get("/points")
    for address in ("/activity", "/activity?q=gold", "/activity?kind=visit"):
        statements = asked_for(browser_of_alice, address)
        assert len(statements) <= 5, statements
