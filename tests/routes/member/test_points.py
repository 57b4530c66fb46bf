"""The page of points as a member's browser meets it: whole, in parts, in three languages, and nobody else's."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import Custom, LessonPassed
from app.gamification.ledger import lapsing, wallets
from app.gamification.members.enrolment import link
from app.models.base import connection, transaction
from tests.routes.member.asking import asked_for
from tests.support.cast import Person, sign_in, words
from tests.support.play import NOON, Said, play, report, trade
from tests.support.programmes import publish

HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)
ACCOUNT = ("mt5", "Meridian-Live", "5012345")
TABS = ("", "?tab=earned", "?tab=spent", "?tab=pending", "?tab=missed")


@pytest.fixture
def browser_of_alice(client: FlaskClient, alice: Person) -> FlaskClient:
    """Alice has traded gold, missed once, passed a lesson and spent some."""
    pipeline.drain()
    play(alice.id, Said(trade("XAUUSD", "1.50", moved="7.70"), account=ACCOUNT, deal="48210553"))
    play(alice.id, Said(trade(seconds=121), account=ACCOUNT, deal="48210117"))
    play(alice.id, Said(LessonPassed("position-sizing", 90), "lesson.passed"))
    with transaction():
        wallets.redeem(alice.id, 30, 1, NOON + DAY)
    return sign_in(client, alice)


def speak(member: Person, language: str) -> None:
    with transaction():
        connection().execute(
            text("UPDATE member SET language = :language WHERE id = :id"), {"language": language, "id": member.id}
        )


# --- what it says -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("same_year")
def test_the_page_shows_balance_month_what_comes_up_and_every_line(browser_of_alice: FlaskClient):
    said = words(browser_of_alice.get("/points?month=2026-03"))
    for part in (
        "Available 120 Free to spend today",
        "Pending 180",
        "When they lapse",
        "March 2026",
        "earned, of which 180 pending +230",
        "spent −30",
        "Coming up",
        "Gold, 1.5 lots closed Metals by the lot",
        "Pending until 9 Mar +180",
        "Spent on a reward",
        "Lesson passed: position sizing",
    ):
        assert part in said, part


def test_every_tab_is_a_page_of_its_own(browser_of_alice: FlaskClient):
    for query in TABS:
        response = browser_of_alice.get(f"/points{query}")
        assert response.status_code == 200 and "<html" in response.text


def test_what_did_not_earn_has_its_reason_and_nothing_of_what_was_lost(browser_of_alice: FlaskClient):
    response = browser_of_alice.get("/points?tab=missed")
    said = words(response)
    assert "Open 121 s, needs 180 s Trades by the lot, revision 1" in said
    assert "ticket 48210117" in said and "Open too short 1" in said
    assert '<progress max="180" value="121"' in response.text
    assert "100" not in said.partition("Open 121 s")[2].partition("We keep the reason")[0]


def test_a_line_explains_itself_on_a_page_of_its_own_without_a_script(browser_of_alice: FlaskClient):
    page = browser_of_alice.get("/points")
    address = re.search(
        r'<a class="link" href="(/points/\d+)">Show how this was counted', page.text.partition("lots closed")[2]
    )
    assert address is not None
    said = words(browser_of_alice.get(address[1]))
    assert "You closed 1.5 lots of XAUUSD after 60 min." in said
    assert "1.5 Lots closed × 100 points a lot base 150 × 1.2 Metals bonus makes 180 = 180 points" in said
    assert "Checked just now: unchanged" in said
    assert "Daily cap of this rule 180 of 5,000" in said


def test_a_miss_explains_itself_on_a_page_of_its_own_without_a_script(browser_of_alice: FlaskClient):
    address = re.search(
        r'<a class="link" href="(/points/missed/\d+)">', browser_of_alice.get("/points?tab=missed").text
    )
    assert address is not None
    said = words(browser_of_alice.get(address[1]))
    assert "Open 121 s, needs 180 s" in said
    assert "Open at least 180 s : not passed 121 s" in said
    assert "Moved at least 3 pips : passed 50" in said


def test_retail_clients_of_the_union_read_what_stays_open(client: FlaskClient, bob: Person):
    pipeline.drain()
    play(bob.id, Said(trade()))
    said = words(sign_in(client, bob).get("/points?tab=missed"))
    assert "Your client category gets no points for trades and deposits" in said
    assert "Points stay open to you for lessons and surveys" in said
    assert "Not available under your client category" in said


def test_a_newcomer_reads_what_will_stand_here(client: FlaskClient, charlie: Person):
    said = words(sign_in(client, charlie).get("/points"))
    assert "Your first points will stand here" in said and "Nothing is held" in said
    for tab in ("spent", "pending", "missed"):
        assert browser_says(client, f"/points?tab={tab}")


def browser_says(client: FlaskClient, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return words(response)


# --- parts, swapped by htmx -------------------------------------------------------------------------------------------


def test_tabs_swap_the_ledger_card_alone(browser_of_alice: FlaskClient):
    for query in TABS:
        part = browser_of_alice.get(f"/points{query}", headers=HTMX)
        assert part.text.lstrip().startswith('<section class="card ledger" id="ledger"')
        assert "<html" not in part.text and "HX-Request" in part.headers["Vary"]


def test_a_line_opens_into_its_explanation_alone(browser_of_alice: FlaskClient):
    for address in ("/points/2", "/points/missed/3"):
        part = browser_of_alice.get(address, headers=HTMX)
        assert part.text.lstrip().startswith('<div class="explanation">')


def test_older_lines_are_put_below_and_a_search_narrows(browser_of_alice: FlaskClient, alice: Person):
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})
    for number in range(30):
        report(alice.id, Said(Custom(count=number + 1), "custom.gain"), now=NOON + 2 * DAY)
    pipeline.drain()
    first = browser_of_alice.get("/points", headers=HTMX).text
    below = re.search(r'hx-get="(/points/lines\?[^"]+)"', first)
    assert below is not None and first.count("<details") == 12
    second = browser_of_alice.get(below[1].replace("&amp;", "&"), headers=HTMX).text
    assert second.count("<details") == 12 and '<div class="day"' not in second.partition("</details>")[0]
    assert words(browser_of_alice.get("/points?q=XAUUSD")).count("Gold, 1.5 lots closed") == 1
    assert "No line matches" in words(browser_of_alice.get("/points?q=GBPJPY"))


def test_the_newest_lines_follow_what_comes_and_further_back_only_says_so(browser_of_alice: FlaskClient):
    def following(part: str) -> str:
        (found,) = re.findall(r'<(?:div|p)[^>]* id="following".*', part)
        return str(found)

    for query in ("", "?tab=earned", "?tab=missed", "?q=gold"):
        newest = following(browser_of_alice.get(f"/points{query}").text)
        assert f'hx-get="/points{query}" hx-target="#ledger"' in newest and 'hx-trigger="live:points' in newest
        before = f"{query}&before=4" if query else "?before=4"
        for part in (
            following(browser_of_alice.get(f"/points{before}").text),
            following(browser_of_alice.get(f"/points/lines{before}", headers=HTMX).text),
        ):
            assert "hx-trigger" not in part and f'href="/points{query}"' in part and " hidden" in part
            assert f'data-told-by="{"missed" if "missed" in query else "lines"}"' in part
        assert "hx-swap-oob" in part, "what is put below the lines takes the place of what stands over them"


@pytest.mark.usefixtures("same_year")
def test_a_month_is_a_card_a_table_and_a_page(browser_of_alice: FlaskClient):
    card = browser_of_alice.get("/points/month?month=2026-03", headers=HTMX)
    assert card.text.startswith('<section class="card" id="month">') and "March 2026" in words(card)
    table = browser_of_alice.get("/points/month/table?month=2026-03", headers=HTMX)
    assert table.text.startswith('<table class="table"') and "4 Mar 50 180 0" in words(table)
    assert "4 Mar 50 180 0" in words(browser_of_alice.get("/points/month?month=2026-03"))


def test_parts_of_a_page_without_htmx_lead_to_the_page(browser_of_alice: FlaskClient):
    for address in ("/points/lines?before=3&tab=earned", "/points/month/table?month=2026-03"):
        assert browser_of_alice.get(address).status_code == 303


def test_an_unchanged_part_is_not_sent_again_until_something_happens(browser_of_alice: FlaskClient, alice: Person):
    for address in ("/points", "/points/2", "/points/missed/3", "/points/month?month=2026-03", "/activity"):
        first = browser_of_alice.get(address, headers=HTMX)
        same = HTMX | {"If-None-Match": first.headers["ETag"]}
        again = browser_of_alice.get(address, headers=same)
        assert (again.status_code, again.data) == (304, b"")
        play(alice.id, Said(LessonPassed(f"lesson-{address.count('/')}{len(address)}", 10), "lesson.passed"))
        assert browser_of_alice.get(address, headers=same).status_code == 200
    speak(alice, "zh")
    assert browser_of_alice.get("/points/2", headers=HTMX | {"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_what_was_rendered_for_one_reader_is_never_shown_to_another(
    browser_of_alice: FlaskClient, app: Flask, bob: Person
):
    pipeline.drain()
    for address in ("/points", "/points/2", "/points/missed/1", "/activity"):
        browser_of_alice.get(address, headers=HTMX)
        part = sign_in(app.test_client(), bob).get(address, headers=HTMX)
        assert "Gold" not in part.text and "48210553" not in part.text


# --- privacy and hostile input ----------------------------------------------------------------------------------------


def test_only_members_read_it(client: FlaskClient, alice: Person):
    for address in ("/points", "/points/1", "/points/missed/1", "/points/lines", "/points/month", "/activity"):
        response = client.get(address)
        assert response.status_code == 303 and response.headers["Location"].startswith("/login")


def test_lines_of_others_do_not_exist(browser_of_alice: FlaskClient, app: Flask, bob: Person):
    pipeline.drain()
    stranger = sign_in(app.test_client(), bob)
    for address in ("/points/2", "/points/missed/3"):
        assert browser_of_alice.get(address).status_code == 200
        assert stranger.get(address).status_code == 404
        assert stranger.get(address, headers=HTMX).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/points/99999999999999999999999",
        "/points/0",
        "/points/-1",
        "/points/missed/4294967296",
        "/points/x",
    ],
)
def test_addresses_that_name_nothing_are_not_found(browser_of_alice: FlaskClient, address: str):
    assert browser_of_alice.get(address).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "tab=nonsense&kind=%00&account=x&before=-5&day=y&month=2026-13",
        "before=99999999999999999999&account=99999999999",
        "month=0000-00&q=" + "x" * 5000,
        "q=%00%27%22%3B--&kind='&reason=%3Cscript%3E",
        "tab=missed&reason=%25&before=%D9%A1",
        "month=9999-12",
        "q=!_%25%5C",
    ],
)
def test_nonsense_behind_the_question_mark_counts_as_not_asked(browser_of_alice: FlaskClient, query: str):
    for address in ("/points", "/points/lines", "/points/month", "/activity", "/activity/rows"):
        assert browser_of_alice.get(f"{address}?{query}", headers=HTMX).status_code == 200


def test_hostile_names_are_text(client: FlaskClient, alice: Person):
    evil = "<script>alert(1)</script>"
    pipeline.drain()
    with transaction():
        connection().execute(text("UPDATE source SET name = :evil WHERE key = 'broker'"), {"evil": evil})
        link(alice.id, "mt5", "x", "<b>'\"&", now=NOON)
        wallets.adjust(alice.id, 5, evil, NOON)
    publish(
        "evil",
        {
            "name": {"en": evil},
            "kind": "custom.evil",
            "base": {"kind": "count", "rate": "1"},
            "factors": [{"kind": "fixed", "factor": "2", "name": {"en": evil}}],
        },
    )
    play(alice.id, Said(Custom(), "custom.evil"))
    play(alice.id, Said(trade(seconds=1), account=("mt5", "x", "<b>'\"&")))
    browser = sign_in(client, alice)
    addresses = ["/points", "/activity", "/points?tab=missed", "/points/2", "/points/3", "/points/missed/3"]
    pages = [browser.get(address) for address in [*addresses, f"/points?q={evil}", f"/activity?q={evil}"]]
    assert all(page.status_code == 200 for page in pages)
    for page in pages:
        assert "<script>alert" not in page.text and "<b>'" not in page.text
    assert sum("&lt;script&gt;" in page.text for page in pages) >= 4


# --- languages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "direction", "rule"), [("ar", "rtl", "المعادن بحسب اللوت"), ("zh", "ltr", "贵金属按手计分")]
)
def test_arabic_and_chinese_read_their_own_names_and_isolated_figures(
    browser_of_alice: FlaskClient, alice: Person, language: str, direction: str, rule: str
):
    speak(alice, language)
    for address in ("/points", "/points?tab=missed", "/points/2", "/points/missed/3", "/activity"):
        page = browser_of_alice.get(address).text
        assert re.search(rf'<html lang="{language}[^"]*" dir="{direction}"', page), address
    page = browser_of_alice.get("/points").text
    assert rule in page
    assert '<bdi class="amount num" dir="ltr" data-way="earned">+180</bdi>' in page
    assert rule in browser_of_alice.get("/points/2").text


# --- cost -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [*TABS, "?q=gold", "?month=2026-03", "?tab=missed&reason=seconds_open"])
def test_a_page_asks_at_most_five_times_however_long_the_history(
    browser_of_alice: FlaskClient, alice: Person, query: str
):
    address = f"/points{query}"
    few = asked_for(browser_of_alice, address)
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})
    for number in range(60):
        report(alice.id, Said(Custom(count=1), "custom.gain"), now=NOON + number * DAY)
    pipeline.drain()
    lapsing.release_due(datetime(2027, 1, 1, tzinfo=UTC))
    browser_of_alice.get("/activity")  # the new rule is compiled
    many = asked_for(browser_of_alice, address)
    assert len(many) == len(few) <= 5, many


def test_a_page_that_was_rendered_before_asks_twice(browser_of_alice: FlaskClient):
    browser_of_alice.get("/points")
    assert len(asked_for(browser_of_alice, "/points")) == 2


def test_an_explanation_asks_at_most_five_times(browser_of_alice: FlaskClient):
    browser_of_alice.get("/points")
    for address in ("/points/2", "/points/missed/3", "/points/5"):
        for headers in ({}, {"HX_Request": "true"}):
            statements = asked_for(browser_of_alice, address, **headers)
            assert len(statements) <= 5, statements
