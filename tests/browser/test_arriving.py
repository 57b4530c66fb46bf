"""A client of the broker arrives by a link, brings years of history, and staff let it count: in three languages."""

from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from playwright.sync_api import Page, expect

from tests.browser.broker import Broker
from tests.browser.desk import hire, sign_in
from tests.support.bringing import file_of

pytestmark = pytest.mark.browser
clients = count(1)


class Portal:
    """The broker's own site: a key that it signs its clients' links with."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        self._broker, self._private = broker, folder / "private.pem"
        key = Ed25519PrivateKey.generate()
        self._private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public = folder / "public.pem"
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        broker.command("handoff", "add", "Portal of the journeys", str(public))

    def link(self, language: str, login: str) -> str:
        """Where the button of a client's page leads, this minute."""
        client = f"portal-{next(clients)}"
        words = ["--email", f"{client}@example.com", "--name", "Amira Haddad", "--country", "AE"]
        words += ["--client-class", "professional", "--entity", "global", "--language", language]
        words += ["--account", "mt5", "Meridian-Live", login]
        address = self._broker.command("handoff", "link", client, str(self._private), *words)["link"]
        return self._broker.base + "/" + address.split("/", 3)[3]


@pytest.fixture(scope="module")
def portal(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Portal:
    return Portal(broker, tmp_path_factory.mktemp("portal"))


@pytest.fixture
def manager(new_page, broker: Broker) -> Page:
    page: Page = new_page()
    sign_in(page, hire(broker, f"Mara{next(clients)} Moreau", "manager").email)
    return page


def points(page: Page) -> int:
    """What the pill at the top says is available."""
    return int(page.locator("#balance .num.visually-hidden").inner_text().replace(",", ""))


@pytest.mark.parametrize(
    ("language", "direction", "scheme", "width"),
    [("en", "ltr", "light", 1280), ("ar", "rtl", "dark", 390), ("zh", "ltr", "light", 390)],
)
def test_a_client_of_the_broker_brings_a_history_and_staff_let_it_count(
    new_page, broker: Broker, portal: Portal, manager: Page, axe, tmp_path: Path, language, direction, scheme, width
):
    number = next(clients)
    login, brought = f"61{number:05}", f"62{number:05}"
    page = new_page(width=width, locale=language, scheme=scheme)
    page.goto(portal.link(language, login))
    page.wait_for_url("**/home**")
    assert page.locator("html").get_attribute("dir") == direction
    broker.settle()

    page.goto("/accounts")
    expect(page.locator("main")).to_contain_text(login)
    file = tmp_path / "Statement.htm"
    file.write_bytes(file_of(1, 2, 3, login=brought))
    page.locator("#file").set_input_files(file)
    page.wait_for_url("**/accounts/imports/*")
    import_id = page.url.rpartition("/")[2]
    page.locator("form[action$='/confirmation'] button").click(timeout=20_000)
    page.locator("form[action$='/undoing']").wait_for(state="attached", timeout=30_000)
    expect(page.locator("#import > [hx-trigger]")).to_have_count(0, timeout=30_000)
    axe(page)
    before = points(page)

    manager.goto("/admin/account-requests")
    expect(manager.locator("main")).to_contain_text(brought)
    manager.goto(f"/admin/statements/{import_id}")
    axe(manager)
    manager.locator("form[action$='/approval'] button").click()

    page.goto("/accounts")
    expect(page.locator(".linked, main").first).to_contain_text(brought)
    page.goto(f"/accounts/imports/{import_id}")
    expect(page.locator("#import > [hx-trigger]")).to_have_count(0, timeout=30_000)
    page.reload()
    assert broker.rows("SELECT state FROM statement_import WHERE id = ?", int(import_id)) == [("approved",)]
    assert points(page) >= before
    axe(page)
    # The request for the account was answered with the approval: nothing of it is left to decide.
    manager.goto("/admin/account-requests")
    expect(manager.locator("main")).not_to_contain_text(brought)
