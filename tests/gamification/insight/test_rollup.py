"""Folding: each tally once, whoever folds and however often, whatever happens in between."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import Custom
from app.gamification.insight import rebuild as counting
from app.gamification.insight import rollup
from app.gamification.insight.figures import EVER, Figure
from app.gamification.ledger import wallets
from app.lib.clock import to_day, to_micros
from app.models.base import connection, read_one, transaction
from tests.gamification.insight.reading import active_days, by_day, figures, held_by_members, in_all, outstanding
from tests.support.play import NOON, Said, play, report, trader
from tests.support.programmes import end_all_rules, publish
from tests.support.together import no_errors, together

TODAY = to_day(NOON.date())
_TALLIES = text("SELECT count(*) FROM tally")
_MARK = text("SELECT amount FROM day_figure WHERE figure = :figure AND day = :ever")


@pytest.fixture(autouse=True)
def gains(app: Flask) -> None:
    end_all_rules()
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})


def gain(points: int, at: datetime = NOON) -> Said:
    return Said(Custom(count=points), "custom.gain", at=at)


def tallies() -> int:
    return int(read_one(_TALLIES)[0])


def mark(figure: Figure) -> int | None:
    row = read_one(_MARK, {"figure": int(figure), "ever": EVER})
    return None if row is None else int(row[0])


def test_each_transaction_leaves_one_row_until_it_is_folded():
    member = trader()
    before = tallies()
    play(member, gain(7))
    with transaction():
        wallets.redeem(member, 3, 1, NOON)
    assert tallies() == before + 2
    assert rollup.fold(NOON) == before + 2
    assert tallies() == 0


def test_folded_twice_is_folded_once():
    play(trader(), gain(7))
    once = figures(NOON)
    assert rollup.fold(NOON) == 0
    assert figures() == once


def test_nothing_to_fold_writes_nothing():
    assert rollup.fold(NOON) == 0
    assert mark(Figure.FOLDED) is None


def test_it_says_when_everything_was_counted_and_how_many_members_there_are():
    play(trader(), gain(7))
    trader()
    rollup.fold(NOON)
    assert mark(Figure.FOLDED) == to_micros(NOON)
    assert mark(Figure.MEMBERS) == 2


def test_many_are_folded_in_chunks(monkeypatch: pytest.MonkeyPatch):
    members = [trader() for _ in range(3)]
    for points in range(1, 8):
        play(members[points % 3], gain(points))
    monkeypatch.setattr(rollup, "TALLIES", 3)
    monkeypatch.setattr(rollup, "CHARACTERS", 200)
    assert rollup.fold(NOON) == tallies() + 10
    assert in_all(Figure.ISSUED) == 28
    assert outstanding() == held_by_members()[0]


def test_a_crash_between_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    play(trader(), gain(7))
    waiting, before = tallies(), figures()

    def dies(*_: object) -> None:
        raise RuntimeError("the power went out")

    with monkeypatch.context() as patched:
        patched.setattr(rollup, "note", dies)
        with pytest.raises(RuntimeError, match="power"):
            rollup.fold(NOON)
    assert (tallies(), figures()) == (waiting, before)
    rollup.fold(NOON)
    assert in_all(Figure.ISSUED) == 7


def test_two_who_fold_at_once_count_once(app: Flask):
    members = [trader() for _ in range(4)]
    for number, member in enumerate(members * 5):
        play(member, gain(3, NOON + timedelta(days=number)), now=NOON)
    no_errors(together(app, [lambda: rollup.fold(NOON)] * 4))
    assert tallies() == 0
    assert in_all(Figure.ISSUED) == 60
    assert outstanding() == held_by_members()[0]
    assert sum(by_day(Figure.ACTIVE).values()) == len(active_days())
    once = figures()
    counting.rebuild(NOON)
    assert figures() == once


def test_folding_beside_rounds_and_spending_misses_nothing(app: Flask):
    members = [trader() for _ in range(6)]
    for member in members:
        report(member, *(gain(5, NOON - timedelta(hours=hour)) for hour in range(20)))

    def work() -> int:
        done = 0
        while folded := pipeline.run(7):
            done += folded
        return done

    def fold() -> int:
        return sum(rollup.fold(NOON) for _ in range(10))

    def count_anew() -> int:
        return counting.rebuild(NOON).decisions

    no_errors(together(app, [work, work, fold, fold, count_anew]))
    pipeline.drain()
    once = figures(NOON)
    assert in_all(Figure.ISSUED) == 600
    assert outstanding() == held_by_members()[0]
    counting.rebuild(NOON)
    assert figures() == once


def test_an_installation_from_before_counts_what_it_has():
    """Without tallies, as after an update: nothing is there, and a rebuild finds all of it."""
    member = trader()
    play(member, gain(7))
    rollup.fold(NOON)
    with transaction():
        for table in ("day_figure", "active_day"):
            connection().execute(text(f"DELETE FROM {table}"))
    play(member, gain(5, datetime(2026, 3, 9, 9, tzinfo=UTC)))
    assert outstanding() == 0
    counted = counting.rebuild(NOON)
    assert counted.decisions == 3
    assert tallies() == 0
    assert by_day(Figure.ISSUED) == {TODAY: 7, TODAY + 5: 5}
    assert outstanding() == held_by_members()[0] == 12


def test_a_rebuild_in_small_chunks_is_the_same(monkeypatch: pytest.MonkeyPatch):
    for points in range(1, 6):
        play(trader(), gain(points))
    once = figures(NOON)
    monkeypatch.setattr(counting, "WALLETS", 2)
    counting.rebuild(NOON)
    assert figures() == once
    monkeypatch.setattr(counting, "ROWS", 1)
    counting.rebuild(NOON)
    assert figures() == once


def test_days_that_nothing_asks_for_any_more_are_dropped():
    member = trader()
    play(member, gain(7))
    figures(NOON)
    later = NOON + timedelta(days=900)
    play(member, gain(7, later))
    figures(later)
    assert {day for one, day in active_days() if one == member} == {TODAY + 900}
