"""What staff write for members to play: a challenge, a badge and a lesson, by two people, until a member has it."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.broker import ROOT, Broker
from tests.browser.conftest import browsers, installed, running
from tests.browser.desk import hire, sign_in, speak
from tests.browser.test_journeys import join

pytestmark = pytest.mark.browser
NewPage = Callable[..., Page]


class Desk(NamedTuple):
    """Somebody who writes, somebody who approves, and browsers for members."""

    broker: Broker
    manager: Page
    approver: Page
    open_page: NewPage


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Desk]:
    """An installation of its own that has something to play, with two of its staff signed in."""
    broker = installed(tmp_path_factory)
    broker.command("prepare", "--base")
    environ = {"LAUREL_DATA": str(broker.data), "PATH": "", "LAUREL_PUBLIC_URL": broker.base}
    subprocess.run([sys.executable, "-m", "tests.browser.publishing"], cwd=ROOT, env=environ, check=True, timeout=60)
    with running(broker), browsers(chromium, broker) as open_page:
        with sqlite3.connect(broker.data / "laurel.db", timeout=15) as connection:
            connection.execute("UPDATE programme SET demo = 1, revision = revision + 1")
        manager, approver = open_page(), open_page()
        sign_in(manager, hire(broker, "Mia Moreau", "manager").email)
        sign_in(approver, hire(broker, "Omar Rahal", "approver").email)
        yield Desk(broker, manager, approver, open_page)


def begin(page: Page, folder: str, name: str, kind: str) -> None:
    """Open the draft of something new."""
    page.goto(f"/admin/{folder}")
    page.locator(f"a[href='/admin/{folder}/new']").first.click()
    page.locator("#name").fill(name)
    page.locator(f"[name=kind][value={kind}]").check()
    page.get_by_role("button", name="Begin the draft").click()
    page.wait_for_url(f"**/admin/{folder}/drafts/*")


def write(page: Page, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        page.locator(f"[name='{name}']").fill(text)


def choose(page: Page, place: str, kind: str) -> None:
    """Choose another kind, and wait for its settings."""
    page.locator(f"[name='{place}.kind']").select_option(kind)
    expect(page.locator(f"[name='{place}.shown']")).to_have_value(kind)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save draft").locator("visible=true").first.click()


def propose(page: Page) -> None:
    expect(page.locator("#beside")).to_contain_text("Ready to propose")
    page.locator("#ready").get_by_role("button", name="Propose").click()
    expect(page.locator("main")).to_contain_text("waits for a second person")


def approve(page: Page, title: str) -> None:
    page.goto("/admin/approvals")
    page.get_by_role("link", name=title).first.click()
    expect(page.locator("h1")).to_contain_text(title)
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#decision")).to_contain_text("Approved")


def member(desk: Desk) -> Page:
    """A new client of the broker in Cyprus, whom the law gives nothing for trades."""
    page = desk.open_page()
    join(page, desk.broker, country="CY", client_class="retail")
    return page


def open_challenge(page: Page, name: str) -> None:
    page.goto("/challenges")
    page.get_by_role("link", name=name).first.click()
    page.wait_for_url(re.compile(r"/challenges/\d+"))


def test_a_quest_is_written_approved_joined_and_revised(desk: Desk, axe):
    manager, approver = desk.manager, desk.approver
    begin(manager, "challenges", "Steady hands", "quest")
    axe(manager)
    card = manager.locator(".member-card .at-rest")
    choose(manager, "steps.0", "journal_entries")
    choose(manager, "steps.1", "lessons_passed")
    write(manager, {"name.ar": "يد ثابتة", "name.zh": "稳健之手", "steps.0.settings.target": "2"})
    manager.locator("[name='steps.1.after'][value='0']").check()
    # The member's card follows what is typed.
    expect(card).to_contain_text("Steady hands")
    write(manager, {"name.en": "Steady hand", "reward.points": "75"})
    expect(card).to_contain_text("Steady hand")
    expect(card).to_contain_text("75")
    axe(manager)
    propose(manager)
    axe(manager)
    # What was proposed cannot be decided by who proposed it.
    manager.get_by_role("link", name="Open the proposal").click()
    expect(manager.locator("h1")).to_contain_text("Steady hand, revision 1")
    expect(manager.get_by_role("button", name="Approve")).to_have_count(0)

    first = member(desk)
    first.goto("/challenges")
    expect(first.locator("main")).not_to_contain_text("Steady hand")
    approve(approver, "Steady hand, revision 1")
    open_challenge(first, "Steady hand")
    expect(first.locator("main")).to_contain_text("Write in your journal on 2 days.")
    first.locator("form[action$='/entry'] button:visible").first.click()
    expect(first.locator("form[action$='/entry']")).to_have_count(0)

    manager.goto("/admin/challenges?q=steady")
    manager.get_by_role("link", name="Steady hand").first.click()
    axe(manager)
    manager.get_by_role("button", name="Revise").click()
    manager.wait_for_url("**/drafts/*")
    write(manager, {"steps.0.settings.target": "6", "places": "40"})
    expect(manager.locator("#beside")).to_contain_text("No limit")
    propose(manager)
    approve(approver, "Steady hand, revision 2")
    # Who joined stays on what they joined, whoever comes now is asked for more.
    open_challenge(first, "Steady hand")
    expect(first.locator("main")).to_contain_text("Write in your journal on 2 days.")
    second = member(desk)
    open_challenge(second, "Steady hand")
    expect(second.locator("main")).to_contain_text("Write in your journal on 6 days.")
    manager.goto("/admin/challenges?q=steady")
    expect(manager.locator("#list")).to_contain_text("of 40")


def test_a_badge_of_three_levels_comes_on_the_wall_and_goes(desk: Desk, axe):
    manager, approver = desk.manager, desk.approver
    begin(manager, "badges", "Quiet pen", "journal_entries")
    levels = {"levels.0": "1", "levels.1": "10", "levels.2": "50", "points.2": "30"}
    write(manager, {"name.ar": "قلم هادئ", "name.zh": "静笔", **levels})
    expect(manager.locator(".member-card .at-rest")).to_contain_text("Quiet pen")
    expect(manager.locator(".member-card")).to_contain_text("50 days")
    axe(manager)
    propose(manager)
    approve(approver, "Quiet pen, revision 1")
    someone = member(desk)
    someone.goto("/badges")
    expect(someone.locator("main")).to_contain_text("Quiet pen")

    manager.goto("/admin/badges?q=quiet")
    manager.get_by_role("link", name="Quiet pen").first.click()
    axe(manager)
    manager.locator("#turn [name=note]").fill("Another one takes its place.")
    manager.get_by_role("button", name="Propose to retire it").click()
    expect(manager.locator("main")).to_contain_text("Its retirement waits for a second person")
    approve(approver, "Retire Quiet pen")
    someone.goto("/badges")
    expect(someone.locator("main")).not_to_contain_text("Quiet pen")


def test_a_lesson_in_three_languages_is_read_in_each(desk: Desk, axe):
    manager, approver = desk.manager, desk.approver
    begin(manager, "lessons", "Slippage", "all")
    manager.locator("[name='body.en']").fill("## What it is\n\nThe price you get is **not** the price you saw.")
    for code, title, body in (
        ("ar", "الانزلاق السعري", "السعر الذي تحصل عليه ليس السعر الذي رأيته."),
        ("zh", "滑点", "成交价并非您看到的价格。"),
    ):
        manager.locator(f"[name='body.{code}']").evaluate("box => box.closest('details').open = true")
        write(manager, {f"name.{code}": title, f"body.{code}": body})
    for number in (3, 2):
        manager.get_by_role("button", name=f"Remove question {number}").click()
        expect(manager.locator(".question-editor")).to_have_count(number - 1)
    asked = manager.locator(".question-editor")
    for code, question, answers in (
        ("en", "Which price counts?", ("The fill", "The quote", "The average")),
        ("ar", "أي سعر يُحتسب؟", ("سعر التنفيذ", "السعر المعروض", "المتوسط")),
        ("zh", "以哪个价格为准？", ("成交价", "报价", "均价")),
    ):
        asked.locator(f"[name$='.text.{code}']").fill(question)
        for place, answer in enumerate(answers):
            asked.locator(f"[name$='.answers.{place}.{code}']").fill(answer)
    preview = manager.locator(".lesson-preview")
    expect(preview.locator("strong")).to_have_text("not")
    manager.locator(".lesson-spoken [value=zh]").check(force=True)
    expect(preview).to_contain_text("成交价并非您看到的价格")
    axe(manager)
    propose(manager)
    approve(approver, "Slippage, revision 1")
    for locale, title in (("en", "Slippage"), ("ar", "الانزلاق السعري"), ("zh-CN", "滑点")):
        reader = desk.open_page(locale=locale, width=390)
        join(reader, desk.broker, country="CY", client_class="retail")
        reader.goto("/lessons/slippage")
        expect(reader.locator("h1")).to_contain_text(title)
        axe(reader)


def test_nothing_that_two_write_into_one_draft_is_lost(desk: Desk, axe):
    mia, omar = desk.manager, desk.approver
    begin(mia, "challenges", "Two hands", "journal_entries")
    mia_s = mia.url
    omar.goto(mia_s)
    write(mia, {"places": "40"})
    save(mia)
    expect(mia.locator("#meanwhile")).to_have_count(0)
    # What Omar opened is not what is stored any more: he is told, and decides.
    write(omar, {"reward.points": "85"})
    save(omar)
    told = omar.locator("#meanwhile")
    expect(told).to_contain_text("Mia Moreau saved this draft while you were writing.")
    expect(told).to_be_focused()
    expect(omar.locator("[name='reward.points']")).to_have_value("85")
    axe(omar)
    told.get_by_role("button", name="Save mine over it").click()
    expect(told).to_have_count(0)
    omar.reload()
    expect(omar.locator("[name='reward.points']")).to_have_value("85")

    # And when it is thrown away while he goes on writing.
    write(omar, {"reward.points": "95"})
    mia.reload()
    mia.locator("summary", has_text="Throw the draft away").click()
    mia.get_by_role("button", name="Throw it away").click()
    mia.wait_for_url("**/admin/challenges**")
    save(omar)
    expect(told).to_contain_text("This draft was thrown away while you were writing.")
    told.get_by_role("button", name="Begin a new draft with it").click()
    expect(told).to_have_count(0)
    expect(omar.locator("[name='reward.points']")).to_have_value("95")
    expect(omar.locator("[name='places']")).to_have_value("")
    assert omar.url != mia_s


def test_every_form_is_read_on_a_phone_from_the_right_in_the_dark(desk: Desk, axe):
    page = desk.manager.context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.goto("/admin/lessons")
    speak(page, "ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    for place in ("challenges", "badges", "lessons"):
        page.goto(f"/admin/{place}/2")
        page.locator(f"form[action='/admin/{place}/2/draft'] button").click()
        page.wait_for_url("**/drafts/*")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, f"{place} is wider than a phone"
        axe(page)
    speak(page, "en")
    page.close()
