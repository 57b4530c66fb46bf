"""Who takes part: counted beside the pages, no dearer than it may be, and what a look at every row says."""

import threading
from collections import Counter

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.gamification.catalogue import figures, recount
from app.gamification.catalogue.recount import Recount
from app.gamification.challenges.entry import EntryState
from app.models.base import connection, reader, transaction
from tests.support.cast import Person
from tests.support.playing import LOTS, challenge, join


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("app.lib.cache.time", found)
    monkeypatch.setattr("app.gamification.catalogue.recount.time", found)
    return found


class Counting:
    """Something that takes as long to count as it is told, and waits until it may."""

    def __init__(self, watch: Clock) -> None:
        self.watch, self.takes, self.times = watch, 0.0, 0
        self.may, self.done = threading.Event(), threading.Event()
        self.may.set()
        self.fails = False

    def __call__(self) -> int:
        assert self.may.wait(30)
        self.watch.now += self.takes
        self.times += 1
        if self.fails:
            raise RuntimeError("the database is away")
        return self.times


def settled(kept: Recount[int]) -> None:
    """Wait until nobody counts."""
    assert kept._lock.acquire(timeout=30)
    kept._lock.release()


def test_pages_go_on_with_what_there_is_while_it_is_counted(watch: Clock):
    counting = Counting(watch)
    kept = Recount(counting, 60)
    assert kept() == 1
    watch.now += 61
    counting.may.clear()
    assert kept() == 1 and kept() == 1, "nobody waits, and one counts"
    counting.may.set()
    settled(kept)
    assert kept() == 2 and counting.times == 2


def test_what_is_dear_to_count_is_counted_seldom(watch: Clock):
    counting = Counting(watch)
    counting.takes = 3.0
    kept = Recount(counting, 60)
    kept()
    watch.now += 299
    assert kept() == 1
    settled(kept)
    assert counting.times == 1
    watch.now += 2
    kept()
    settled(kept)
    assert counting.times == 2 and recount.SHARE == 100


def test_what_cannot_be_counted_again_stands_as_it_was(watch: Clock):
    counting = Counting(watch)
    kept = Recount(counting, 60)
    kept()
    counting.fails = True
    watch.now += 61
    kept()
    settled(kept)
    assert kept() == 1 and counting.times == 2
    counting.fails = False
    watch.now += 61
    kept()
    settled(kept)
    assert kept() == 3


def test_it_says_what_every_row_says(app: Flask, alice: Person, bob: Person):
    """Whatever states there are, in whatever runs."""
    first, second = challenge("one", LOTS), challenge("two", LOTS)
    join(alice.id, first)
    with reader().connect() as reading:
        columns = tuple(reading.execute(text("SELECT * FROM challenge_entry")).keys())
    copied = ", ".join(columns)

    places = st.tuples(st.sampled_from([alice.id, bob.id]), st.sampled_from([first, second]), st.integers(0, 3))

    @given(st.dictionaries(places, st.sampled_from([int(one) for one in EntryState]), min_size=1, max_size=16))
    def holds(rows: dict[tuple[int, int, int], int]) -> None:
        with transaction():
            kept = connection().execute(text(f"SELECT {copied} FROM challenge_entry LIMIT 1")).mappings().one()
            connection().execute(text("DELETE FROM challenge_entry"))
            said = [
                dict(kept) | {"member_id": member, "challenge_id": of, "run": run, "state": state}
                for (member, of, run), state in rows.items()
            ]
            values = ", ".join(f":{name}" for name in columns)
            connection().execute(text(f"INSERT INTO challenge_entry ({copied}) VALUES ({values})"), said)
        found = figures._taking_part(reader())
        for of in (first, second):
            for run in range(4):
                states = Counter(state for (_, of_, run_), state in rows.items() if (of_, run_) == (of, run))
                entered = found[of].runs.get(run, figures.Entered()) if of in found else figures.Entered()
                assert entered.joined == states.total() - states[EntryState.LEFT]
                assert entered.completed == states[EntryState.COMPLETED] + states[EntryState.CLAIMED]
                assert entered.claimed == states[EntryState.CLAIMED]
            if of in found:
                total = found[of].total
                assert total.joined == sum(one.joined for one in found[of].runs.values())

    holds()


def test_a_machine_without_a_thread_to_spare_counts_later(watch: Clock, monkeypatch: pytest.MonkeyPatch):
    count = Counting(watch)
    kept = Recount(count, 60)
    assert kept() == 1
    watch.now += 61
    with monkeypatch.context() as without:
        without.setattr(threading.Thread, "start", refuse)
        assert kept() == 1
    watch.now += 61
    kept()
    settled(kept)
    assert kept() == 2


def test_nobody_is_shown_what_was_counted_long_ago(watch: Clock):
    kept = Recount(Counting(watch), 60)
    assert kept() == 1
    watch.now += 60 + recount.LONG_AGO
    assert kept() == 2


def refuse(thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")
