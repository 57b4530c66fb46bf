"""The broker's staff, as the journeys need them: hired at the console, signed in with password and phone."""

import re
from dataclasses import dataclass

import pyotp
from playwright.sync_api import Page, expect

from tests.browser.broker import Broker
from tests.browser.conftest import PASSWORD


@dataclass(frozen=True)
class Colleague:
    """Somebody of the staff."""

    email: str
    name: str


def hire(broker: Broker, name: str, role: str) -> Colleague:
    """Add somebody to the staff at the console."""
    email = f"{name.split(maxsplit=1)[0].lower()}.{role}@example.com"
    if not broker.rows("SELECT 1 FROM staff WHERE email = ?", email):
        broker.command("staff", "create", email, "--name", name, "--role", role, "--password-stdin", given=PASSWORD)
    return Colleague(email, name)


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Sign in at the desk for the first time: password, the phone set up, recovery codes kept."""
    page.goto("/admin/sign-in")
    page.locator("[name=email]").fill(email)
    page.locator("[name=password]").fill(password)
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url("**/admin/sign-in/setup**")
    secret = (page.locator("#phone-secret").text_content() or "").replace(" ", "")
    page.locator("[name=code]").fill(pyotp.TOTP(secret).now())
    page.locator("main form [type=submit]").first.click()
    page.locator("#recovery-codes").wait_for()
    page.locator("[name=kept]").check()
    page.locator("main form [type=submit]").first.click()
    page.locator(".staffbar").wait_for()


def speak(page: Page, language: str) -> None:
    """Read the desk in another language; a new colleague reads English, whatever their browser does."""
    page.locator("details.menu > summary.round").click()
    page.locator(f"button[name=language][value={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile(f"^{language}"))
