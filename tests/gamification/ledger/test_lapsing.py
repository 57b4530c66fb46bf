"""What happens to points by itself: held ones are released, old and idle ones lapse."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import Custom
from app.gamification.ledger import lapsing, wallets
from app.gamification.ledger.verify import verify
from app.gamification.state import MemberState
from app.lib.clock import from_micros, to_micros
from app.models.base import read_all, transaction
from tests.support.play import NOON, Said, balances, batches, play, report, trade, trader, transfers, wallet
from tests.support.programmes import end_all_rules, publish, set_ladder

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
NICOSIA = ZoneInfo("Europe/Nicosia")
SEVENTH = datetime(2026, 3, 7, tzinfo=NICOSIA).astimezone(UTC)  # three days after the 4th begin here


@pytest.fixture
def tara(app: Flask) -> int:
    end_all_rules()
    base = {"base": {"kind": "count", "rate": "1"}}
    publish("gain", {"kind": "custom.gain", **base, "expiry": {"mode": "days", "n": 10}})
    publish("held", {"kind": "custom.held", **base, "hold_days": 3, "expiry": {"mode": "days", "n": 10}})
    publish("idle", {"kind": "custom.idle", **base, "expiry": {"mode": "inactivity", "n": 30}})
    return trader()


def earn(member_id: int, points: int, kind: str = "gain", at: datetime = NOON, now: datetime | None = None) -> Said:
    said = Said(Custom(count=points), f"custom.{kind}", at)
    play(member_id, said, now=now)
    return said


# --- release ----------------------------------------------------------------------------------------------------------


def test_held_points_are_released_at_their_midnight_not_before(tara: int):
    earn(tara, 50, "held")
    assert lapsing.release_due(SEVENTH - TICK) == 0
    assert balances(tara) == (0, 50, 0, 50)
    assert lapsing.release_due(SEVENTH) == 1
    assert lapsing.release_due(SEVENTH) == 0
    assert balances(tara) == (50, 0, 0, 50)
    assert verify().bad is None


def test_qualifying_is_booked_at_the_release_and_dated_by_the_activity(tara: int):
    earn(tara, 50, "held")
    assert wallet(tara).qualifying == 0
    assert read_all(text("SELECT day FROM qualifying_day")) == []
    lapsing.release_due(SEVENTH)
    assert wallet(tara).qualifying == 50
    released, qualified = transfers(tara)[-2:]
    assert from_micros(released.occurred_at) == SEVENTH
    assert (from_micros(qualified.occurred_at), from_micros(qualified.recorded_at)) == (NOON, SEVENTH)
    (row,) = read_all(text("SELECT day, sum FROM qualifying_day"))
    assert (row.day, row.sum) == (to_micros(NOON) // 86_400_000_000, 50)


def test_a_level_that_the_release_reaches_counts_from_the_release(tara: int):
    levels = [
        {"key": "bronze", "name": {"en": "B"}, "threshold": 0},
        {"key": "silver", "name": {"en": "S"}, "threshold": 50, "factor": "2"},
    ]
    set_ladder({"period": {"kind": "rolling", "days": 180}, "levels": levels})
    publish("doubled", {"kind": "trade.closed", "base": {"kind": "lots", "rate": "10"}, "factors": [{"kind": "tier"}]})
    earn(tara, 50, "held")
    assert play(tara, trade(at=NOON + DAY)).earned == 10
    lapsing.release_due(SEVENTH)
    assert wallet(tara).level_id == 2
    (row,) = read_all(text("SELECT effective_from, level_id FROM tier_history"))
    assert (from_micros(row.effective_from), row.level_id) == (SEVENTH, 2)
    assert play(tara, trade(at=SEVENTH - TICK), now=SEVENTH + DAY).earned == 10
    assert play(tara, trade(at=SEVENTH), now=SEVENTH + DAY).earned == 20


def test_released_points_pay_a_debt_first(tara: int):
    spent = earn(tara, 40)
    earn(tara, 50, "held")
    with transaction():
        wallets.redeem(tara, 40, 1, NOON)
    play(tara, Said(None, "custom.gain", busts=spent.id))
    assert balances(tara) == (0, 50, 40, 50)
    lapsing.release_due(SEVENTH)
    assert balances(tara) == (10, 0, 0, 50)


def test_many_are_released_in_chunks(tara: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lapsing, "CHUNK", 3)
    members = [tara, trader(), trader()]
    for member_id in members:
        report(member_id, *(Said(Custom(count=n), "custom.held", NOON - timedelta(minutes=n)) for n in range(1, 6)))
    pipeline.drain()
    assert lapsing.release_due(SEVENTH) == 15
    assert [balances(member_id) for member_id in members] == [(15, 0, 0, 15)] * 3
    assert verify().bad is None


def test_one_members_points_are_released_in_the_order_they_fell_due(tara: int):
    for days in (2, 0, 1):
        earn(tara, 10 + days, "held", now=NOON + days * DAY)
    lapsing.release_due(NOON + 30 * DAY)
    released = [row.amount for row in transfers(tara) if row.code == 2]
    assert released == [10, 11, 12]


def test_a_member_whose_release_fails_holds_up_nobody(tara: int, monkeypatch: pytest.MonkeyPatch):
    toni = trader()
    for member_id in (tara, toni):
        earn(member_id, 50, "held")
    qualify = lapsing.qualify

    def broken(state: MemberState, *rest: Any) -> None:
        if state.id == tara:
            raise ZeroDivisionError("a ladder that nobody tried out")
        qualify(state, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(lapsing, "qualify", broken)
        assert lapsing.release_due(SEVENTH) == 1
    assert (balances(tara), balances(toni)) == ((0, 50, 0, 50), (50, 0, 0, 50))
    assert lapsing.release_due(SEVENTH) == 1
    assert verify().bad is None


# --- expiry -----------------------------------------------------------------------------------------------------------


def test_points_lapse_at_midnight_and_not_a_tick_sooner(tara: int):
    earn(tara, 50)
    (batch,) = batches(tara)
    end = from_micros(batch.expires_at)
    assert end == datetime(2026, 3, 15, tzinfo=NICOSIA).astimezone(UTC)
    assert lapsing.expire_due(end - TICK) == 0
    assert lapsing.expire_due(end) == 1
    assert lapsing.expire_due(end) == 0
    assert (balances(tara), wallet(tara).next_expiry_at) == ((0, 0, 0, 50), None)


def test_only_what_was_not_spent_lapses(tara: int):
    earn(tara, 50)
    earn(tara, 30, at=NOON + 5 * DAY)
    with transaction():
        wallets.redeem(tara, 20, 1, NOON)
    lapsing.expire_due(NOON + 12 * DAY)
    assert balances(tara)[0] == 30
    lapsing.expire_due(NOON + 20 * DAY)
    assert balances(tara)[0] == 0
    assert [row.amount for row in transfers(tara) if row.code == 6] == [30, 30]


def test_pending_points_never_lapse_and_then_lapse_at_once(tara: int):
    earn(tara, 50, "held")
    assert lapsing.expire_due(NOON + 100 * DAY) == 0
    assert balances(tara) == (0, 50, 0, 50)
    lapsing.release_due(NOON + 100 * DAY)
    assert lapsing.expire_due(NOON + 100 * DAY) == 1
    assert balances(tara)[0] == 0


def test_a_new_expiry_never_touches_what_was_issued(tara: int):
    earn(tara, 50)
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}}, since=NOON + DAY)
    lapsing.expire_due(NOON + 20 * DAY)
    assert balances(tara)[0] == 0


def test_points_of_many_dates_lapse_each_on_its_own(tara: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lapsing, "CHUNK", 2)
    for day in range(5):
        earn(tara, 10, at=NOON + day * DAY)
    left = []
    for day in range(9, 17):
        lapsing.expire_due(NOON + day * DAY)
        left.append(balances(tara)[0])
    assert left == [50, 50, 40, 30, 20, 10, 0, 0]
    lapsing.expire_due(NOON + 99 * DAY)
    assert verify().bad is None


def test_idle_points_lapse_together_unless_something_is_earned(tara: int):
    earn(tara, 50, "idle")
    earn(tara, 20, "idle", at=NOON + 10 * DAY)
    assert lapsing.expire_due(NOON + 40 * DAY - TICK) == 0
    earn(tara, 1, "held", at=NOON + 39 * DAY)  # any accrual renews, held ones too
    assert lapsing.expire_due(NOON + 69 * DAY - TICK) == 0
    assert lapsing.expire_due(NOON + 69 * DAY) == 2
    assert balances(tara)[:2] == (0, 1)


def test_spending_renews_nothing_and_a_refund_gives_a_week(tara: int):
    earn(tara, 50, "idle")
    with transaction():
        wallets.redeem(tara, 20, 1, NOON + 29 * DAY)
    assert lapsing.expire_due(NOON + 30 * DAY) == 1
    with transaction():
        wallets.refund(tara, 1, NOON + 50 * DAY)
    assert lapsing.expire_due(NOON + 57 * DAY - TICK) == 0
    assert balances(tara)[0] == 20
    assert lapsing.expire_due(NOON + 57 * DAY) == 1


def test_what_is_spent_between_the_look_and_the_lock_does_not_lapse(tara: int):
    earn(tara, 50)
    (batch,) = batches(tara)
    with transaction():
        wallets.redeem(tara, 50, 1, NOON)
    with transaction():
        assert lapsing._expire({tara: [batch.seq]}, NOON + 99 * DAY) == 0
