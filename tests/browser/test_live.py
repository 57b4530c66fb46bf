"""Pages that stay open: what a broker's system delivers shows without a reload, in every tab, over one stream."""

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.broker import Broker, lesson, trade
from tests.browser.test_journeys import join

pytestmark = pytest.mark.browser
SOON = 2.0  # seconds
STREAM = re.compile(r"/live\?")
lessons = count(1)

NewPage = Callable[..., Page]


class Asked:
    """What the pages of a browser asked for, by path."""

    def __init__(self, context: BrowserContext) -> None:
        self.paths: Counter[str] = Counter()
        context.on("request", lambda request: self.paths.update([re.sub(r"^https?://[^/]+|[?#].*$", "", request.url)]))

    def of(self, path: str) -> int:
        return self.paths[path]


@pytest.fixture
def member(new_page: NewPage, broker: Broker) -> tuple[Page, str]:
    """A professional's browser, everything folded, and the id the broker calls them by."""
    page = new_page()
    me = join(page, broker, country="AE", client_class="professional")
    broker.settle()
    # The page that joining led to asks for nothing any more.
    page.goto("about:blank")
    return page, me


def listen(page: Page, address: str = "/home") -> None:
    """Open a page, and wait until it listens."""
    with page.expect_response(STREAM):
        page.goto(address)


def home_of(context: BrowserContext) -> Page:
    """Home in another tab."""
    page = context.new_page()
    page.goto("/home")
    return page


def balance(page: Page) -> int:
    return int(page.locator("#home .balance bdi").first.text_content() or "")


def earns(broker: Broker, me: str, points: int, *pages: Page) -> float:
    """Another lesson is delivered: 50 points, on every page, in the bar and below it; the seconds until all show it."""
    number = next(lessons)
    start = time.monotonic()
    broker.deliver(lesson(f"{me}-live-{number}", me, of=f"live{number}"))
    for page in pages:
        expect(page.locator("#home .balance bdi").first).to_have_text(str(points))
        expect(page.locator("#balance bdi").first).to_have_text(str(points))
        expect(page.locator("#home")).to_contain_text(f"Lesson passed: live{number}")
    return time.monotonic() - start


def test_two_tabs_see_what_is_earned_over_one_stream(member: tuple[Page, str], broker: Broker):
    first, me = member
    asked = Asked(first.context)
    listen(first)
    second = home_of(first.context)
    start = balance(first)
    first.locator(".hero .actions a").first.focus()
    first.evaluate("window.scrollTo(0, 120)")
    # The quicker of two: a machine that does something else at the moment says nothing of Laurel.
    took = [earns(broker, me, start + 50 * turn, first, second) for turn in (1, 2)]
    assert min(took) <= SOON, took
    assert asked.of("/live") == 1
    assert asked.of("/live/marks") == 0
    # Where the reader was stays where they are.
    expect(first.locator(".hero .actions a").first).to_be_focused()
    assert first.evaluate("window.scrollY") == 120
    # A trade, or a lesson, is nothing to be cheered on for.
    assert first.locator(".toast").count() == 0

    # The one that listened is closed: the other goes on by itself, and misses nothing that came in between.
    first.close()
    earns(broker, me, start + 150, second)
    assert asked.of("/live") == 2

    # Who signs out is told nothing more, and leaves no stream behind.
    third = home_of(second.context)
    third.locator("details.menu summary").click()
    third.locator("[data-signs-out] button").click()
    third.wait_for_url(re.compile(r"/$"))
    second.wait_for_timeout(600)
    before = asked.paths.copy()
    broker.deliver(lesson(f"{me}-live-out", me))
    broker.settle()
    second.wait_for_timeout(1_500)
    later = asked.paths - before
    assert not [path for path in later if path.startswith(("/live", "/home"))], later


def test_a_sign_in_that_ends_elsewhere_ends_the_stream(member: tuple[Page, str], broker: Broker):
    page, me = member
    asked = Asked(page.context)
    listen(page)
    with sqlite3.connect(broker.data / "laurel.db", timeout=15) as connection:
        connection.execute(
            "UPDATE sign_in SET ended_at = last_seen_at WHERE member_id = (SELECT id FROM member WHERE external_id = ?)",
            (me,),
        )
    page.wait_for_timeout(1_000)
    broker.deliver(lesson(f"{me}-live-ended", me))
    broker.settle()
    page.wait_for_timeout(1_500)
    assert (asked.of("/live"), asked.of("/live/marks")) == (1, 0)
    assert page.url.endswith("/home")


def reaches_silver(broker: Broker, me: str) -> None:
    """Write the message of a level that was reached, as the pipeline does."""
    with sqlite3.connect(broker.data / "laurel.db", timeout=15) as connection:
        connection.execute(
            """INSERT INTO message (member_id, kind, facts, created_at)
            SELECT id, 'tier.reached', '{"level": 2, "from": 1767225600000000}', joined_at FROM member
            WHERE external_id = ?""",
            (me,),
        )


def test_a_level_is_told_of_and_leads_to_it(member: tuple[Page, str], broker: Broker, axe: Callable[[Page], None]):
    page, me = member
    listen(page)
    reaches_silver(broker, me)
    toast = page.locator(".toast")
    expect(toast).to_contain_text("You reached Silver")
    expect(page.locator(".bell .count")).to_contain_text("1")
    axe(page)
    toast.locator("a").click()
    page.wait_for_url("**/tiers")


def test_what_is_written_between_a_page_and_its_first_look_is_told(member: tuple[Page, str], broker: Broker):
    page, me = member

    def let_go(route: Route) -> None:
        reaches_silver(broker, me)
        route.continue_()

    page.route(STREAM, let_go, times=1)
    listen(page)
    expect(page.locator(".toast")).to_contain_text("You reached Silver")
    # The next page knows of it, and the one that the back button shows again does not repeat it.
    listen(page, "/tiers")
    with page.expect_response(STREAM):
        page.go_back()
    page.wait_for_timeout(1_000)
    expect(page.locator(".toast")).to_have_count(0)


def until_asked(page: Page, asked: Asked, times: int) -> None:
    """Let the page's clock run, a second at a time, until it has asked so often."""
    for _ in range(60):
        if asked.of("/live/marks") >= times:
            return
        page.clock.run_for(1_000)
        page.wait_for_timeout(50)
    pytest.fail(f"the page asked {asked.of('/live/marks')} times in a minute")


def test_without_a_stream_the_page_asks(member: tuple[Page, str], broker: Broker):
    page, me = member
    asked = Asked(page.context)
    refusal = '{"error": "streams_full", "ask": "/live/marks", "seconds": 15}'
    page.route(STREAM, lambda route: route.fulfill(status=503, body=refusal))
    page.clock.install()
    page.goto("/home")
    start = balance(page)
    until_asked(page, asked, 1)
    broker.deliver(lesson(f"{me}-live-asked", me))
    broker.settle()
    until_asked(page, asked, 2)
    expect(page.locator("#home .balance bdi").first).to_have_text(str(start + 50))
    assert asked.of("/live") == 1


def test_a_tab_that_nobody_looks_at_catches_up(member: tuple[Page, str], broker: Broker):
    page, me = member
    listen(page)
    start = balance(page)
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => window.unseen });
            window.unseen = true;
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    broker.deliver(lesson(f"{me}-live-unseen", me))
    broker.settle()
    page.wait_for_timeout(1_000)
    assert balance(page) == start
    page.evaluate("window.unseen = false; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#home .balance bdi").first).to_have_text(str(start + 50))


@contextmanager
def published(broker: Broker, name: str) -> Iterator[None]:
    """A challenge that is offered until the end of the block."""
    touch = "UPDATE programme SET revision = revision + 1"
    with sqlite3.connect(broker.data / "laurel.db", timeout=15) as connection:
        id_ = connection.execute("INSERT INTO challenge (key) VALUES (?)", (name,)).lastrowid
        step = '{"kind": "lessons_passed", "settings": {"target": 2}}'
        connection.execute(
            "INSERT INTO challenge_revision (challenge_id, number, definition, published_at) VALUES (?, 1, ?, 0)",
            (id_, f'{{"name": {{"en": "{name}"}}, "steps": [{step}]}}'),
        )
        connection.execute(touch)
    yield
    with sqlite3.connect(broker.data / "laurel.db", timeout=15) as connection:
        connection.execute("UPDATE challenge SET retired_at = 1 WHERE id = ?", (id_,))
        connection.execute(touch)


def test_open_pages_follow_and_leave_their_reader_where_they_are(member: tuple[Page, str], broker: Broker):
    page, me = member

    def closes(*trades: str) -> None:
        broker.deliver(*(trade(f"{me}-live-{name}", me, lots="0.20", minutes_ago=1) for name in trades))

    closes(*(f"many-{number}" for number in range(14)))
    broker.settle()
    page.goto("/points")
    newest = page.locator("#ledger details.line").first
    newest.locator("summary").click()
    expect(newest.locator(".proof")).to_be_visible()
    name = newest.get_attribute("id") or ""
    page.locator("#month .month-table summary").click()
    table = page.locator("#month .month-table tbody")
    expect(table).to_contain_text("280")
    page.locator("#by-q").fill("eurusd")
    page.wait_for_url("**q=eurusd*")
    page.evaluate("window.scrollTo(0, 300)")
    closes("one")
    expect(page.locator("#ledger details.line").nth(1)).to_have_attribute("id", name)
    opened = page.locator(f"#{name}")
    expect(opened).to_have_attribute("open", "")
    expect(opened.locator(".proof")).to_be_visible()
    expect(table).to_contain_text("300")
    expect(page.locator("#by-q")).to_be_focused()
    assert (page.locator("#by-q").input_value(), page.evaluate("window.scrollY")) == ("eurusd", 300)

    # Whoever reads further back is told, and nothing moves.
    page.locator("#more a").click()
    expect(page.locator("#ledger details.line")).to_have_count(15)
    told = page.locator("#following")
    expect(told).to_be_hidden()
    closes("further")
    expect(told).to_be_visible()
    expect(page.locator("#ledger details.line")).to_have_count(15)
    told.locator("a").click()
    expect(page.locator("#ledger details.line")).to_have_count(12)
    expect(told).to_be_hidden()

    page.goto("/tiers")
    climb = page.locator("#tiers .climb")
    before = climb.inner_text()
    broker.deliver(lesson(f"{me}-live-tiers", me))
    expect(climb).not_to_have_text(before, use_inner_text=True)

    page.goto("/challenges")
    with published(broker, f"fresh {me}"):
        expect(page.locator("#challenges")).to_contain_text(f"fresh {me}")
    expect(page.locator("#challenges")).not_to_contain_text(f"fresh {me}")
