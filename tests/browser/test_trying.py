"""Trying a statement in a browser: chosen or dropped, with a script and without, and looked at by axe."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.broker import Broker
from tests.platforms.writing import mt4

pytestmark = pytest.mark.browser
ROWS = """
|101|2025.03.03 10:00:00|buy|0.50|eurusd|1.08000|0.00000|0.00000|2025.03.03 11:00:00|1.08100|0.00|0.00|0.00|50.00
|102|2025.05.06 10:00:00|sell|2.00|xauusd|1900.00|0.00|0.00|2025.05.06 12:00:00|1890.00|0.00|0.00|0.00|2000.00
"""


@pytest.fixture
def statement(tmp_path: Path) -> Path:
    path = tmp_path / "Statement.htm"
    path.write_text(mt4(ROWS))
    return path


def test_a_statement_on_the_front_page_answers_in_place(new_page, broker: Broker, statement: Path, axe):
    page: Page = new_page()
    page.goto("/")
    page.get_by_label("Country you live in").select_option("AE")
    page.locator("#file").set_input_files(statement)
    result = page.locator("#try-result")
    expect(result).to_contain_text("This history would have earned")
    expect(page).to_have_url(re.compile("/$"))
    axe(page)
    # The file is still chosen: another country is one click away.
    page.get_by_label("Country you live in").select_option("CY")
    page.get_by_role("button", name="See what it would have earned").click()
    expect(result).to_contain_text("Trading earns no points for you in Cyprus")
    axe(page)


def test_it_works_without_a_script(new_page, broker: Broker, statement: Path):
    page: Page = new_page(java_script_enabled=False)
    page.goto("/try")
    page.get_by_label("Country you live in").select_option("AE")
    page.locator("#file").set_input_files(statement)
    page.get_by_role("button", name="See what it would have earned").click()
    expect(page.locator("#try-result")).to_contain_text("This history would have earned")
    picture = page.locator(".try-picture img")
    picture.scroll_into_view_if_needed()
    shared = page.locator("#shared").input_value()
    page.goto(shared[shared.index("/try/") :])
    expect(page.get_by_role("heading", level=1)).to_have_text("What a trading history would have earned")


def test_what_cannot_be_read_is_said_at_once(new_page, broker: Broker, tmp_path: Path):
    page: Page = new_page()
    page.goto("/try")
    page.get_by_label("Country you live in").select_option("AE")
    (tmp_path / "cat.htm").write_text("no report")
    page.locator("#file").set_input_files(tmp_path / "cat.htm")
    expect(page.get_by_role("alert")).to_contain_text("This is not an account report")


def test_an_example_is_a_click_away(new_page, broker: Broker, axe):
    page: Page = new_page(width=390)
    page.goto("/")
    page.get_by_label("Country you live in").select_option("AE")
    page.get_by_role("button", name="Show me an example").click()
    expect(page.locator("#try-result")).to_contain_text("This invented history would have earned")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
