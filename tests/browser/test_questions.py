"""A question and its answer, as both sides write and read them: on a phone, in the dark, from right to left."""

import re
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.browser.broker import Broker, trade
from tests.browser.desk import hire, sign_in
from tests.browser.test_journeys import join

pytestmark = pytest.mark.browser
numbers = count(1)
ARABIC = "لماذا لم أحصل على نقاط؟\nالصفقة كانت 0.50 لوت."


@pytest.fixture
def manager(new_page, broker: Broker) -> Page:
    page: Page = new_page()
    sign_in(page, hire(broker, f"Quinn{next(numbers)} Asker", "manager").email)
    return page


def fits(page: Page) -> bool:
    """Whether nothing stands out over the edge of the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_what_did_not_earn_is_asked_and_answered(new_page, broker, manager, axe):
    page = new_page(width=390, locale="ar", scheme="dark")
    me = join(page, broker, country="AE", client_class="professional")
    broker.deliver(trade(f"{me}-short", me, seconds=121, lots="0.50"))
    broker.settle()
    page.goto("/points?tab=missed")
    line = page.locator("details.line").first
    line.locator("summary").click()
    line.locator("a[href*='/questions/new']").click()
    page.locator("textarea").fill(ARABIC)
    # The very decision stands beside the form, and nothing over the edge.
    expect(page.locator("#decision .checks")).to_be_visible()
    assert fits(page)
    axe(page)
    page.locator("main form [type=submit]").click()
    page.wait_for_url(re.compile(r"/questions/\d+"))
    thread = page.url.partition("#")[0]
    expect(page.locator(".entry .words")).to_have_text(ARABIC)
    assert page.locator(".entry .words").evaluate("one => getComputedStyle(one).direction") == "rtl"
    axe(page)

    manager.goto("/admin/questions")
    axe(manager)
    manager.locator(".rows a.question").last.click()
    expect(manager.locator("#decision")).to_contain_text("Open at least 180 s")
    expect(manager.locator(".particulars")).to_be_visible()
    expect(manager.locator(".speaks")).to_contain_text("العربية")
    assert manager.locator(".entry .words").evaluate("one => getComputedStyle(one).direction") == "rtl"
    axe(manager)
    manager.locator("textarea").fill("It was open for 121 seconds.\n\nThe rule asks for 180.")
    manager.get_by_role("button", name="Answer", exact=True).click()
    expect(manager.locator(".entry[data-mine] .words")).to_contain_text("The rule asks for 180.")
    manager.set_viewport_size({"width": 390, "height": 844})
    assert fits(manager)

    page.goto("/home")
    page.locator(f"#messages a[href^='{thread.removeprefix(broker.base)}']").click()
    answer = page.locator("#newest .words")
    expect(answer).to_contain_text("The rule asks for 180.")
    assert answer.evaluate("one => getComputedStyle(one).direction") == "ltr"
    assert fits(page)
    axe(page)


def test_it_works_without_a_script(new_page, broker):
    page = new_page()
    join(page, broker, country="AE", client_class="professional")
    state = page.context.storage_state()
    plain = new_page(width=390, java_script_enabled=False, storage_state=state)
    plain.goto("/questions")
    plain.get_by_role("link", name="Ask a question").click()
    plain.locator("[name=topic][value=tier]").check(force=True)
    plain.locator("textarea").fill("   ")
    plain.locator("main form [type=submit]").click()
    expect(plain.locator(".field .error")).to_have_text("Write something first.")
    plain.locator("textarea").fill("When does my level count?")
    plain.locator("main form [type=submit]").click()
    expect(plain.locator(".entry .words")).to_have_text("When does my level count?")
