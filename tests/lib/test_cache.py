"""Values that are kept for a moment."""

import threading

import pytest

from app.lib.cache import Kept


def test_it_is_loaded_once_while_it_is_fresh_and_again_when_it_was_forgotten():
    loaded = iter(range(9))
    kept = Kept(lambda: next(loaded), 60)
    assert [kept(), kept()] == [0, 0]
    kept.forget()
    assert [kept(), kept()] == [1, 1]


def test_whoever_comes_while_it_is_loaded_goes_on_with_the_former_value():
    begun, go_on, loaded = threading.Event(), threading.Event(), iter("ab")

    def load() -> str:
        value = next(loaded)
        if value == "b":
            begun.set()
            assert go_on.wait(10)
        return value

    kept = Kept(load, 0)
    assert kept() == "a"
    thread = threading.Thread(target=kept)
    thread.start()
    assert begun.wait(10)
    assert kept() == "a"
    go_on.set()
    thread.join(10)


def test_a_value_that_is_forgotten_while_it_is_read_is_answered_all_the_same(monkeypatch: pytest.MonkeyPatch):
    kept = Kept(lambda: "a", 0)

    class Busy:
        """Another thread has the lock, and has just loaded and forgotten."""

        def acquire(self, *, blocking: bool) -> bool:
            kept._value = None
            return False

    assert kept() == "a"
    monkeypatch.setattr(kept, "_lock", Busy())
    assert kept() == "a"
