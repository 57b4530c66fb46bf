"""Learning that the process is about to stop, without standing in the way of what stops it."""

import signal
import threading
from collections.abc import Iterator

import pytest

from app.lib import ending


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ending, "_asked", threading.Event())
    before = {number: signal.getsignal(number) for number in ending.STOPPING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_servers_own_handler_runs_and_we_know():
    heard: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    ending.listen()
    assert not ending.is_ending()
    signal.raise_signal(signal.SIGTERM)
    assert heard == [signal.SIGTERM]
    assert ending.is_ending()


def test_where_no_server_set_one_nothing_is_changed():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ending.listen()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_thread_that_may_set_no_handlers_sets_none():
    signal.signal(signal.SIGTERM, kept := lambda *_: None)
    thread = threading.Thread(target=ending.listen)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is kept
