"""What members are told once: what a day has earned, what lapses within a week, what was released."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import Custom
from app.gamification.ledger import lapsing, wallets
from app.gamification.members import erasure
from app.gamification.messages import daily
from app.lib.clock import to_day
from app.models.base import plain_json, read_all, transaction
from tests.support.play import NOON, Said, play, report, trader
from tests.support.programmes import end_all_rules, publish, set_zone

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NIGHT = datetime(2026, 3, 4, 22, 20, tzinfo=UTC)  # twenty past midnight of the 5th in the programme's zone
TODAY = to_day(NOON.date())


@pytest.fixture
def tara(app: Flask) -> int:
    end_all_rules()
    base = {"base": {"kind": "count", "rate": "1"}}
    publish("gain", {"kind": "custom.gain", **base, "expiry": {"mode": "days", "n": 10}})
    publish("held", {"kind": "custom.held", **base, "hold_days": 3, "expiry": {"mode": "days", "n": 10}})
    return trader()


def earn(member_id: int, points: int, at: datetime = NOON, kind: str = "gain") -> Said:
    said = Said(Custom(count=points), f"custom.{kind}", at)
    play(member_id, said)
    return said


def told(member_id: int, kind: str = "earned.day") -> list[dict[str, Any]]:
    rows = read_all(
        text("SELECT facts FROM message WHERE member_id = :id AND kind = :kind ORDER BY id"),
        {"id": member_id, "kind": kind},
    )
    return [plain_json(row.facts) for row in rows]


def still(seconds: float) -> None:
    """No pause between chunks."""


# --- a day's earnings -------------------------------------------------------------------------------------------------


def test_a_day_with_many_activities_is_told_in_one_message(tara: int):
    for number in range(5):
        earn(tara, 10 + number, NOON + number * MINUTE)
    assert daily.tell_earned(NIGHT, still) == 1
    assert told(tara) == [{"day": TODAY, "points": 60}]


def test_a_day_without_points_is_not_told(tara: int):
    earn(tara, 10, NOON - DAY)
    assert daily.tell_earned(NIGHT, still) == 0
    assert told(tara) == []


def test_told_twice_it_is_told_once(tara: int):
    earn(tara, 10)
    assert [daily.tell_earned(NIGHT + number * MINUTE, still) for number in range(3)] == [1, 0, 0]


def test_the_next_day_is_told_anew(tara: int):
    earn(tara, 10)
    daily.tell_earned(NIGHT, still)
    earn(tara, 7, NOON + DAY)
    assert daily.tell_earned(NIGHT + DAY, still) == 1
    assert told(tara)[1] == {"day": TODAY + 1, "points": 7}


def test_a_day_begins_at_midnight_of_the_programme(tara: int):
    midnight = datetime(2026, 3, 3, 22, tzinfo=UTC)
    earn(tara, 1, midnight - timedelta(microseconds=1))
    earn(tara, 2, midnight)
    earn(tara, 4, midnight + DAY - timedelta(microseconds=1))
    earn(tara, 8, midnight + DAY)
    daily.tell_earned(NIGHT, still)
    assert told(tara) == [{"day": TODAY, "points": 6}]


@pytest.mark.parametrize(
    ("zone", "night", "hours"),
    [
        ("Europe/Nicosia", datetime(2026, 3, 29, 21, 20, tzinfo=UTC), 23),
        ("Europe/Nicosia", datetime(2026, 10, 25, 22, 20, tzinfo=UTC), 25),
    ],
)
def test_a_day_of_23_or_25_hours_is_one_day(tara: int, zone: str, night: datetime, hours: int):
    set_zone(zone)
    begins = night - timedelta(minutes=20) - timedelta(hours=hours)
    for at, points in ((begins - MINUTE, 1), (begins, 2), (night - timedelta(minutes=21), 4), (night, 8)):
        earn(tara, points, at)
    daily.tell_earned(night, still)
    assert told(tara) == [{"day": to_day((begins + DAY / 2).date()), "points": 6}]


def test_what_was_taken_back_on_the_same_day_is_not_earned(tara: int):
    earn(tara, 30)
    gone = earn(tara, 12)
    play(tara, Said(None, "custom.gain", busts=gone.id))
    daily.tell_earned(NIGHT, still)
    assert told(tara) == [{"day": TODAY, "points": 30}]


def test_a_day_that_was_all_taken_back_is_not_told(tara: int):
    gone = earn(tara, 12)
    play(tara, Said(None, "custom.gain", busts=gone.id))
    assert daily.tell_earned(NIGHT, still) == 0


def test_spending_and_lapsing_are_no_less_earned(tara: int):
    earn(tara, 30)
    with transaction():
        wallets.redeem(tara, 20, 1, NOON)
    daily.tell_earned(NIGHT, still)
    assert told(tara) == [{"day": TODAY, "points": 30}]


def test_many_members_are_told_in_chunks(tara: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(daily, "CHUNK_SQLITE", 2)
    monkeypatch.setattr(daily, "CHUNK_POSTGRESQL", 2)
    members = [tara, *(trader() for _ in range(4))]
    for number, member_id in enumerate(members, 1):
        report(member_id, *(Said(Custom(count=number), "custom.gain", NOON) for _ in range(20)))
    pipeline.drain()
    assert daily.tell_earned(NIGHT, still) == 5
    assert [told(member_id) for member_id in members] == [[{"day": TODAY, "points": 20 * n}] for n in range(1, 6)]


def test_nobody_who_was_erased_is_told(tara: int):
    earn(tara, 10)
    with transaction():
        erasure.erase(None, tara, now=NOON)
    assert daily.tell_earned(NIGHT, still) == 0


def test_nobody_is_told_who_is_erased_while_their_wallet_is_waited_for(tara: int, monkeypatch: pytest.MonkeyPatch):
    bert, lock = trader(), wallets.lock_in_order
    for member_id in (tara, bert):
        earn(member_id, 10)

    def lose_one(ids: list[int]) -> None:
        monkeypatch.undo()
        erasure.erase(None, tara, now=NOON)
        lock(ids)

    monkeypatch.setattr(wallets, "lock_in_order", lose_one)
    assert daily.tell_earned(NIGHT, still) == 1
    assert (told(tara), told(bert)) == ([], [{"day": TODAY, "points": 10}])


# --- what lapses ------------------------------------------------------------------------------------------------------


def test_points_are_told_of_within_a_week_and_not_sooner(tara: int):
    earn(tara, 40)  # ten days from the 5th on: until the end of the 14th
    lapses = datetime(2026, 3, 14, 22, tzinfo=UTC)
    assert daily.tell_expiring(lapses - timedelta(days=7) - MINUTE, still) == 0
    assert daily.tell_expiring(lapses - timedelta(days=7), still) == 1
    (facts,) = told(tara, "expiring.points")
    assert (facts["points"], facts["last"]) == (40, to_day(datetime(2026, 3, 14, tzinfo=UTC).date()))


def test_each_date_is_told_once(tara: int):
    earn(tara, 40)
    earn(tara, 5, NOON + DAY)
    first = datetime(2026, 3, 10, tzinfo=UTC)
    assert [daily.tell_expiring(first + day * DAY, still) for day in range(5)] == [1, 0, 0, 0, 0]
    lapsing.expire_due(datetime(2026, 3, 15, tzinfo=UTC))
    assert [daily.tell_expiring(datetime(2026, 3, 15, hour, tzinfo=UTC), still) for hour in (0, 1)] == [1, 0]
    assert [facts["points"] for facts in told(tara, "expiring.points")] == [40, 5]


def test_what_has_lapsed_or_was_spent_is_not_told(tara: int):
    earn(tara, 40)
    with transaction():
        wallets.redeem(tara, 40, 1, NOON)
    assert daily.tell_expiring(datetime(2026, 3, 10, tzinfo=UTC), still) == 0


# --- what was released ------------------------------------------------------------------------------------------------

SEVENTH = datetime(2026, 3, 6, 22, tzinfo=UTC)


def test_what_is_released_at_once_is_told_in_one_message(tara: int):
    for points in (10, 20, 30):
        earn(tara, points, kind="held")
    toni = trader()
    earn(toni, 7, kind="held")
    lapsing.release_due(SEVENTH)
    assert told(tara, "released.points") == [{"points": 60}]
    assert told(toni, "released.points") == [{"points": 7}]
    lapsing.release_due(SEVENTH + DAY)
    assert len(told(tara, "released.points")) == 1


def test_over_several_chunks_it_is_still_one_message(tara: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lapsing, "CHUNK", 2)
    for points in (1, 2, 4, 8, 16):
        earn(tara, points, kind="held")
    assert lapsing.release_due(SEVENTH) == 5
    assert told(tara, "released.points") == [{"points": 31}]


def test_who_releases_by_hand_tells_why(tara: int):
    earn(tara, 10, kind="held")
    with transaction():
        assert lapsing.release({tara: [1]}, NOON) == 1
    assert told(tara, "released.points") == []
