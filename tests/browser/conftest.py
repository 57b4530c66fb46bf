"""One installation for all journeys: web and worker as run.py starts them, on SQLite, in a folder of its own."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect

from tests.browser.broker import ROOT, Broker

PASSWORD = "four unrelated words here"
# Until when something must show. No journey waits longer than it takes: this is for a machine that is busy besides.
AT_LAST = 20_000  # milliseconds
expect.set_options(timeout=AT_LAST)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Laurel, running, with a key for the broker's bridge."""
    broker = installed(tmp_path_factory)
    broker.command("prepare", "--base")
    with running(broker):
        # The form that joins asks for country and class only where it is a demo.
        with sqlite3.connect(broker.data / "laurel.db", timeout=15) as connection:
            connection.execute("UPDATE programme SET demo = 1, revision = revision + 1")
        broker.use_key("bridge")
        yield broker


@pytest.fixture
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Laurel as it is started for the first time, without a programme."""
    broker = installed(tmp_path_factory)
    with running(broker):
        yield broker


def installed(tmp_path_factory: pytest.TempPathFactory) -> Broker:
    """An installation in a folder and at a port of its own, not started yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Broker(f"http://127.0.0.1:{port}", tmp_path_factory.mktemp("laurel"))


@contextmanager
def running(broker: Broker) -> Iterator[None]:
    """Web and worker, until the end of the block."""
    environ = os.environ | {
        "LAUREL_DATA": str(broker.data),
        "LAUREL_SIGN_IN_RATE": "1000/minute",
        "LAUREL_LOG_LEVEL": "WARNING",
    }
    port = broker.base.rpartition(":")[2]
    process = subprocess.Popen(
        [sys.executable, "run.py", "--no-demo", "--port", port, "--data", str(broker.data)],
        cwd=ROOT,
        env=environ,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(broker.base, process)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait(base: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=2).close()
            return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise AssertionError("Laurel did not start")


@pytest.fixture(scope="session")
def chromium(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """The system's Chromium; `browser` is the name of a test client's in the rest of the suite."""
    chromium = browser_type.launch(**browser_type_launch_args)
    yield chromium
    chromium.close()


@pytest.fixture
def new_page(chromium: Browser, broker: Broker) -> Iterator[Callable[..., Page]]:
    """Opens a browser of its own: `new_page(width=390, locale="ar", scheme="dark")`."""
    with browsers(chromium, broker) as open_:
        yield open_


@contextmanager
def browsers(chromium: Browser, broker: Broker) -> Iterator[Callable[..., Page]]:
    """Opens browsers at an installation, and closes them at the end of the block; no script of theirs may have failed."""
    contexts: list[BrowserContext] = []
    failed: list[str] = []

    def open_(width: int = 1280, locale: str = "en", scheme: str = "light", **more: object) -> Page:
        context = chromium.new_context(
            base_url=broker.base,
            viewport={"width": width, "height": 844 if width < 600 else 900},
            locale=locale,
            color_scheme=scheme,
            **more,
        )
        contexts.append(context)
        # Told at the end: what is raised where an event is heard ends the connection to every browser.
        context.on("weberror", lambda error: failed.append(f"{error.page and error.page.url}: {error.error}"))
        page = context.new_page()
        page.set_default_timeout(AT_LAST)
        return page

    try:
        yield open_
    finally:
        for context in contexts:
            context.close()
    assert not failed, failed


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fails on what the checker of accessibility finds."""

    def check(page: Page) -> None:
        found = Axe().run(page).response["violations"]
        assert not found, [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found]

    return check
