"""The ladder's draft and the law packs in a browser: rows with and without a script, the keyboard, and the bench."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.broker import Broker
from tests.browser.desk import hire, sign_in

pytestmark = pytest.mark.browser
DRAFT = "/admin/tiers/draft"


def field(page: Page, place: str):
    """A control of a form whose names say the place."""
    return page.locator(f'[name="{place}"]')


def add_and_save_a_level(page: Page) -> None:
    """Add a level by its button, write it, and save with the return key."""
    page.goto("/admin/tiers")
    page.get_by_role("button", name="Draft a change").click()
    page.wait_for_url(f"**{DRAFT}")
    field(page, "warn_days").fill("21")
    page.get_by_role("button", name="Add a level").click()
    expect(field(page, "levels.5.key")).to_have_count(1)
    expect(field(page, "warn_days")).to_have_value("21")
    field(page, "levels.5.key").fill("steel")
    field(page, "levels.5.threshold").fill("500")
    field(page, "levels.5.name.en").fill("Steel")
    field(page, "levels.5.name.en").press("Enter")
    expect(page.locator("legend", has_text="Steel")).to_have_count(1)
    expect(field(page, "levels.1.key")).to_have_value("steel")
    expect(field(page, "warn_days")).to_have_value("21")


def test_a_level_is_added_with_a_script_and_without(new_page, broker: Broker, axe):
    page: Page = new_page()
    sign_in(page, hire(broker, "Tia Tanaka", "manager").email)
    plain: Page = new_page(java_script_enabled=False, storage_state=page.context.storage_state())
    for one in (page, plain):
        add_and_save_a_level(one)
        if one is page:
            axe(page)
        one.get_by_role("button", name="Throw the draft away").click()
        one.wait_for_url("**/admin/tiers")


def test_the_sentence_is_read_in_the_language_that_is_chosen(new_page, broker: Broker, axe):
    page: Page = new_page()
    sign_in(page, hire(broker, "Lin Ladd", "viewer").email)
    page.goto("/admin/tiers")
    axe(page)
    expect(page.locator('.spoken [data-language="ar"]')).to_be_hidden()
    page.get_by_role("radio", name="English").press("ArrowRight")
    expect(page.locator('.spoken [data-language="ar"]')).to_be_visible()
    expect(page.locator('.spoken [data-language="en"]')).to_be_hidden()


def test_pages_of_the_law_fit_and_are_accessible(new_page, broker: Broker, axe):
    wide: Page = new_page()
    sign_in(wide, hire(broker, "Uma Udo", "manager").email)
    wide.goto("/admin/packs/uk_retail")
    wide.get_by_role("button", name="Draft a change").click()
    wide.wait_for_url("**/draft")
    for width, scheme in ((1280, "dark"), (390, "light"), (320, "dark")):
        page: Page = new_page(width=width, scheme=scheme, storage_state=wide.context.storage_state())
        for address in ("", "/uk_retail", "/uk_retail/revisions", "/uk_retail/draft", "/new", "/bench", "/bench/home"):
            page.goto(f"/admin/packs{address}")
            beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert beyond <= 0, f"/admin/packs{address} is {beyond} px too wide at {width}"
            axe(page)


def test_the_home_of_a_client_who_is_nobody_leads_nowhere_but_back(new_page, broker: Broker, axe):
    page: Page = new_page()
    sign_in(page, hire(broker, "Bea Bench", "viewer").email)
    page.goto("/admin/packs/bench")
    page.get_by_role("link", name="See this client's home").click()
    expect(page.locator(".previewed h1")).to_contain_text("Client")
    axe(page)
    expect(page.locator(".previewed a[href]")).to_have_count(0)
    page.get_by_role("link", name="Back to the bench").click()
    expect(page).to_have_url(re.compile("/admin/packs/bench"))
