"""The inbox in the browser: by topic, newest first, read one by one or together, and nobody else's."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification.ledger.outcome import compiled
from app.gamification.messages import choices, reads
from app.gamification.messages.reads import PAGE
from app.gamification.messages.telling import tell
from app.gamification.messages.topics import TOPICS
from app.gamification.messages.wording import WORDS
from app.lib.clock import to_day, to_micros
from app.models.base import read_all, read_one, transaction
from app.routes.addresses import address_of
from tests.support.cast import Person, post, sign_in, sign_in_staff, words
from tests.support.play import NOON
from tests.support.queries import counted

DAY = timedelta(days=1)
TODAY = to_day(NOON.date())
# Of each kind that members are told: figures that it may have.
FACTS: dict[str, dict[str, Any]] = {
    "earned.day": {"day": TODAY - 1, "points": 120},
    "released.points": {"points": 60},
    "expiring.points": {"points": 40, "last": TODAY + 3, "at": to_micros(NOON + 4 * DAY)},
    "tier.reached": {"level": 3, "from": to_micros(NOON)},
    "tier.warning": {"level": 3, "needed": 500, "by": TODAY + 9},
    "tier.lost": {"level": 2, "was": 3, "from": to_micros(NOON)},
    "question.answered": {"question": 1, "opened": to_micros(NOON)},
    "account.linked": {"accounts": 2},
    "account.declined": {"account": 1, "reason": "unknown"},
    "member.leaving_tomorrow": {"at": to_micros(NOON + DAY)},
    "statement.approved": {"import": 1, "points": 9, "later": 0},
}


@pytest.fixture(autouse=True)
def today() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


def say(member: Person, kind: str, at: timedelta = timedelta(), **facts: Any) -> int:
    with transaction():
        tell(member.id, kind, facts or FACTS[kind], now=NOON - at)
    return int(read_one(text("SELECT max(id) FROM message"))[0])


def unread(member: Person) -> list[str]:
    rows = read_all(
        text("SELECT kind FROM message WHERE member_id = :id AND read_at IS NULL ORDER BY id"), {"id": member.id}
    )
    return [row.kind for row in rows]


def inbox(client: FlaskClient, query: str = "") -> str:
    return words(client.get(f"/messages{query}"))


def test_messages_stand_newest_first_with_topic_and_moment(hers: FlaskClient, alice: Person):
    say(alice, "tier.reached", 3 * DAY)
    say(alice, "released.points", DAY)
    say(alice, "earned.day", timedelta(hours=1))
    said = inbox(hers)
    newest, middle, oldest = (
        said.index(part)
        for part in (
            "Today New: You earned 120 points on 3 Mar. Points earned · 4 Mar, 15:00",
            "Yesterday New: 60 points that were held are yours to use now. Points released · 3 Mar, 16:00",
            "Earlier New: You reached Gold. It counts from 4 Mar, 16:00. Your level · 1 Mar, 16:00",
        )
    )
    assert newest < middle < oldest


def test_the_bell_leads_there_and_says_how_many_were_not_read(hers: FlaskClient, alice: Person):
    for _ in range(3):
        say(alice, "released.points")
    page = hers.get("/points").text
    assert re.search(r'id="bell" href="/messages".*?>3<', page, flags=re.S)
    for _ in range(12):
        say(alice, "released.points")
    assert re.search(r'id="bell".*?>9\+<', hers.get("/points").text, flags=re.S)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.key)
def test_each_topic_shows_its_own_and_nothing_else(hers: FlaskClient, alice: Person, topic: Any):
    numbers = {kind: say(alice, kind) for kind in FACTS}
    page = hers.get(f"/messages?topic={topic.key}").text
    shown = {kind for kind, number in numbers.items() if f'id="message-{number}"' in page}
    assert shown == {kind for kind in FACTS if kind in reads.kinds_of([topic])}
    if not shown:
        assert "Nothing about this yet" in page


def test_unread_ones_can_be_asked_for(hers: FlaskClient, alice: Person):
    first, second = say(alice, "released.points"), say(alice, "tier.reached")
    post(hers, f"/messages/{first}/reading")
    page = hers.get("/messages?topic=unread").text
    assert f'id="message-{second}"' in page and f'id="message-{first}"' not in page
    post(hers, f"/messages/{second}/reading")
    assert "You have read everything" in inbox(hers, "?topic=unread")


@pytest.mark.parametrize(
    "query", ["?topic=nothing", "?topic=%00", "?before=x&day=-1", "?before=99999999999999", "?day=5"]
)
def test_what_makes_no_sense_counts_as_not_asked(hers: FlaskClient, alice: Person, query: str):
    say(alice, "tier.reached")
    assert "You reached Gold." in inbox(hers, query)


def test_older_ones_come_by_key_and_none_twice(hers: FlaskClient, alice: Person):
    numbers = [say(alice, "released.points", (70 - number) * DAY) for number in range(2 * PAGE + 5)]
    seen, address = [], "/messages"
    while address:
        page = hers.get(address).text
        seen += [int(number) for number in re.findall(r'id="message-(\d+)"', page)]
        found = re.search(r'id="more"><a class="button" data-tone="plain" href="([^"]+)"', page)
        address = found[1].replace("&amp;", "&") if found else ""
    assert seen == numbers[::-1]


def test_rows_come_without_their_page_and_do_not_say_earlier_twice(hers: FlaskClient, alice: Person):
    for number in range(PAGE + 2):
        say(alice, "released.points", (50 - number) * DAY)
    page = hers.get("/messages").text
    below = re.search(r'hx-get="(/messages/rows[^"]+)"', page)
    assert below and page.count("Earlier</h3>") == 1
    rows = hers.get(below[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert rows.count('id="message-') == 2 and "<html" not in rows and "Earlier" not in rows


def test_all_are_marked_as_read_up_to_the_newest_that_was_shown(hers: FlaskClient, alice: Person):
    say(alice, "tier.reached")
    newest = say(alice, "released.points")
    say(alice, "account.linked")  # while the page is open
    answer = post(hers, "/messages/readings", {"topic": "", "newest": str(newest)})
    assert (answer.status_code, answer.location) == (303, "/messages")
    assert unread(alice) == ["account.linked"]


def test_all_of_a_topic_are_marked_and_no_others(hers: FlaskClient, alice: Person):
    say(alice, "tier.reached")
    newest = say(alice, "released.points")
    answer = post(hers, "/messages/readings", {"topic": "released", "newest": str(newest)})
    assert answer.location == "/messages?topic=released"
    assert unread(alice) == ["tier.reached"]


def test_what_is_turned_off_stays_unread(hers: FlaskClient, alice: Person):
    say(alice, "tier.reached")
    newest = say(alice, "released.points")
    turn_off(alice, "tier")
    post(hers, "/messages/readings", {"topic": "", "newest": str(newest)})
    assert unread(alice) == ["tier.reached"]


def test_one_is_marked_without_leaving_the_page(hers: FlaskClient, alice: Person):
    first, second = say(alice, "released.points"), say(alice, "tier.reached")
    answer = post(hers, f"/messages/{first}/reading", {"topic": "released"}, htmx=True)
    assert answer.status_code == 200 and "<html" not in answer.text
    assert f'id="message-{first}"' in answer.text and f'id="message-{second}"' not in answer.text
    assert answer.text.count('hx-swap-oob="true"') == 2, "the topics and the bell"
    assert "data-new" not in answer.text
    assert unread(alice) == ["tier.reached"]
    assert post(hers, f"/messages/{second}/reading").location == f"/messages#message-{second}"


def test_opening_one_marks_it_and_leads_to_its_page(hers: FlaskClient, alice: Person):
    number = say(alice, "tier.reached")
    assert 'href="/tiers" hx-post="/messages/' in hers.get("/messages").text
    answer = post(hers, f"/messages/{number}/opening")
    assert (answer.status_code, answer.location) == (303, "/tiers")
    assert unread(alice) == []
    assert post(hers, f"/messages/{number}/opening", htmx=True).headers["HX-Redirect"] == "/tiers"


@pytest.mark.parametrize("way", ["reading", "opening"])
def test_nobody_reads_or_marks_what_is_anothers(client: FlaskClient, alice: Person, bob: Person, way: str):
    number = say(alice, "tier.reached")
    browser = sign_in(client, bob)
    answer = post(browser, f"/messages/{number}/{way}")
    assert answer.status_code == 404 and "Gold" not in answer.text
    assert post(browser, f"/messages/999999/{way}").status_code == 404
    assert "You reached" not in inbox(browser)
    assert unread(alice) == ["tier.reached"]


def test_reading_never_marks(hers: FlaskClient, alice: Person):
    say(alice, "tier.reached")
    inbox(hers)
    inbox(hers, "?topic=tier")
    assert unread(alice) == ["tier.reached"]


def test_staff_who_look_on_see_them_and_mark_nothing(client: FlaskClient, alice: Person, mia: Person):
    number = say(alice, "tier.reached")
    desk = sign_in_staff(client, mia)
    post(desk, f"/admin/members/{alice.id}/view")
    page = desk.get("/messages")
    assert "You reached Gold." in words(page) and "hx-post" not in page.text.split('id="inbox"')[1].split("</ul>")[0]
    assert post(desk, f"/messages/{number}/reading").status_code == 403
    assert unread(alice) == ["tier.reached"]


def turn_off(member: Person, *topics: str) -> None:
    wanted = {(topic.key, way) for topic in TOPICS for way in ("app", "mail")} - {(key, "app") for key in topics}
    with transaction():
        choices.save(member.id, "weekly", wanted)


def test_what_was_turned_off_is_not_shown_not_counted_and_not_lost(hers: FlaskClient, alice: Person):
    say(alice, "tier.reached")
    say(alice, "released.points")
    turn_off(alice, "tier")
    page = hers.get("/messages")
    assert "You reached" not in words(page) and "Turned off, and still written: Your level" in words(page)
    assert re.search(r'id="bell".*?>1<', page.text, flags=re.S)
    assert "You reached Gold." not in words(hers.get("/home"))
    assert "You reached Gold." in inbox(hers, "?topic=tier")
    turn_off(alice)
    assert "You reached Gold." in inbox(hers)


def test_what_nobody_can_turn_off_is_shown_whatever_is_stored(hers: FlaskClient, alice: Person):
    say(alice, "account.linked")
    say(alice, "member.leaving_tomorrow")
    turn_off(alice, "account", "member")
    said = inbox(hers)
    assert "2 trading accounts are linked" in said and "your account will be deleted" in said


def test_every_message_leads_to_a_page_that_is_there(app: Flask):
    for kind, facts in FACTS.items():
        wording = WORDS[kind](facts, compiled().ladder, "en")
        endpoint, _ = app.url_map.bind("localhost").match(address_of(wording).partition("#")[0])
        assert endpoint == f"{wording.page}.{wording.view}"


def test_before_the_first_message_it_says_what_will_be_there(hers: FlaskClient):
    assert "No messages yet" in inbox(hers)


@pytest.mark.parametrize("query", ["", "?topic=tier", "?topic=unread"])
def test_the_page_asks_the_database_four_times(hers: FlaskClient, alice: Person, query: str):
    for number in range(PAGE + 5):
        say(alice, "tier.reached", number * DAY)
    inbox(hers, query)
    with counted() as statements:
        inbox(hers, query)
    assert len(statements) == 4, statements
