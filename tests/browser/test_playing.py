"""What members come back for: join, practise, complete, claim, and find the badge on the wall, without a reload."""

import re
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.broker import ROOT, Broker
from tests.browser.conftest import browsers, installed, running
from tests.browser.test_journeys import join

pytestmark = pytest.mark.browser
NewPage = Callable[..., Page]


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """An installation of its own that has something to play: what the others look at stays as it is."""
    club = installed(tmp_path_factory)
    club.command("prepare", "--base")
    environ = {"LAUREL_DATA": str(club.data), "PATH": "", "LAUREL_PUBLIC_URL": club.base}
    subprocess.run([sys.executable, "-m", "tests.browser.publishing"], cwd=ROOT, env=environ, check=True, timeout=60)
    with running(club):
        with sqlite3.connect(club.data / "laurel.db", timeout=15) as connection:
            connection.execute("UPDATE programme SET demo = 1, revision = revision + 1")
        club.use_key("bridge")
        yield club


@pytest.fixture
def open_page(chromium: Browser, club: Broker) -> Iterator[NewPage]:
    """Opens a browser of its own at the club."""
    with browsers(chromium, club) as open_:
        yield open_


def pass_lesson(page: Page, club: Broker, key: str) -> None:
    """Read a lesson and answer its questions right, wherever the answers stand."""
    folder = ROOT / "app" / "gamification" / "lessons" / "starting" / key
    said = tomllib.loads((folder / "lesson.toml").read_text(encoding="utf-8"))
    page.goto(f"/lessons/{key}")
    language = (page.locator("html").get_attribute("lang") or "en")[:2]
    right = [question["answers"][question["right"]][language] for question in said["questions"]]
    # Figures stand isolated in right-to-left text: they are compared without what only turns them.
    assert page.evaluate(PICK, right) == len(right)
    page.locator("#questions form [type=submit]").first.click()
    expect(page.locator("#questions .judged")).to_be_visible()
    expect(page.locator("#questions [data-right=no]")).to_have_count(0)
    club.settle()


PICK = """(right) => {
    const plain = (text) => text.replace(/[\u200e\u200f\u2066-\u2069\\s]/g, "");
    const wanted = new Set(right.map(plain));
    const labels = [...document.querySelectorAll("#questions label")].filter((one) => wanted.has(plain(one.textContent)));
    for (const label of labels) label.click();
    return labels.length;
}"""


def join_challenge(page: Page, name: str) -> None:
    page.goto("/challenges")
    page.get_by_role("link", name=name).first.click()
    page.wait_for_url(re.compile(r"/challenges/\d+"))
    page.locator("form[action$='/entry'] button:visible").first.click()
    expect(page.locator("form[action$='/entry']")).to_have_count(0)


LANGUAGES = [
    ("en", "light", 1280, "Three first lessons", "First steps"),
    ("ar", "dark", 390, "ثلاثة دروس أولى", ""),
    ("zh", "light", 390, "最初三课", ""),
]


@pytest.mark.parametrize(("locale", "scheme", "width", "challenge", "badge"), LANGUAGES)
def test_from_joining_to_the_badge_on_the_wall(
    open_page: NewPage, club: Broker, axe, locale: str, scheme: str, width: int, challenge: str, badge: str
):
    page = open_page(width, locale, scheme)
    join(page, club, country="CY", client_class="retail")
    join_challenge(page, challenge)
    axe(page)
    for key in ("risk", "leverage"):
        pass_lesson(page, club, key)
    page.goto("/challenges")
    expect(page.locator("main progress, main [role=progressbar]").first).to_be_visible()
    axe(page)
    # In another tab the last lesson is passed: this one hears of it.
    other = page.context.new_page()
    pass_lesson(other, club, "costs")
    expect(page.locator("form[action$='/reward'] button:visible").first).to_be_visible()
    expect(page.locator(".toast").first).to_be_visible()
    page.locator("form[action$='/reward'] button:visible").first.click()
    expect(page.locator("form[action$='/reward']")).to_have_count(0)
    # What was pressed is gone: whoever reads by keyboard or ear goes on where it was, not at the top.
    expect(page.locator("main :focus")).to_have_count(1)
    page.goto("/badges")
    axe(page)
    page.goto("/messages")
    axe(page)
    page.goto("/points")
    expect(page.locator("main")).to_contain_text(challenge)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_lesson_becomes_points_for_a_retail_client_in_cyprus(open_page: NewPage, club: Broker, axe):
    page = open_page()
    join(page, club, country="CY", client_class="retail")
    page.goto("/challenges")
    expect(page.locator("main")).to_contain_text("Not available under your client category")
    page.goto("/lessons")
    axe(page)
    page.get_by_role("link", name="What a CFD is").first.click()
    axe(page)
    pass_lesson(page, club, "what_is_a_cfd")
    page.goto("/points")
    line = page.locator("main summary, main a", has_text="What a CFD is").first
    expect(line).to_be_visible()
    line.click()
    expect(page.locator("main")).to_contain_text("recognition and service")


def test_a_journal_and_a_rest_day_by_the_keyboard_alone(open_page: NewPage, club: Broker, axe):
    page = open_page()
    join(page, club, country="AE", client_class="professional")
    page.goto("/journal")
    page.locator("main textarea").first.focus()
    page.keyboard.type("Waited for the plan, took one trade with a stop, and closed the platform.")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type === 'submit' && !!document.activeElement.closest('main')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("took one trade with a stop")
    axe(page)
    page.goto("/habits")
    axe(page)
    day = page.locator("main form button[name=day], main form:has(input[name=day]) button").first
    day.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(re.compile("planned|cancel", re.I))


def test_quiet_mode_hides_and_loses_nothing(open_page: NewPage, club: Broker, axe):
    page = open_page()
    join(page, club, country="CY", client_class="retail")
    pass_lesson(page, club, "psychology")
    page.goto("/profile/messages")
    axe(page)
    page.locator("form[action*=quiet] button").first.click()
    page.goto("/home")
    axe(page)
    expect(page.locator(".hero .balance")).to_have_count(0)
    page.goto("/points")
    expect(page.locator("main")).to_contain_text(re.compile("quiet", re.I))
    page.locator("main form[action*=quiet] button").first.click()
    page.goto("/points")
    expect(page.locator("main")).to_contain_text("Psychology")
