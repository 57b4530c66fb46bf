"""Storing deliveries: each activity once, and of everything else why it was not stored."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import backlog, ingest, pipeline
from app.gamification.activities import Custom
from app.gamification.members.enrolment import link
from app.models.base import read_all, read_one, transaction
from tests.support.play import LIVE, NOON, Said, decided, report, trade, trader

MINUTE = timedelta(minutes=1)
GAIN = Said(Custom(count=1), "custom.gain", id="x")
CHANGED = replace(GAIN, data=Custom(count=2))


@pytest.fixture
def tara(app: Flask) -> int:
    return trader()


def kept_for_staff() -> list[str]:
    return [row.body for row in read_all(text("SELECT body FROM quarantine ORDER BY id"))]


def test_an_activity_that_comes_again_is_known(tara: int):
    assert report(tara, GAIN) == ["accepted"]
    assert report(tara, GAIN, now=NOON + MINUTE) == ["duplicate"]
    assert report(tara, replace(GAIN, id="y"), GAIN, replace(GAIN, id="y")) == ["accepted", "duplicate", "duplicate"]
    assert backlog.read().queued == 2


def test_another_content_under_a_known_id_is_kept_for_staff_once(tara: int):
    report(tara, GAIN)
    for _ in range(3):
        assert report(tara, CHANGED) == ["conflict"]
    assert report(tara, replace(GAIN, data=Custom(count=3))) == ["conflict"]
    assert kept_for_staff() == ['["gain",2,null,null]', '["gain",3,null,null]']


def test_a_conflict_within_one_delivery_is_kept_as_well(tara: int):
    assert report(tara, GAIN, CHANGED, CHANGED) == ["accepted", "conflict", "conflict"]
    assert kept_for_staff() == ['["gain",2,null,null]']
    pipeline.drain()
    assert decided("x") is not None


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOON - MINUTE},
        {"account": LIVE},
        {"deal": "7", "account": LIVE},
        {"corrects": "w"},
        {"kind": "custom.other"},
    ],
)
def test_whatever_differs_makes_it_another_content(tara: int, change: dict[str, object]):
    report(tara, GAIN)
    assert report(tara, replace(GAIN, **change)) == ["conflict"]  # type: ignore[arg-type]


def test_the_same_instant_written_in_another_zone_is_the_same(tara: int):
    from datetime import timezone

    report(tara, GAIN)
    assert report(tara, replace(GAIN, at=NOON.astimezone(timezone(timedelta(hours=8))))) == ["duplicate"]


def test_ids_are_unique_within_a_source_only(tara: int):
    assert report(tara, GAIN) == ["accepted"]
    assert report(tara, CHANGED, source="statements") == ["accepted"]


def test_a_deal_said_twice_in_one_delivery_counts_once(tara: int):
    one, two = (Said(trade(), id=name, account=LIVE, deal="5") for name in ("one", "two"))
    assert report(None, one, two, replace(two, id="three", deal="6")) == ["waiting", "duplicate", "waiting"]


def test_a_delivery_holds_a_thousand_at_most(tara: int):
    with pytest.raises(ValueError, match="1000"):
        report(tara, *(replace(GAIN, id=f"a{n}") for n in range(1001)))


def test_one_unknown_member_stops_nobody_else(app: Flask):
    with transaction():
        results = ingest.accept(ingest.source("broker"), [GAIN.incoming(None)._replace(member="nobody")], NOON)
    assert results[0].code == "unknown_member"
    assert read_one(text("SELECT count(*) FROM activity")) == (0,)


def test_within_a_delivery_activities_are_folded_in_the_order_they_occurred(tara: int):
    report(tara, *(replace(GAIN, id=f"a{hour}", at=NOON - timedelta(hours=hour)) for hour in (2, 5, 1)))
    pipeline.drain()
    seqs = {hour: found.seq for hour in (5, 2, 1) if (found := decided(f"a{hour}"))}
    assert sorted(seqs, key=seqs.__getitem__) == [5, 2, 1]


def test_what_waited_is_folded_in_the_order_it_was_recorded(tara: int):
    for minute in range(3):
        report(
            None, replace(GAIN, id=f"a{minute}", account=LIVE, at=NOON - minute * MINUTE), now=NOON + minute * MINUTE
        )
    with transaction():
        link(tara, *LIVE, now=NOON + timedelta(hours=1))
    pipeline.drain()
    assert [found.seq for minute in range(3) if (found := decided(f"a{minute}"))] == [2, 3, 4]  # joining was the first
