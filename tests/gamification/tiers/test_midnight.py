"""The minute after midnight: points are released for the new day while activities of the old one still wait."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask

from app.gamification import pipeline
from app.gamification.activities import Custom
from app.gamification.ledger import lapsing
from tests.gamification.tiers.climbing import earn, merit, night, programme_with, recounted
from tests.support.play import Said, balances, report, trader, wallet
from tests.support.programmes import publish

MIDNIGHT = datetime(2026, 3, 15, tzinfo=ZoneInfo("Europe/Nicosia")).astimezone(UTC)
TICK, DAY = timedelta(seconds=1), timedelta(days=1)


def held(points: int, at: datetime) -> Said:
    return Said(Custom(count=points), "custom.held", at)


def a_window_of_nine_days() -> None:
    programme_with(("bronze", 0, None), ("silver", 100, None), period={"kind": "rolling", "days": 9})
    publish("held", {"kind": "custom.held", "base": {"kind": "count", "rate": "1"}, "hold_days": 1})


def test_what_is_undone_after_its_day_was_let_go_is_not_taken_from_the_others(app: Flask):
    a_window_of_nine_days()
    tara = trader()
    old = earn(tara, 40, MIDNIGHT - 9 * DAY + TICK)  # counts for the last time on the day before
    earn(tara, 70, MIDNIGHT - 2 * DAY)
    report(tara, held(5, MIDNIGHT - DAY), now=MIDNIGHT - DAY)
    pipeline.drain()
    assert wallet(tara).qualifying == 110
    report(tara, Said(None, "custom.merit", busts=old.id), now=MIDNIGHT - TICK)
    assert lapsing.release_due(MIDNIGHT) == 1
    assert wallet(tara).qualifying == 75
    pipeline.drain()
    assert (balances(tara)[0], wallet(tara).qualifying) == (75, 75)
    night(MIDNIGHT + TICK)
    assert wallet(tara).qualifying == recounted(tara, wallet(tara).window_from) == 75


def test_a_bust_that_comes_long_after_the_window_harms_nobodys_release(app: Flask):
    a_window_of_nine_days()
    tara = trader()
    said = merit(40, MIDNIGHT - 8 * DAY)
    report(tara, said, held(5, MIDNIGHT - DAY), now=MIDNIGHT - DAY)
    pipeline.drain()
    lapsing.release_due(MIDNIGHT + 20 * DAY)
    report(tara, Said(None, "custom.merit", busts=said.id), held(7, MIDNIGHT), now=MIDNIGHT)
    pipeline.drain()
    assert lapsing.release_due(MIDNIGHT + 21 * DAY) == 1
    assert wallet(tara).qualifying >= 0
