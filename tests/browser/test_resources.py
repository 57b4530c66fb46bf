"""Lists of what is configured, in a browser: searched as one types, sorted, narrowed, and found again on the way back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.broker import Broker
from tests.browser.desk import hire, sign_in

pytestmark = pytest.mark.browser
FILE = "kind,key,name_en,name_ar\nlesson,browser-a,Alpha lesson,\nlesson,browser-b,Beta lesson,درس\nsurvey,browser-c,Gamma,\n"


def test_a_list_is_searched_as_one_types(new_page, broker: Broker):
    page: Page = new_page()
    sign_in(page, hire(broker, "Nora Nilsen", "manager").email)
    page.goto("/admin/terms/import")
    page.set_input_files("#file", {"name": "names.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    page.get_by_role("button", name="Look through it").click()
    page.get_by_role("button", name="Bring in all of it").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.locator("#list-q").press_sequentially("lesson", delay=20)
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("#list-q")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/admin/terms\?q=lesson$"))
    page.locator("#sort-key").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text(re.compile("Key"))
    expect(page.locator("#sort-key")).to_be_focused()
    page.locator("#sort-key").click()
    expect(page.locator("tbody tr").first).to_contain_text("browser-b")
    page.locator("#list-q").fill("")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.locator("#list-kind").select_option("survey")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator("tbody tr").first).to_contain_text("browser-c")
    page.locator("#list-q").fill("nothing like it")
    expect(page.locator("#list")).to_contain_text("Nothing matches")


def test_a_list_works_without_a_script(new_page, broker: Broker):
    page: Page = new_page()
    sign_in(page, hire(broker, "Nils Nilsen", "manager").email)
    plain: Page = new_page(java_script_enabled=False, storage_state=page.context.storage_state())
    plain.goto("/admin/entities")
    plain.locator("#list-q").fill("europe")
    plain.get_by_role("button", name="Search").click()
    expect(plain.locator("tbody tr")).to_have_count(1)
    expect(plain).to_have_url(re.compile("q=europe"))
    plain.locator("#sort-name").click()
    expect(plain.locator("th[aria-sort=ascending]")).to_have_count(1)
