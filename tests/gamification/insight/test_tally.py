"""What is tallied: every move, every decision, once, on the day it was recorded on in the programme's zone."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import AccountEntry, Custom, LessonPassed
from app.gamification.errors.points import NotEnoughPoints
from app.gamification.insight.figures import Figure, figure_of
from app.gamification.ledger import lapsing, wallets
from app.lib.clock import to_day
from app.models.activity import Reason
from app.models.base import read_all, read_one, transaction
from app.models.ledger import Code, State, UnitId
from tests.gamification.insight.reading import (
    active_days,
    by_day,
    figures,
    held_by_members,
    in_all,
    outstanding,
)
from tests.gamification.test_poison import broken, raises
from tests.support.play import NOON, Said, balances, play, report, trade, trader
from tests.support.programmes import end_all_rules, publish, set_zone

TODAY = to_day(NOON.date())
GAIN = {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}}


def gain(points: int, **more: object) -> Said:
    return Said(Custom(count=points), "custom.gain", **more)  # type: ignore[arg-type]


@pytest.fixture
def gains(app: Flask) -> int:
    """One rule that gives what is asked for; its revision."""
    end_all_rules()
    return publish("gain", GAIN)


def test_every_move_of_points_has_a_figure():
    moved = [
        (UnitId.POINTS, Code.ACCRUAL, State.ISSUED, State.AVAILABLE, Figure.ISSUED),
        (UnitId.POINTS, Code.ACCRUAL, State.ISSUED, State.PENDING, Figure.ISSUED),
        (UnitId.POINTS, Code.ADJUSTMENT, State.ISSUED, State.AVAILABLE, Figure.RAISED),
        (UnitId.POINTS, Code.ADJUSTMENT, State.AVAILABLE, State.ISSUED, Figure.LOWERED),
        (UnitId.POINTS, Code.REVERSAL, State.PENDING, State.ISSUED, Figure.REVERSED),
        (UnitId.POINTS, Code.REVERSAL, State.DEBT, State.ISSUED, Figure.OWED),
        (UnitId.QUALIFYING, Code.ACCRUAL, State.ISSUED, State.AVAILABLE, Figure.QUALIFYING),
        (UnitId.QUALIFYING, Code.REVERSAL, State.AVAILABLE, State.ISSUED, Figure.UNQUALIFIED),
    ]
    for *move, figure in moved:
        assert figure_of(*move) == figure
    assert {figure_of(UnitId.POINTS, code, State.AVAILABLE, State.REDEEMED) for code in Code} <= set(Figure)
    assert figure_of(3, Code.ACCRUAL, State.ISSUED, State.AVAILABLE) is None, "stamps are no points"


def test_a_life_of_points_is_counted_move_by_move(gains: int):
    member = trader()
    play(member, gain(100))
    with transaction():
        wallets.redeem(member, 30, 1, NOON)
    with transaction():
        wallets.refund(member, 1, NOON)
    with transaction():
        wallets.adjust(member, 25, "Goodwill", NOON)
    with transaction():
        wallets.adjust(member, -5, "Counted twice", NOON)
    counted = {figure: amount for (figure, _, _), amount in figures(NOON).items() if figure < Figure.DECIDED}
    assert counted == {
        Figure.ISSUED: 100,
        Figure.REDEEMED: 30,
        Figure.REFUNDED: 30,
        Figure.RAISED: 25,
        Figure.LOWERED: 5,
        Figure.QUALIFYING: 100,
    }
    assert outstanding() == held_by_members()[0] == 120


def test_what_was_refused_is_not_counted(gains: int):
    member = trader()
    with pytest.raises(NotEnoughPoints), transaction():
        wallets.redeem(member, 30, 1, NOON)
    assert in_all(Figure.REDEEMED) == 0
    assert Figure.REDEEMED not in {figure for figure, _, _ in figures(NOON)}


def test_decisions_are_counted_by_kind_by_reason_and_by_revision(app: Flask):
    member = trader()
    play(member, Said(trade()))
    play(member, Said(trade(seconds=60)))
    play(member, Said(LessonPassed("risk", 80), "lesson.passed"))
    counted = figures(NOON)
    reasons = Counter({reason: amount for (figure, _, reason), amount in counted.items() if figure == Figure.REASON})
    assert reasons[Reason.EARNED] == 2
    assert reasons[Reason.CONDITION] == 1
    assert in_all(Figure.DECIDED, 1) == 2
    revisions = {row.key: row.id for row in read_all(_REVISIONS)}
    assert in_all(Figure.AWARDS, revisions["trades"]) == 1
    assert in_all(Figure.POINTS, revisions["trades"]) == read_one(_EARNED_BY_TRADES)[0]
    assert in_all(Figure.MISSES, revisions["trades"]) == 1
    assert in_all(Figure.MISSES, revisions["metals"]) == 2


_REVISIONS = text("SELECT r.key, v.id FROM rule r JOIN rule_revision v ON v.rule_id = r.id")
_EARNED_BY_TRADES = text(
    "SELECT CAST(sum(earned) AS bigint) FROM decision d JOIN activity a ON a.id = d.activity_id WHERE a.kind = 1"
)


def test_the_day_is_the_programmes(gains: int):
    """23:30 in London is the next day in Nicosia, where the programme is at home."""
    member = trader()
    play(member, gain(7), now=datetime(2026, 3, 4, 21, 59, tzinfo=UTC))
    play(member, gain(8), now=datetime(2026, 3, 4, 22, 1, tzinfo=UTC))
    figures(NOON)
    assert by_day(Figure.ISSUED) == {TODAY: 7, TODAY + 1: 8}


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        # The night of Europe's change has 23 hours in spring and 25 in autumn.
        ("Europe/Nicosia", "2026-03-28T21:59:59", "2026-03-28T22:00:00"),
        ("Europe/Nicosia", "2026-03-29T20:59:59", "2026-03-29T21:00:00"),
        ("Europe/Nicosia", "2026-10-25T21:59:59", "2026-10-25T22:00:00"),
        # Where clocks go forward at midnight there is no 00:00 at all.
        ("Africa/Cairo", "2026-04-23T21:59:59", "2026-04-23T22:00:00"),
        ("Asia/Kathmandu", "2026-03-04T18:14:59", "2026-03-04T18:15:00"),
    ],
)
def test_days_begin_at_midnight_whatever_the_clocks_do(gains: int, zone: str, before: str, after: str):
    set_zone(zone)
    member = trader()
    for points, at in ((1, before), (2, after)):
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        play(member, gain(points, at=moment), now=moment)
    figures(NOON)
    (first, one), (second, two) = sorted(by_day(Figure.ISSUED).items())
    assert (one, two, second - first) == (1, 2, 1)


def test_late_activities_count_on_the_day_they_are_recorded_and_their_owner_was_active_when_they_occurred(gains: int):
    member = trader()
    occurred = NOON - timedelta(days=45)
    play(member, gain(7, at=occurred), now=NOON)
    figures(NOON)
    assert by_day(Figure.ISSUED) == {TODAY: 7}
    assert (member, TODAY - 45) in active_days()
    assert (member, TODAY) not in active_days()


def test_a_history_of_years_makes_nobody_active(gains: int):
    member = trader()
    play(member, gain(7, at=NOON - timedelta(days=900)), now=NOON)
    figures(NOON)
    assert by_day(Figure.ISSUED) == {TODAY: 7}
    assert {day for one, day in active_days() if one == member} == {TODAY - 100}, "when they joined"


def test_what_the_broker_books_makes_nobody_active(app: Flask):
    member = trader()
    play(member, Said(AccountEntry("interest", "1.00", "USD"), "account.entry"))
    figures(NOON)
    assert (member, TODAY) not in active_days()


def test_a_reversal_counts_on_its_own_day(gains: int):
    member = trader()
    play(member, gain(40, id="first"))
    with transaction():
        wallets.redeem(member, 30, 1, NOON)
    play(member, Said(kind="custom.gain", busts="first", at=NOON), now=NOON + timedelta(days=2))
    figures(NOON)
    assert by_day(Figure.ISSUED) == {TODAY: 40}
    assert by_day(Figure.REVERSED) == {TODAY + 2: 10}
    assert by_day(Figure.OWED) == {TODAY + 2: 30}
    play(member, gain(100, at=NOON + timedelta(days=3)))
    figures(NOON)
    assert by_day(Figure.REPAID) == {TODAY + 3: 30}
    assert outstanding() == held_by_members()[0] == 70


def test_releases_and_lapses_are_counted(app: Flask):
    end_all_rules()
    publish("held", GAIN | {"hold_days": 5, "expiry": {"mode": "days", "n": 30}})
    member = trader()
    play(member, gain(40))
    lapsing.release_due(NOON + timedelta(days=7))
    lapsing.expire_due(NOON + timedelta(days=60))
    figures(NOON)
    assert by_day(Figure.ISSUED) == {TODAY: 40}
    assert by_day(Figure.RELEASED) == {TODAY + 7: 40}
    assert by_day(Figure.EXPIRED) == {TODAY + 60: 40}
    assert outstanding() == 0


def test_a_failure_that_is_mended_counts_once(gains: int):
    member = trader()
    with broken(raises):
        report(member, gain(9, id="bad"))
        pipeline.drain()
    figures(NOON)
    assert in_all(Figure.REASON, Reason.FAILED) == 1
    with transaction():
        pipeline.reprocess()
    pipeline.drain()
    figures(NOON)
    assert in_all(Figure.REASON, Reason.FAILED) == 0
    assert in_all(Figure.DECIDED, 100) == 1
    assert sum(amount for (figure, day, _), amount in figures().items() if (figure, day) == (Figure.HOURS, TODAY)) == 1
    assert balances(member)[0] == in_all(Figure.ISSUED) == 9
