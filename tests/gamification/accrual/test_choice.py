"""Which rules judge an activity: those in force when it occurred, by priority, one of a group, for their audience."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification.accrual.rule import AWARDED, REFUSED
from app.gamification.activities import AccountEntry, Custom, Data, DepositMade
from app.models.activity import ActivityFlag, Reason
from app.models.base import connection, read_one, transaction
from app.models.people import ClientClass
from tests.support.play import NOON, Said, balances, play, trade, trader, wallet
from tests.support.programmes import end_all_rules, publish


@pytest.fixture
def tara(app: Flask) -> int:
    end_all_rules()
    return trader()


def pays(key: str, rate: str, **more: Any) -> int:
    return publish(key, {"kind": "trade.closed", "base": {"kind": "lots", "rate": rate}, **more})


BIG = [[{"field": "lots", "op": ">=", "value": "5"}]]


def test_stackable_rules_all_pay_in_order_of_priority(tara: int):
    later, sooner = pays("later", "10", priority=20), pays("sooner", "7", priority=10)
    found = play(tara, trade())
    assert [entry[0] for entry in found.entries] == [sooner, later]
    assert (found.earned, found.reason) == (17, Reason.EARNED)
    assert wallet(tara).qualifying == 17


def test_of_a_group_the_first_that_matches_pays_and_the_others_say_so(tara: int):
    big = pays("big", "20", group="trades", priority=1, conditions=BIG)
    usual = pays("usual", "10", group="trades", priority=2)
    beside = pays("beside", "1", priority=3)
    small = play(tara, trade())
    assert [entry[:3] for entry in small.entries] == [
        [big, REFUSED, int(Reason.CONDITION)],
        [usual, AWARDED, "10"],
        [beside, AWARDED, "1"],
    ]
    large = play(tara, trade(lots="5"))
    assert large.earned == 105
    assert large.entries[1] == [usual, REFUSED, int(Reason.EXCLUSIVE), big]


def test_equal_priorities_go_by_the_age_of_the_rule(tara: int):
    first, second = pays("z", "3", group="g"), pays("a", "9", group="g")
    assert [entry[0] for entry in play(tara, trade()).entries] == [first, second]


def test_two_groups_pay_one_each(tara: int):
    for number, group in enumerate(("a", "a", "b", "b")):
        pays(f"rule{number}", "10", group=group)
    assert play(tara, trade()).earned == 20


def test_a_rule_whose_cap_is_reached_still_is_the_one_of_its_group(tara: int):
    """Else a metal trade beyond its daily cap would be paid as an ordinary one, and qualify twice."""
    metals = pays("metals", "100", group="trades", priority=1, caps=[{"per": "day", "points": 100}])
    usual = pays("usual", "10", group="trades", priority=2)
    play(tara, trade("XAUUSD"))
    found = play(tara, trade("XAUUSD"))
    assert found.entries == [
        [metals, REFUSED, int(Reason.CAP), "day", 100, 100, 100],
        [usual, REFUSED, int(Reason.EXCLUSIVE), metals],
    ]
    assert (found.reason, found.earned) == (Reason.CAP, 0)
    assert balances(tara)[0] == 100
    assert wallet(tara).qualifying == 200


def test_a_rule_that_rounds_to_zero_still_is_the_one_of_its_group(tara: int):
    pays("tiny", "0.1", group="trades", priority=1)
    pays("usual", "10", group="trades", priority=2)
    assert play(tara, trade()).reason == Reason.ROUNDS_TO_ZERO


@pytest.mark.parametrize(
    ("audience", "outside"),
    [
        ({"countries": ["AE", "JP"]}, None),
        ({"countries": ["JP"]}, "countries"),
        ({"classes": [2]}, None),
        ({"classes": [1, 3]}, "classes"),
        ({"levels": ["bronze"]}, None),
        ({"levels": ["gold", "diamond"]}, "levels"),
        ({"levels": ["gold"], "countries": ["JP"]}, "levels"),
        ({}, None),
    ],
)
def test_a_rule_is_for_its_audience(tara: int, audience: dict[str, Any], outside: str | None):
    revision = pays("rule", "10", audience=audience)
    found = play(tara, trade())
    if outside is None:
        assert found.earned == 10
    else:
        assert found.entry == [revision, REFUSED, int(Reason.AUDIENCE), outside]
        assert wallet(tara).qualifying == 0


def test_outside_a_group_rules_audience_the_next_one_pays(tara: int):
    pays("gold only", "20", group="g", priority=1, audience={"levels": ["gold"]})
    pays("all", "10", group="g", priority=2)
    assert play(tara, trade()).earned == 10


def test_the_revision_in_force_when_it_occurred_scores_it(tara: int):
    change = datetime(2026, 3, 1, tzinfo=UTC)
    old = pays("rule", "10")
    with transaction():
        connection().execute(
            text("UPDATE rule_revision SET effective_to = :end WHERE id = :id"),
            {"end": int(change.timestamp()) * 1_000_000, "id": old},
        )
    definition = {"kind": "trade.closed", "base": {"kind": "lots", "rate": "30"}}
    new = publish("rule", definition, since=change)
    before, since = change - timedelta(microseconds=1), change
    assert play(tara, trade(at=before), now=NOON).entry[0] == old
    assert play(tara, trade(at=since), now=NOON).entry[0] == new


def test_before_every_revision_it_is_before_the_programme(tara: int):
    start = datetime(2026, 3, 1, tzinfo=UTC)
    end = datetime(2026, 3, 3, tzinfo=UTC)
    publish("rule", {"kind": "visit", "base": {"kind": "fixed", "rate": "5"}}, since=start, until=end)
    for at, earned in ((start, 5), (end - timedelta(microseconds=1), 5), (end, 0), (start - timedelta(days=1), 0)):
        found = play(tara, Said(Data(), "visit", at), now=NOON)
        assert (found.earned, found.reason) == (earned, Reason.EARNED if earned else Reason.BEFORE_PROGRAMME)
        assert len(found.entries) == bool(earned)


def test_kinds_that_no_rule_listens_to_leave_no_trace_of_rules(app: Flask):
    tara = trader()
    found = play(tara, Said(Custom(), "custom.webinar"))
    assert (found.reason, found.entries) == (Reason.NO_RULE, [])


def test_each_custom_kind_has_its_own_rules(tara: int):
    publish("a", {"kind": "custom.a", "base": {"kind": "count", "rate": "2"}})
    assert play(tara, Said(Custom(count=4), "custom.a")).earned == 8
    assert play(tara, Said(Custom(count=4), "custom.b")).reason == Reason.NO_RULE


@pytest.mark.parametrize("entry", ["balance", "credit", "interest", "dividend", "correction", "bonus", "cancelled"])
def test_rows_that_are_no_trades_never_earn(tara: int, entry: Any):
    pays("rule", "10")
    found = play(tara, Said(AccountEntry(entry, "500.00", "USD"), "account.entry"))
    assert (found.reason, found.entries) == (Reason.NEVER_EARNS, [])


def test_what_is_older_than_thirty_days_earns_and_is_marked_late(tara: int):
    publish("deposits", {"kind": "deposit.made", "base": {"kind": "amount", "rate": "1"}})
    for days, late in ((timedelta(days=30), False), (timedelta(days=30, microseconds=1), True)):
        said = Said(DepositMade("10", "USD"), "deposit.made", NOON - days)
        assert play(tara, said, now=NOON).earned == 10
        row = read_one(text("SELECT flags FROM activity WHERE external_id = :id"), {"id": said.id})
        assert bool(row.flags & ActivityFlag.LATE) is late


def test_the_reason_that_is_told_is_the_most_useful_one(tara: int):
    pays("jp", "10", audience={"countries": ["JP"]})
    pays("tiny", "0.1")
    assert play(tara, trade()).reason == Reason.ROUNDS_TO_ZERO
    pays("big", "10", conditions=BIG)
    assert play(tara, trade()).reason == Reason.CONDITION
    pays("capped", "10", caps=[{"per": "day", "points": 10}])
    play(tara, trade())
    assert play(tara, trade()).reason == Reason.CAP


def test_a_member_whose_earning_is_paused_earns_nothing_and_is_told(tara: int):
    pays("rule", "10")
    with transaction():
        connection().execute(text("UPDATE member SET earning_blocked = true WHERE id = :id"), {"id": tara})
    assert play(tara, trade()).reason == Reason.BLOCKED
    with transaction():
        connection().execute(text("UPDATE member SET earning_blocked = false WHERE id = :id"), {"id": tara})
    assert play(tara, trade()).earned == 10


def test_the_law_is_asked_before_audience_and_conditions(tara: int):
    pays("rule", "10", audience={"countries": ["JP"]})
    assert play(trader("DE", ClientClass.RETAIL, "eu"), trade()).reason == Reason.LAW


def test_a_rule_about_other_instruments_is_not_the_reason_while_another_looked_closer(tara: int):
    pays("metals", "100", conditions=[[{"field": "group", "op": "in", "value": ["metals"]}]], priority=10)
    assert play(tara, trade(lots="0.01")).reason == Reason.CONDITION
    pays("usual", "10", priority=20)
    assert play(tara, trade(lots="0.01")).reason == Reason.ROUNDS_TO_ZERO
