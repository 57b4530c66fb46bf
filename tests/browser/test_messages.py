"""The inbox and quiet mode as they are used: by keyboard, on a phone from right to left, without the mouse or the eye."""

import json
import re
import sqlite3

import pytest
from playwright.sync_api import Page, expect

from tests.browser.broker import Broker
from tests.browser.test_journeys import join
from tests.browser.test_questions import fits

pytestmark = pytest.mark.browser


def tell(broker: Broker, client: str, kind: str, **facts: int) -> None:
    """Write a message to a member, as a job does."""
    with sqlite3.connect(broker.data / "laurel.db", timeout=15) as connection:
        connection.execute(
            "INSERT INTO message (member_id, kind, facts, created_at)"
            " SELECT id, ?, ?, CAST(strftime('%s', 'now') AS INTEGER) * 1000000 FROM member WHERE external_id = ?",
            (kind, json.dumps(facts), client),
        )


@pytest.mark.parametrize(("locale", "scheme", "width"), [("en", "light", 1280), ("ar", "dark", 390)])
def test_messages_are_read_by_keyboard_and_the_bell_counts_down(new_page, broker, axe, locale, scheme, width):
    page: Page = new_page(width=width, locale=locale, scheme=scheme)
    me = join(page, broker, country="AE", client_class="professional")
    for points in (10, 20, 30):
        tell(broker, me, "released.points", points=points)
    page.goto("/messages")
    bell = page.locator("#bell .count")
    expect(bell).to_have_text(re.compile(r"^3"))
    assert fits(page)
    axe(page)

    first = page.locator(".message").first
    first.locator("button").focus()
    page.keyboard.press("Enter")
    expect(bell).to_have_text(re.compile(r"^2"))
    expect(page.locator(".message[data-new]")).to_have_count(2)
    expect(page.locator(".message .row").first).to_be_focused()

    # Opening one reads it too.
    page.locator(".message[data-new] .row").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/points")
    expect(page.locator("#bell .count")).to_have_text(re.compile(r"^1"))

    page.goto("/messages?topic=released")
    page.locator("#inbox header button").click()
    expect(page.locator(".message[data-new]")).to_have_count(0)
    expect(page.locator("#bell .count")).to_have_count(0)


@pytest.mark.parametrize(("locale", "scheme", "width"), [("en", "dark", 1280), ("zh-CN", "light", 390)])
def test_it_becomes_quiet_and_loud_again(new_page, broker, axe, locale, scheme, width):
    page: Page = new_page(width=width, locale=locale, scheme=scheme)
    join(page, broker, country="AE", client_class="professional")
    expect(page.locator("#balance")).to_be_visible()
    page.goto("/profile/messages")
    assert fits(page)
    axe(page)
    page.locator("#quiet button[value='7']").click()
    page.wait_for_url("**/home")
    expect(page.locator(".calm")).to_be_visible()
    expect(page.locator("#balance")).to_have_count(0)
    assert fits(page)
    axe(page)
    page.goto("/points")
    expect(page.locator(".calm")).to_be_visible()
    axe(page)
    page.locator(".calm form button").click()
    page.wait_for_url("**/points")
    expect(page.locator("#balance")).to_be_visible()
