"""A member brings their history: dropped, confirmed, counted; by keyboard, without a script, in Arabic, and cut short."""

import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.broker import Broker
from tests.browser.test_journeys import join
from tests.support.bringing import file_of

pytestmark = pytest.mark.browser
NewPage = Callable[..., Page]
LOGIN = iter(range(700_001, 800_000))
# What a browser does when a file is let go over the zone; a page cannot be given one by the mouse alone.
DROP = """(zone, text) => {
  const files = new DataTransfer();
  files.items.add(new File([text], "Statement.htm", {type: "text/html"}));
  for (const name of ["dragover", "drop"])
    zone.dispatchEvent(new DragEvent(name, {bubbles: true, cancelable: true, dataTransfer: files}));
}"""


@pytest.fixture
def statement(tmp_path: Path) -> Path:
    """A small statement of an account that nobody else has."""
    file = tmp_path / "Statement.htm"
    file.write_bytes(file_of(1, 2, 3, login=str(next(LOGIN))))
    return file


@pytest.fixture
def amira(new_page: NewPage, broker: Broker) -> Page:
    page = new_page()
    join(page, broker, country="AE", client_class="professional")
    return page


def settled(page: Page) -> None:
    """Wait until nothing goes on by itself any more."""
    expect(page.locator("#import > [hx-trigger]")).to_have_count(0, timeout=30_000)


def test_a_statement_is_dropped_confirmed_and_taken_back(amira: Page, statement: Path, axe):
    amira.goto("/accounts")
    axe(amira)
    amira.locator(".zone").evaluate(DROP, statement.read_text())
    amira.wait_for_url("**/accounts/imports/*")
    expect(amira.locator(".brought")).to_contain_text("points would be yours")
    axe(amira)
    amira.get_by_role("button", name="Add this history").click()
    expect(amira.locator(".brought")).to_contain_text("wait for your broker", timeout=30_000)
    settled(amira)
    axe(amira)
    amira.get_by_role("link", name="See it in your activity").click()
    expect(amira.locator("#activity details.line")).to_have_count(3)

    amira.goto("/accounts")
    expect(amira.locator("#imports")).to_contain_text("Waits for the broker")
    axe(amira)
    amira.locator("#imports a.row").first.click()
    amira.get_by_text("Take it back", exact=True).click()
    amira.get_by_role("button", name="Take the whole statement back").click()
    expect(amira.locator(".brought")).to_contain_text("You took it back", timeout=30_000)
    settled(amira)
    axe(amira)


def test_the_keyboard_alone_is_enough(amira: Page, statement: Path):
    # From before the page is there: Chromium may still be told that somebody waits when the key is pressed already.
    with amira.expect_file_chooser() as chooser:
        amira.goto("/accounts")
        amira.locator("#file").focus()
        expect(amira.locator(".zone")).to_have_css("outline-style", "solid")
        amira.keyboard.press("Enter")
    chooser.value.set_files(statement)
    amira.wait_for_url("**/accounts/imports/*")
    button = amira.get_by_role("button", name="Add this history")
    expect(button).to_be_visible()
    button.focus()
    amira.keyboard.press("Enter")
    expect(amira.locator(".brought")).to_contain_text("wait for your broker", timeout=30_000)


def test_what_cannot_be_read_is_said_in_the_zone(amira: Page, tmp_path: Path, axe):
    amira.goto("/accounts")
    photo = tmp_path / "photo.html"
    photo.write_bytes(b"\x89PNG and nothing else")
    amira.set_input_files("#file", photo)
    expect(amira.locator("#drop [role=alert]")).to_contain_text("This is not an account report")
    expect(amira.locator("#drop [role=alert]")).to_be_focused()
    axe(amira)
    # The zone takes the next file as it took the first one.
    assert amira.locator("#drop").get_attribute("data-ready") is not None
    large = tmp_path / "large.html"
    large.write_bytes(b"x" * 5_000_001)
    asked = []
    amira.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    amira.set_input_files("#file", large)
    expect(amira.locator("#toasts")).to_contain_text("larger than 5 MB")
    assert asked == [], "what is too large does not travel"


def test_in_arabic_and_the_dark_on_a_phone(new_page: NewPage, broker: Broker, statement: Path, axe):
    page = new_page(width=390, locale="ar", scheme="dark")
    join(page, broker, country="AE", client_class="professional")
    page.goto("/accounts")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    axe(page)
    page.set_input_files("#file", statement)
    page.wait_for_url("**/accounts/imports/*")
    page.locator("form[action$=confirmation] button").click(timeout=30_000)
    expect(page.locator("form[action$=undoing]")).to_have_count(1, timeout=30_000)
    settled(page)
    axe(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, "nothing reaches beyond the phone"


def test_without_a_script_everything_works_by_plain_forms(new_page: NewPage, broker: Broker, statement: Path):
    page = new_page(java_script_enabled=False)
    join(page, broker, country="AE", client_class="professional")
    page.goto("/accounts")
    page.set_input_files("#file", statement)
    page.get_by_role("button", name="Look through it").click()
    page.wait_for_url("**/accounts/imports/*")
    # The page asks again by itself.
    expect(page.locator(".brought")).to_contain_text("points would be yours", timeout=30_000)
    page.get_by_role("button", name="Add this history").click()
    expect(page.locator(".brought")).to_contain_text("wait for your broker", timeout=30_000)
    page.get_by_text("Take it back", exact=True).click()
    page.get_by_role("button", name="Take the whole statement back").click()
    expect(page.locator(".brought")).to_contain_text("You took it back", timeout=30_000)


def test_a_browser_that_goes_in_the_middle_leaves_nothing(amira: Page, broker: Broker, statement: Path):
    amira.goto("/accounts")
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in amira.context.cookies())
    sign = amira.locator("#drop [name=csrf_token]").input_value()
    before = broker.rows("SELECT count(*) FROM statement_import")
    body = "\r\n".join(
        (
            "--cut",
            'Content-Disposition: form-data; name="csrf_token"',
            "",
            sign,
            "--cut",
            'Content-Disposition: form-data; name="file"; filename="Statement.htm"',
            "Content-Type: text/html",
            "",
            statement.read_text(),
            "--cut--",
            "",
        )
    ).encode()
    host, port = broker.base.removeprefix("http://").split(":")
    head = (
        f"POST /accounts/imports HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(head + body[: len(body) // 2])
        time.sleep(0.3)
    amira.reload()
    expect(amira.locator("#drop")).to_be_visible()
    assert broker.rows("SELECT count(*) FROM statement_import") == before
    # The same request, whole, is taken: it was the cut that kept it out.
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + body)
        answer = line.recv(65536).decode("latin-1")
    assert re.search(r"^Location: \S*/accounts/imports/\d+", answer, re.MULTILINE), answer
