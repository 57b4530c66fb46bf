"""The demo season fills the overview: at first start it shows three months, and they add up."""

from flask import Flask
from sqlalchemy import text

from app.gamification.insight.figures import Figure
from app.gamification.insight.overview import costs
from app.gamification.insight.reads import figures
from app.gamification.insight.stretch import Stretch
from app.gamification.ledger.outcome import compiled
from app.lib.periods import day_of
from app.models.base import read_one
from tests.gamification.insight.reading import active_days, by_day, held_by_members, outstanding, truly_active
from tests.seeds.conftest import CROWD, NOW


def test_everything_is_folded_into_the_days_it_was_recorded_on(season: Flask):
    assert read_one(text("SELECT count(*) FROM tally"))[0] == 0
    assert outstanding() == held_by_members()[0] > 0
    days = by_day(Figure.ISSUED)
    assert max(days) <= day_of(NOW, compiled().zone)
    assert len(days) > 80
    assert active_days() == truly_active()


def test_the_overview_is_full(season: Flask):
    found = figures(Stretch(30, day_of(NOW, compiled().zone)))
    assert not found.is_empty
    assert not found.is_behind
    assert found.members == CROWD + 6
    assert 0 < found.active.now <= found.members
    assert found.issued.now and found.issued.before and found.redeemed.now and found.expired.now
    assert len(found.revisions) > 5
    assert len(found.reasons) > 5
    assert found.hours
    assert found.steps[-1].outstanding == found.outstanding
    assert costs(found, compiled()).liability.value > 0
