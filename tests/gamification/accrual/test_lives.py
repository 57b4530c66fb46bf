"""When points become available and when they lapse: midnights of the programme's zone, counted from the award."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gamification.accrual.definition import Expiry
from app.gamification.accrual.expiry import Life, life_of
from app.gamification.accrual.rule import AVAILABLE_AT, EXPIRES_AT, IDLE_DAYS
from app.lib.clock import from_micros, to_day
from app.lib.periods import day_at
from tests.gamification.accrual.judging import NICOSIA, closed, judge, rule


def life(mode: str, n: int, awarded: str, zone: ZoneInfo = NICOSIA, hold_days: int = 0) -> Life:
    expiry = Expiry(mode, n)  # type: ignore[arg-type]
    return life_of(expiry, hold_days, to_day(date.fromisoformat(awarded)), zone)


def local(micros: int | None, zone: ZoneInfo = NICOSIA) -> str | None:
    """The instant as the zone's wall clock shows it."""
    return None if micros is None else from_micros(micros).astimezone(zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("mode", "n", "awarded", "lapses"),
    [
        ("never", 0, "2026-01-22", None),
        ("days", 30, "2026-01-01", "2026-02-01 00:00"),  # thirty whole days after the first one
        ("days", 1, "2026-03-28", "2026-03-30 00:00"),  # over the night of 23 hours
        ("months", 1, "2026-01-31", "2026-03-01 00:00"),  # February has no 31st
        ("months", 12, "2024-02-29", "2025-03-01 00:00"),
        ("end_of_month", 0, "2026-01-22", "2026-02-01 00:00"),
        ("end_of_month", 0, "2026-01-31", "2026-02-01 00:00"),
        ("end_of_month", 0, "2026-02-01", "2026-03-01 00:00"),
        ("end_of_month", 12, "2026-01-31", "2027-02-01 00:00"),
        ("end_of_year", 0, "2026-12-31", "2027-01-01 00:00"),
        ("end_of_year", 1, "2026-01-01", "2028-01-01 00:00"),
        ("inactivity", 90, "2026-01-22", None),
    ],
)
def test_each_mode(mode: str, n: int, awarded: str, lapses: str | None):
    found = life(mode, n, awarded)
    assert local(found.expires_at) == lapses
    assert found.idle_days == (n if mode == "inactivity" else None)
    assert found.available_at is None


@pytest.mark.parametrize(
    ("zone", "last_day", "utc"),
    [
        ("Europe/Nicosia", "2026-02-28", "2026-02-28T22:00"),
        ("Europe/Nicosia", "2026-08-31", "2026-08-31T21:00"),  # in summer time
        ("America/Santiago", "2026-09-05", "2026-09-06T04:00"),  # midnight is skipped: the first instant after it
        ("Africa/Cairo", "2026-04-23", "2026-04-23T22:00"),  # likewise
        ("Asia/Beirut", "2026-03-28", "2026-03-28T22:00"),  # likewise
        ("America/Havana", "2026-10-31", "2026-11-01T04:00"),  # midnight comes twice: the first of them
        ("Pacific/Kiritimati", "2026-01-31", "2026-01-31T10:00"),
        ("Asia/Kathmandu", "2026-01-31", "2026-01-31T18:15"),
    ],
)
def test_points_lapse_as_the_next_day_begins_in_the_programmes_zone(zone: str, last_day: str, utc: str):
    found = life("days", 0, last_day, ZoneInfo(zone))
    assert found.expires_at is not None
    assert from_micros(found.expires_at) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_hold_ends_at_midnight_after_so_many_days():
    assert local(life("never", 0, "2026-03-04", hold_days=5).available_at) == "2026-03-09 00:00"
    assert local(life("never", 0, "2026-03-27", hold_days=2).available_at) == "2026-03-29 00:00"


def test_hold_and_expiry_count_from_the_day_it_was_recorded_whenever_it_occurred():
    lasting = rule(hold_days=3, expiry={"mode": "days", "n": 10})
    day = to_day(date(2026, 3, 4))
    entry = judge(lasting, closed(), day=day - 200, recorded_day=day)
    assert (local(entry[AVAILABLE_AT]), local(entry[EXPIRES_AT])) == ("2026-03-07 00:00", "2026-03-15 00:00")


def test_what_waits_for_a_review_is_held_without_a_date():
    entry = judge(rule(expiry={"mode": "inactivity", "n": 60}), closed(), wait_for_review=True)
    assert entry[AVAILABLE_AT] == 0
    assert (entry[EXPIRES_AT], entry[IDLE_DAYS]) == (None, 60)


zones = st.sampled_from(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc")))


@given(zones, st.integers(to_day(date(2015, 1, 1)), to_day(date(2035, 1, 1))), st.integers(0, 400))
def test_the_last_instant_is_of_the_last_day_and_the_next_is_not(name: str, day: int, days: int):
    zone = ZoneInfo(name)
    found = life_of(Expiry("days", days), 0, day, zone).expires_at
    assert found is not None
    assert day_at(found, zone) >= day + days + 1
    assert day_at(found - 1, zone) <= day + days
