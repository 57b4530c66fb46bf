"""A newcomer's way: join, confirm, earn, understand; as a professional, as a retail client in Cyprus, in three languages."""

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.browser.broker import Broker, lesson, trade
from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.browser
people = count(1)


def join(page: Page, broker: Broker, *, country: str, client_class: str, name: str = "Amira Haddad") -> str:
    """Join by the form and confirm by the mail; the id under which the broker's system knows the new member."""
    number = next(people)
    address = f"newcomer{number}@example.com"
    page.goto("/join")
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill(address)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=country]").select_option(country)
    choice = page.locator(f"[name=client_class][value={client_class}]")
    if choice.count():
        choice.check(force=True)
    else:
        page.locator("[name=client_class]").select_option(client_class)
    page.locator("#join-form [type=submit]").click()
    page.wait_for_url("**/join/**")
    page.goto(broker.mailed_link(address))
    page.locator("main form [type=submit]").click()
    page.wait_for_url("**/home**")
    broker.call(address, f"client-{number}")
    return f"client-{number}"


def test_a_professional_earns_and_sees_why(new_page, broker, axe):
    page = new_page()
    me = join(page, broker, country="AE", client_class="professional")
    told = broker.deliver(
        trade(f"{me}-long", me),
        trade(f"{me}-short", me, seconds=121, lots="0.50"),
        lesson(f"{me}-lesson", me),
    )
    assert told["accepted"] == 3
    broker.settle()
    page.goto("/points")
    expect(page.locator("main")).to_contain_text("150")  # 100 for joining, 50 for the lesson; the trade is pending
    axe(page)
    line = page.locator("details.line", has_text="1.5").first
    line.locator("summary").click()
    expect(line.locator(".explanation")).to_contain_text("Trades by the lot")
    expect(line.locator(".explanation")).to_contain_text("150")
    axe(page)
    page.locator(".tabs a", has_text="Did not earn").click()
    expect(page.locator("#ledger")).to_contain_text("Open 121 s, needs 180 s")
    axe(page)


def test_a_retail_client_in_cyprus_reads_words_where_others_see_points(new_page, broker, axe):
    page = new_page(width=390)
    me = join(page, broker, country="CY", client_class="retail")
    broker.deliver(trade(f"{me}-trade", me), lesson(f"{me}-lesson", me))
    broker.settle()
    page.goto("/points?tab=missed")
    expect(page.locator("#ledger")).to_contain_text("Not available under your client category")
    axe(page)
    page.goto("/points")
    expect(page.locator("details.line", has_text="Lesson")).to_have_count(1)
    expect(page.locator("details.line", has_text="1.5")).to_have_count(0)
    page.goto("/home")
    expect(page.locator("main")).to_contain_text("50")
    axe(page)


@pytest.mark.parametrize(("locale", "direction", "scheme"), [("ar", "rtl", "dark"), ("zh-CN", "ltr", "light")])
def test_the_same_way_in_arabic_and_chinese(new_page, broker, axe, locale, direction, scheme):
    page = new_page(locale=locale, scheme=scheme)
    me = join(page, broker, country="AE", client_class="professional", name="أميرة حداد" if locale == "ar" else "王伟")
    broker.deliver(trade(f"{me}-long", me), trade(f"{me}-short", me, seconds=121, lots="0.50"))
    broker.settle()
    for address in ("/home", "/points", "/points?tab=missed", "/activity", "/tiers", "/profile"):
        page.goto(address)
        assert page.locator("html").get_attribute("dir") == direction
        assert str(page.locator("html").get_attribute("lang")).startswith(locale[:2])
        axe(page)
    page.goto("/points")
    line = page.locator("details.line", has_text="1.5").first
    line.locator("summary").click()
    expect(line.locator(".explanation")).to_contain_text("150")
    axe(page)


def test_everything_works_without_javascript(new_page, broker):
    page = new_page(java_script_enabled=False)
    me = join(page, broker, country="AE", client_class="professional")
    broker.deliver(trade(f"{me}-long", me), trade(f"{me}-short", me, seconds=121, lots="0.50"))
    broker.settle()
    page.goto("/points")
    line = page.locator("details.line", has_text="1.5").first
    line.locator("summary").click()
    line.locator(".explanation a").first.click()
    expect(page.locator("main")).to_contain_text("Trades by the lot")
    page.goto("/points")
    page.locator(".tabs a", has_text="Did not earn").click()
    expect(page.locator("#ledger")).to_contain_text("Open 121 s, needs 180 s")


def test_the_keyboard_alone_is_enough(new_page, broker):
    page = new_page()
    me = join(page, broker, country="AE", client_class="professional")
    broker.deliver(trade(f"{me}-long", me))
    broker.settle()
    page.goto("/points")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("href", "#main")
    summary = page.locator("details.line", has_text="1.5").first.locator("summary")
    for _ in range(60):
        if summary.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    else:
        pytest.fail("the line cannot be reached by Tab")
    page.keyboard.press("Enter")
    expect(page.locator("details.line[open] .explanation")).to_contain_text("Trades by the lot")


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_overflows(new_page, broker, width):
    page = new_page(width=width)
    me = join(page, broker, country="AE", client_class="professional", name="Konstantinos Papadopoulos-Vassilakis")
    broker.deliver(trade(f"{me}-long", me, lots="12.50"), trade(f"{me}-short", me, seconds=121))
    broker.settle()
    for address in ("/home", "/points", "/points?tab=missed", "/activity", "/tiers", "/profile", "/terms"):
        page.goto(address)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{address} is {wider} px wider than a screen of {width}"


@pytest.mark.parametrize("address", ["/", "/join", "/login", "/forgot", "/terms", "/nowhere"])
@pytest.mark.parametrize(("locale", "scheme", "width"), [("en", "light", 1280), ("ar", "dark", 390)])
def test_the_public_pages_are_accessible(new_page: Callable[..., Page], axe, address, locale, scheme, width):
    page = new_page(locale=locale, scheme=scheme, width=width)
    page.goto(address)
    axe(page)
