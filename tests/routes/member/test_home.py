"""Home as a member's browser meets it: the balance, the way up, what happened, what comes, and what the law leaves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import LessonPassed
from app.gamification.ledger import lapsing, wallets
from app.gamification.tiers.reassessment import reassess
from app.models.base import connection, transaction
from tests.support.cast import Person, make_member, post, sign_in, words
from tests.support.play import NOON, Said, play, report, trade
from tests.support.programmes import set_ladder
from tests.support.queries import counted

NOW = NOON + timedelta(hours=1)  # Wednesday, 13:00 UTC: 17:00 in Dubai
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def today() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def busy(client: FlaskClient, alice: Person) -> FlaskClient:
    """Alice has traded, missed once, and passed a lesson."""
    pipeline.drain()
    play(alice.id, Said(trade("XAUUSD", "1.50", moved="7.70")))
    play(alice.id, Said(trade(seconds=121)))
    play(alice.id, Said(LessonPassed("position-sizing", 90), "lesson.passed"))
    return sign_in(client, alice)


def home(client: FlaskClient) -> str:
    return words(client.get("/home"))


def set_member(member: Person, column: str, value: str | int) -> None:
    with transaction():
        connection().execute(
            text(f"UPDATE member SET {column} = :value WHERE id = :id"), {"value": value, "id": member.id}
        )


def test_the_hero_says_what_is_there_and_what_is_missing(busy: FlaskClient):
    said = home(busy)
    for part in (
        "Good afternoon, Alice",
        "150 points",
        "+330 this week",
        "180 pending",
        "150 lapse after 31 Mar 2027",
        "Bronze 3% to Silver",
        "To Silver 1,450 qualifying points",
        "Earn rate 1× points",
        "Next perk Answers within one day",
    ):
        assert part in said, part


def test_the_newest_activities_say_what_they_earned_or_why_not(busy: FlaskClient):
    said = home(busy)
    assert "Lesson passed: position sizing Lessons passed · 4 Mar, 16:00 +50" in said
    assert "Euro against dollar, 1 lot closed Open 121 s, needs 180 s · 4 Mar, 16:00 None" in said
    assert "Gold, 1.5 lots closed Metals by the lot · 4 Mar, 16:00 Pending +180" in said


def test_each_of_them_leads_to_its_explanation(busy: FlaskClient):
    page = busy.get("/home").text
    addresses = {part.split('"')[0] for part in page.split('class="row" href="')[1:]}
    assert {address for address in addresses if address.startswith("/points/missed/")}
    for address in addresses:
        assert busy.get(address).status_code == 200, address


def test_what_was_taken_back_is_no_gain(client: FlaskClient, alice: Person):
    pipeline.drain()
    said = Said(trade())
    play(alice.id, said)
    assert report(alice.id, Said(None, busts=said.id, at=NOW), now=NOW) == ["accepted"]
    pipeline.drain()
    assert "Euro against dollar, 1 lot closed Trades by the lot · 4 Mar, 16:00 Taken back +100" in home(
        sign_in(client, alice)
    )


def test_what_comes_is_released_and_lapses_in_order(busy: FlaskClient):
    said = home(busy)
    released, lapses = said.index("Released Activities: 1 +180"), said.index("Lapse at midnight")
    assert released < lapses
    assert "31 Mar 2027; the oldest are spent first −150" in said


def test_the_week_begins_on_monday_where_the_member_is(client: FlaskClient, today: time_machine.Traveller):
    sunday = datetime(2026, 3, 1, 19, 59, tzinfo=UTC)  # a minute before Monday in Dubai
    today.move_to(sunday - 5 * DAY)
    member = make_member("ann@example.com", "Ann", country="AE", time_zone="Asia/Dubai")
    pipeline.drain()
    play(member.id, Said(LessonPassed("a", 90), "lesson.passed", at=sunday))
    play(member.id, Said(LessonPassed("b", 90), "lesson.passed", at=sunday + timedelta(minutes=1)))
    today.move_to(NOW)
    assert "+50 this week" in home(sign_in(client, member))


def test_spending_takes_nothing_from_the_week_and_lapsing_neither(busy: FlaskClient, alice: Person):
    with transaction():
        wallets.redeem(alice.id, 100, 1, NOW)
    said = home(busy)
    assert "50 points" in said
    assert "+330 this week" in said


@pytest.mark.parametrize(
    ("hour", "greeting"),
    [(0, "Good evening"), (1, "Good morning"), (7, "Good morning"), (8, "Good afternoon"), (14, "Good evening")],
)
def test_the_greeting_is_by_the_members_own_clock(
    client: FlaskClient, alice: Person, today: time_machine.Traveller, hour: int, greeting: str
):
    today.move_to(NOON.replace(hour=hour) + 2 * DAY)  # four hours later in Dubai
    assert f"{greeting}, Alice" in home(sign_in(client, alice))


def test_the_law_is_said_where_trades_earn_nothing(client: FlaskClient, bob: Person):
    pipeline.drain()
    play(bob.id, Said(trade()))
    said = home(sign_in(client, bob))
    assert "Your points come from learning and habits, not from trades" in said
    assert "Not available under your client category" in said
    assert "Earn rate" not in said


def test_no_factor_is_promised_where_it_multiplies_nothing(client: FlaskClient, alice: Person, bob: Person):
    pipeline.drain()
    assert "Earn rate" in home(sign_in(client, alice))
    assert "Earn rate" not in home(sign_in(client, bob))


def test_who_is_new_is_told_what_to_do_first(client: FlaskClient, charlie: Person):
    pipeline.drain()
    said = home(sign_in(client, charlie))
    assert "Your first steps" in said
    assert "Pass a first lesson" in said
    # The law of an unknown member allows nothing for trades, so that linking an account is no step.
    assert "Connect a trading account" not in said


def test_steps_that_are_done_are_marked_and_all_done_are_gone(client: FlaskClient, alice: Person):
    pipeline.drain()
    browser = sign_in(client, alice)
    assert "Connect a trading account (done)" in home(browser)
    play(alice.id, Said(LessonPassed("a", 90), "lesson.passed"))
    assert "Pass a first lesson (done)" in home(browser)
    set_member(alice, "alias", "Amari")
    assert "first steps" not in home(browser)


def test_after_a_month_nobody_is_new(client: FlaskClient, charlie: Person, today: time_machine.Traveller):
    pipeline.drain()
    today.shift(29 * DAY)
    assert "Your first steps" in home(sign_in(client, charlie))
    today.shift(1 * DAY)
    assert "first steps" not in home(sign_in(client, charlie))


def test_home_before_anything_was_counted(client: FlaskClient):
    member = make_member("eve@example.com", "Eve Evans")
    said = home(sign_in(client, member))
    assert "Nothing was counted yet" in said
    assert "Nothing is held and nothing lapses" in said
    assert "We write here what your day has earned" in said


def test_messages_are_read_when_the_member_says_so(client: FlaskClient, alice: Person):
    pipeline.drain()
    play(alice.id, Said(trade(lots="20.00")))
    lapsing.release_due(NOW + 10 * DAY)
    browser = sign_in(client, alice)
    said = home(browser)
    assert "You reached Silver." in said
    assert "New" in said
    home(browser)
    assert "Mark as read" in home(browser)
    answer = post(browser, "/messages/readings")
    assert (answer.status_code, answer.location) == (303, "/home#messages")
    said = home(browser)
    assert "You reached Silver." in said
    assert "Mark as read" not in said


def test_a_level_that_will_be_lost_is_said_with_what_keeps_it(
    client: FlaskClient, alice: Person, today: time_machine.Traveller
):
    pipeline.drain()
    play(alice.id, Said(trade(lots="20.00")))
    lapsing.release_due(NOW + 10 * DAY)
    today.move_to(NOW + 100 * DAY)
    assert "Silver is yours until 11 Aug at least." in home(sign_in(client, alice))
    today.move_to(NOW + 170 * DAY)
    reassess(NOW + 170 * DAY, pause=lambda seconds: None)
    said = home(sign_in(client, alice))
    assert "1,000 more by 13 Sep keep Silver." in said
    assert "1,000 more qualifying points by 13 Sep keep Silver." in said  # the warning, told once


def test_the_top_has_no_next_level(client: FlaskClient, alice: Person):
    set_ladder({"period": {"kind": "lifetime"}, "levels": [{"key": "bronze", "name": {"en": "Only"}, "threshold": 0}]})
    pipeline.drain()
    said = home(sign_in(client, alice))
    assert "Only the top level" in said


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_home_speaks_the_members_language(client: FlaskClient, alice: Person, language: str):
    pipeline.drain()
    play(alice.id, Said(trade()))
    set_member(alice, "language", language)
    page = sign_in(client, alice).get("/home").text
    assert f'lang="{"zh-Hans" if language == "zh" else language}"' in page
    assert "Latest" not in page


def test_home_asks_the_database_at_most_six_times(busy: FlaskClient):
    home(busy)  # what is kept for a second is read now
    with counted() as statements:
        home(busy)
    assert len(statements) <= 3, statements
    assert not [one for one in statements if one.split()[0] not in ("SELECT", "WITH")]


def test_a_stranger_is_asked_to_sign_in(client: FlaskClient):
    answer = client.get("/home")
    assert (answer.status_code, answer.location) == (303, "/login?next=%2Fhome")
