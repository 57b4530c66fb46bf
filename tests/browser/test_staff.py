"""What the staff do: change a rule by two people, look after members, and set a programme up from nothing."""

import re
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.browser.broker import Broker, trade
from tests.browser.conftest import AT_LAST, PASSWORD
from tests.browser.desk import hire, sign_in, speak
from tests.browser.test_journeys import join

pytestmark = pytest.mark.browser
PLACES = (
    "/admin",
    "/admin/approvals",
    "/admin/members",
    "/admin/rules",
    "/admin/tiers",
    "/admin/challenges",
    "/admin/challenges/new",
    "/admin/badges",
    "/admin/badges/new",
    "/admin/lessons",
    "/admin/lessons/new",
    "/admin/points",
    "/admin/packs",
    "/admin/packs/bench",
    "/admin/audit",
    "/admin/system",
    "/admin/brand",
    "/admin/brand/streaks",
    "/admin/entities",
    "/admin/terms",
    "/admin/keys",
    "/admin/people",
    "/admin/me",
)
numbers = count(1)


@pytest.fixture
def manager(new_page, broker) -> Page:
    page: Page = new_page()
    sign_in(page, hire(broker, f"Mia{next(numbers)} Moreau", "manager").email)
    return page


@pytest.fixture
def approver(new_page, broker) -> Page:
    page: Page = new_page()
    sign_in(page, hire(broker, f"Omar{next(numbers)} Rahal", "approver").email)
    return page


def points_of(broker: Broker, name: str) -> int:
    """What one reported activity earned."""
    [(earned,)] = broker.rows(
        "SELECT d.earned FROM decision d JOIN activity a ON a.id = d.activity_id WHERE a.external_id = ?", name
    )
    return int(earned)


def test_a_rule_is_changed_by_two_people(new_page, broker, manager, approver, axe):
    me = join(new_page(), broker, country="AE", client_class="professional")
    broker.deliver(trade(f"{me}-before", me, lots="1.00"))
    broker.settle()
    assert points_of(broker, f"{me}-before") == 100

    manager.goto("/admin/rules")
    manager.get_by_role("link", name="Trades by the lot").first.click()
    manager.get_by_role("button", name=re.compile("Revise|Open the draft")).click()
    manager.wait_for_url("**/admin/rules/drafts/**")
    axe(manager)
    manager.locator("#rate").fill("150")
    # Beside the form, while it is typed: the sentence, and what a real trade would earn.
    expect(manager.locator("#rule-sentence")).to_contain_text("150 points a lot")
    expect(manager.locator("#rule-side .sum strong")).to_contain_text("150")
    expect(manager.locator("#rule-side .sum")).to_contain_text("100")
    axe(manager)
    manager.get_by_role("button", name="Propose").click()
    expect(manager.locator("main")).to_contain_text("Waiting for a second person")

    # Alone it goes no further: neither by the page nor round it.
    manager.get_by_role("link", name="Open the proposal").click()
    expect(manager.get_by_role("button", name="Approve")).to_have_count(0)
    address = manager.url
    token = manager.locator("[name=csrf_token]").first.get_attribute("value")
    refused = manager.request.post(f"{address}/approval", form={"csrf_token": token, "digest": "00"})
    assert refused.status in (403, 404, 409)
    broker.deliver(trade(f"{me}-meanwhile", me, lots="1.00"))
    broker.settle()
    assert points_of(broker, f"{me}-meanwhile") == 100

    approver.goto("/admin/approvals")
    axe(approver)
    approver.locator(f"a[href='{address.removeprefix(broker.base)}']").first.click()
    expect(approver.locator("main")).to_contain_text("150")
    axe(approver)
    approver.get_by_role("button", name="Approve").click()
    expect(approver.locator("#decision")).to_contain_text("Approved")
    # By the platform's clock, which may be ahead of ours: what is reported to the second began before the approval.
    broker.deliver(trade(f"{me}-after", me, lots="1.00", minutes_ago=-1))
    broker.settle()
    assert points_of(broker, f"{me}-after") == 150


def test_a_member_is_found_looked_after_and_seen_through_their_eyes(new_page, broker, manager, axe):
    me = join(new_page(), broker, country="CY", client_class="retail", name="Eleni Georgiou")
    broker.deliver(trade(f"{me}-trade", me))
    broker.settle()
    manager.goto("/admin")
    manager.keyboard.press("/")
    manager.keyboard.type(me)
    manager.keyboard.press("Enter")
    manager.get_by_role("link", name="Eleni Georgiou").first.click()
    expect(manager.locator("main")).to_contain_text("EU retail")
    axe(manager)
    manager.get_by_role("button", name="View as member").click()
    manager.wait_for_url("**/home**")
    expect(manager.locator("body")).to_contain_text("End view")
    axe(manager)
    manager.goto("/points?tab=missed")
    expect(manager.locator("#ledger")).to_contain_text("Not available under your client category")
    manager.get_by_role("button", name="End view").click()
    manager.wait_for_url("**/admin/**")


def test_a_programme_is_set_up_from_nothing(new_page, newcomer, chromium, axe):
    broker = newcomer
    context = chromium.new_context(base_url=broker.base, viewport={"width": 1280, "height": 900}, locale="en")
    page = context.new_page()
    page.set_default_timeout(AT_LAST)
    page.goto("/home")
    expect(page.locator("body")).to_contain_text("Its setup is not finished yet")
    link = broker.command("setup-link")["setup"]
    page.goto("/setup?" + link.partition("?")[2])
    axe(page)
    for _ in range(12):
        if page.get_by_role("button", name="Create the programme").count():
            break
        fill(page)
        step = page.locator("[name=step]").first.input_value()
        page.get_by_role("button", name="Continue").click()
        expect(page.locator(f"[name=step][value={step}]")).to_have_count(0)
        page.wait_for_load_state("networkidle")
        axe(page)
    page.get_by_role("button", name="Create the programme").click()
    page.wait_for_url("**/admin/sign-in**")
    sign_in(page, "olga@example.com")
    page.goto("/admin/start")
    axe(page)
    broker.use_key("bridge")
    known = ("--country", "AE", "--client-class", "professional", "--external-id", "first")
    broker.command("members", "create", "first@example.com", *known)
    broker.deliver(trade("very-first", "first", lots="1.00", minutes_ago=0))
    broker.settle()
    assert points_of(broker, "very-first") > 0
    assert page.goto("/setup?" + link.partition("?")[2]).status in (303, 404, 410)
    context.close()


def fill(page: Page) -> None:
    """Answer what this step of the setup asks."""
    answers = {
        "name": "Olga Orlova",
        "email": "olga@example.com",
        "password": PASSWORD,
        "brand_name": "Northwind Markets",
        "programme_name": "Northwind Rewards",
        "support_email": "help@northwind.example",
    }
    for name, value in answers.items():
        field = page.locator(f"main input[name$='{name}']:visible").first
        if field.count() and not field.input_value():
            field.fill(value)
    choices = {"time_zone": "Asia/Dubai", "currency": "USD", "country": "SC", "pack": "offshore"}
    for name, value in choices.items():
        for field in page.locator(f"main select[name$='{name}']").all():
            field.select_option(value)
    template = page.locator("[name=template][value=classic]")
    if template.count():
        template.check(force=True)


@pytest.mark.parametrize(
    ("width", "locale", "scheme"), [(1280, "en", "light"), (1280, "ar", "dark"), (390, "zh-CN", "light")]
)
def test_every_place_can_be_read(new_page, broker, axe, width, locale, scheme):
    page = new_page(width=width, locale=locale, scheme=scheme)
    sign_in(page, hire(broker, f"Olga{next(numbers)} Orlova", "owner").email)
    speak(page, locale[:2])
    for place in PLACES:
        answer = page.goto(place)
        assert answer.status == 200, place
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{place} is wider than {width} px"
        axe(page)
