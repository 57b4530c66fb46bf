"""Takes the pictures in docs/screens/ from a running demo: `python docs/screens.py http://127.0.0.1:8000`.

Needs the development packages and Chromium. Each picture is a page as one of the demo's cast sees it.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent / "screens"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PHONE, DESK = 390, 1280

# name, who, address, language, scheme, width
PUBLIC = [
    ("landing-en", "/", "en", "light", DESK),
    ("landing-ar-phone", "/", "ar", "dark", PHONE),
    ("join-zh-phone", "/join", "zh-CN", "light", PHONE),
    ("login-en", "/login", "en", "light", DESK),
    ("forgot-ar", "/forgot", "ar", "light", DESK),
    ("terms-en", "/terms", "en", "light", DESK),
    ("missing-en", "/nowhere", "en", "light", DESK),
    ("api-en", "/api", "en", "light", DESK),
]
MEMBERS = [
    ("home-en", "middle", "/home", "light", DESK),
    ("home-phone", "middle", "/home", "light", PHONE),
    ("home-ar-dark", "arabic", "/home", "dark", DESK),
    ("home-zh-phone", "chinese", "/home", "light", PHONE),
    ("home-new", "new", "/home", "light", DESK),
    ("home-cyprus", "cyprus", "/home", "light", DESK),
    ("points-en", "middle", "/points", "light", DESK),
    ("points-phone", "middle", "/points", "dark", PHONE),
    ("points-ar-dark", "arabic", "/points", "dark", DESK),
    ("points-zh", "chinese", "/points", "light", DESK),
    ("points-new", "new", "/points", "light", PHONE),
    ("missed-en", "middle", "/points?tab=missed", "light", DESK),
    ("missed-cyprus", "cyprus", "/points?tab=missed", "light", DESK),
    ("missed-ar-phone", "arabic", "/points?tab=missed", "dark", PHONE),
    ("activity-en", "middle", "/activity", "light", DESK),
    ("activity-zh-phone", "chinese", "/activity", "dark", PHONE),
    ("tiers-en", "middle", "/tiers", "light", DESK),
    ("tiers-top-dark", "top", "/tiers", "dark", DESK),
    ("tiers-ar-phone", "arabic", "/tiers", "light", PHONE),
    ("profile-en", "middle", "/profile", "light", DESK),
    ("profile-ar-phone", "arabic", "/profile", "dark", PHONE),
]
OPENED = [
    ("explanation-en", "middle", "light", DESK),
    ("explanation-ar", "arabic", "dark", DESK),
    ("explanation-zh-phone", "chinese", "light", PHONE),
]


def open_page(browser: Browser, base: str, width: int, scheme: str, locale: str = "en") -> Page:
    """A page of a browser of its own."""
    size = {"width": width, "height": 844 if width == PHONE else 900}
    context = browser.new_context(base_url=base, viewport=size, color_scheme=scheme, locale=locale)
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def sign_in(page: Page, role: str) -> None:
    """One press on the landing page."""
    page.goto("/")
    page.locator(f"button[name=role][value={role}]").click()
    page.wait_for_url("**/home**")


def take(page: Page, name: str) -> None:
    """The whole page, once its pictures and fonts are there."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True)


def main(base: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, address, locale, scheme, width in PUBLIC:
            page = open_page(browser, base, width, scheme, locale)
            page.goto(address)
            take(page, name)
            page.context.close()
        for name, role, address, scheme, width in MEMBERS:
            page = open_page(browser, base, width, scheme)
            sign_in(page, role)
            page.goto(address)
            take(page, name)
            page.context.close()
        for name, role, scheme, width in OPENED:
            page = open_page(browser, base, width, scheme)
            sign_in(page, role)
            page.goto("/points?tab=earned&kind=trade.closed")
            page.locator("details.line summary").first.click()
            page.locator("details.line[open] .explanation .equation").first.wait_for()
            page.locator("details.line[open]").first.screenshot(path=FOLDER / f"{name}.png")
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
