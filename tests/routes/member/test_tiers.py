"""The ladder as a member's browser meets it: where they stand, what keeps it, what they may have, how they came here."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.ledger import lapsing
from app.models.base import connection, transaction
from tests.support.cast import Person, sign_in, words
from tests.support.play import NOON, Said, play, trade
from tests.support.programmes import set_ladder
from tests.support.queries import counted

DAY = timedelta(days=1)
NOW = NOON + 10 * DAY


@pytest.fixture(autouse=True)
def today() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def silver(client: FlaskClient, alice: Person) -> FlaskClient:
    """Alice closed twenty lots ten days ago: 2,000 qualifying points, released five days later."""
    pipeline.drain()
    play(alice.id, Said(trade(lots="20.00")))
    lapsing.release_due(NOON + 6 * DAY)
    return sign_in(client, alice)


def tiers(client: FlaskClient) -> str:
    answer = client.get("/tiers")
    assert answer.status_code == 200
    return words(answer)


def test_the_climb_says_where_and_how_far(silver: FlaskClient):
    said = tiers(silver)
    for part in (
        "Qualifying points of the last 180 days decide your level.",
        "You are here Silver 1,500",
        "Silver since 10 Mar",
        "5,500 more to Gold 2,000 of 7,500",
        "1,000 more by 13 Sep keep Silver.",
    ):
        assert part in said, part


def test_benefits_of_this_level_and_of_the_next(silver: FlaskClient):
    said = tiers(silver)
    assert "What Silver gives you 1.1× points" in said
    assert "Gold adds 1.25× points" in said
    assert "Priority withdrawals" in said


def test_the_window_is_drawn_as_it_empties(silver: FlaskClient):
    page = silver.get("/tiers").text
    assert 'd="M0 0.0H170V200.0H180"' in page
    said = words(silver.get("/tiers"))
    assert "1,000 keep Silver" in said
    assert "Below that from 31 Aug" in said
    assert "14 Mar 2,000 31 Aug 0" in said


def test_the_way_here_begins_with_joining(silver: FlaskClient):
    assert "Your way here Silver since 10 Mar reached Bronze joined 14 Mar" in tiers(silver)


def test_what_qualifies_is_what_the_law_allows(silver: FlaskClient, client: FlaskClient, bob: Person):
    assert "Trades by the lot 100 points a lot" in tiers(silver)
    said = tiers(sign_in(client, bob))
    assert "Trades by the lot" not in said
    assert "Lessons passed 50 points each time" in said
    assert "Your points come from learning and habits, not from trades" in said


def test_perks_worth_money_are_withheld_in_words(client: FlaskClient, bob: Person):
    pipeline.drain()
    said = tiers(sign_in(client, bob))
    assert "Lower overnight charges" not in said
    assert "Perks that are worth money are not available under your client category" in said
    assert "× points" not in said


def test_a_level_that_begins_next_month_is_announced(client: FlaskClient, alice: Person):
    levels = [
        {"key": "bronze", "name": {"en": "Bronze"}, "threshold": 0},
        {"key": "silver", "name": {"en": "Silver"}, "threshold": 500},
    ]
    set_ladder({"period": {"kind": "month"}, "promotion": "next_period", "levels": levels})
    pipeline.drain()
    play(alice.id, Said(trade(lots="20.00")))
    lapsing.release_due(NOON + 6 * DAY)
    said = tiers(sign_in(client, alice))
    assert "You are here Bronze" in said
    assert "Silver counts from 1 Apr" in said
    assert "A level that was reached counts from the next period on." in said


def test_a_month_that_has_ended_is_empty_before_its_review(
    client: FlaskClient, alice: Person, today: time_machine.Traveller
):
    levels = [
        {"key": "bronze", "name": {"en": "Bronze"}, "threshold": 0},
        {"key": "silver", "name": {"en": "Silver"}, "threshold": 500},
    ]
    set_ladder({"period": {"kind": "month"}, "levels": levels})
    pipeline.drain()
    play(alice.id, Said(trade(lots="20.00")))
    lapsing.release_due(NOON + 6 * DAY)
    browser = sign_in(client, alice)
    assert "You have what keeps Silver beyond 31 Mar." in tiers(browser)
    today.move_to(NOON + 30 * DAY)
    assert "500 more by 30 Apr keep Silver." in tiers(browser)


def test_the_base_level_has_nothing_to_lose(client: FlaskClient, alice: Person):
    pipeline.drain()
    said = tiers(sign_in(client, alice))
    assert "You are here Bronze" in said
    assert "keep Bronze" not in said
    assert "If you earned nothing more" not in said


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_the_ladder_speaks_the_members_language(silver: FlaskClient, alice: Person, language: str):
    with transaction():
        connection().execute(text("UPDATE member SET language = :one"), {"one": language})
    said = tiers(silver)
    assert {"ar": "الفضي", "zh": "白银"}[language] in said
    assert "Your climb" not in said


def test_the_ladder_asks_the_database_at_most_five_times(silver: FlaskClient):
    tiers(silver)
    with counted() as statements:
        tiers(silver)
    assert len(statements) <= 3, statements
