"""The nightly review beside the workers: whoever comes first, the sums are those of the days and nobody is lost."""

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import text

from app.gamification import backlog, pipeline
from app.gamification.tiers import reassessment
from app.models.base import read_all
from tests.gamification.tiers.climbing import earn, history, level, merit, night, programme_with, recounted
from tests.support.play import report, trader, wallet
from tests.support.together import no_errors, together

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LAST = NOON + timedelta(days=180)


def test_a_night_beside_two_workers_loses_nothing(app: Flask, monkeypatch):
    monkeypatch.setattr(reassessment, "CHUNK_SQLITE", 3)
    monkeypatch.setattr(reassessment, "CHUNK_POSTGRESQL", 3)
    programme_with()
    members = [trader() for _ in range(12)]
    for member in members:
        earn(member, 100, NOON)
        earn(member, 60, NOON + timedelta(days=1))
    for number in range(10):
        for member in members:
            # Recorded after midnight, so that the night does not leave the member to the next one.
            assert report(member, merit(1, LAST + number * SECOND), now=LAST + number * SECOND) == ["accepted"]

    def fold() -> object:
        while backlog.read().queued:
            pipeline.run(7)

    no_errors(together(app, [fold, fold, lambda: night(LAST), lambda: night(LAST)]))
    for member in members:
        found = wallet(member)
        assert found.qualifying == recounted(member, found.window_from) == 70
        assert (level(member), [key for key, _ in history(member)]) == ("silver", ["silver", "gold", "silver"])
    numbers = read_all(text("SELECT member_id, number FROM tier_history"))
    assert len(numbers) == 3 * len(members)
