"""Trying a draft on what really happened: the same sums as the pipeline's, and nothing written."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.gamification import programme
from app.gamification.accrual.definition import Definition, read_definition
from app.gamification.accrual.trying.acts import named, recent
from app.gamification.accrual.trying.attempt import Tried, attempt
from app.gamification.activities import Custom, PaysFor
from app.gamification.policy.packs import Verdict
from app.gamification.policy.reach import verdicts
from app.gamification.templates.kinds.classic import RULES
from app.lib import clock
from app.models.people import ClientClass
from app.routes.formats import say_plainly
from tests.support.play import NOON, Said, play, report, trade, trader
from tests.support.queries import counted
from tests.support.rules import view

KIND = "trade.closed"


def rule(key: str = "trades", **more: Any) -> Definition:
    return read_definition({**RULES[key], **more})


def tried(definition: Definition, key: str | None = "trades", kind: str = KIND) -> list[Tried]:
    current = programme.current()
    rule_view = view(key) if key else None
    live = current.rules_by_revision[rule_view.live.id] if rule_view and rule_view.live else None
    rule_id = rule_view.id if rule_view else None
    return attempt(current, recent(kind), definition, rule_id, live, "en", clock.now())


def why(one: Tried) -> str:
    assert one.draft.why is not None
    return say_plainly(one.draft.why)


def test_live_comes_to_what_the_pipeline_paid_and_the_draft_to_what_it_would(app: Flask):
    paid = play(trader(), trade("EURUSD", "1.37"))
    (one,) = tried(rule(base={"kind": "lots", "rate": "10"}))
    assert one.live is not None
    assert (one.live.points, one.draft.points) == (paid.earned, 14)
    assert [tile.value for tile in one.tiles][-1] == 14
    assert all(check.passed for check in one.checks)


def test_what_is_missed_is_named(app: Flask):
    play(trader(), trade(seconds=200))
    conditions = [[{"field": "seconds_open", "op": ">=", "value": "240"}]]
    (one,) = tried(rule(conditions=conditions))
    assert (one.draft.points, why(one)) == (0, "Open 200 s, needs 240 s")
    assert next(check.passed for check in one.checks) is False


def test_an_activity_is_not_counted_twice_against_its_own_cap(app: Flask):
    member = trader()
    caps = [{"per": "day", "points": 5000}]
    play(member, Said(trade(lots="30")))
    play(member, Said(trade(lots="30")))
    last, first = tried(rule(caps=caps))
    assert (last.draft.points, first.draft.points) == (2000, 3000), "each beside the other, as the cap stands now"
    assert last.cap is not None and last.cap.limit == 5000


def test_the_rule_that_goes_before_it_is_named(app: Flask):
    play(trader(), trade("XAUUSD", "1.00", moved="10"))
    (one,) = tried(rule())
    assert why(one) == "Metals by the lot goes before it"
    (first,) = tried(rule(priority=1))
    assert first.draft.points == 100


def test_the_law_of_that_moment_decides(app: Flask):
    play(trader(country="CY", client_class=ClientClass.RETAIL, entity="eu"), trade())
    (one,) = tried(rule())
    assert (one.draft.points, why(one)) == (0, "By law nothing")
    assert one.live is not None and one.live.points == 0


def test_a_new_rule_has_nothing_live_beside_it(app: Flask):
    play(trader(), trade())
    (one,) = tried(rule(group=""), None)
    assert one.live is None and one.draft.points == 100


def test_more_than_a_balance_holds_is_said(app: Flask):
    play(trader(), trade(lots="900000000000"))
    (one,) = tried(rule(base={"kind": "lots", "rate": "999999999"}, caps=[]))
    assert why(one) == "More than a balance can hold"


@pytest.mark.parametrize(
    ("audience", "passed"),
    [({"levels": ["gold"]}, False), ({"countries": ["AE"]}, True), ({"classes": [ClientClass.RETAIL]}, False)],
)
def test_the_audience_is_checked_as_it_stood(app: Flask, audience: dict[str, Any], passed: bool):
    play(trader(), trade())
    (one,) = tried(rule(audience=audience))
    assert bool(one.draft.points) is passed
    assert all(check.passed for check in one.checks) is passed


def test_what_rules_were_never_asked_about_is_left_out(app: Flask):
    member = trader()
    play(member, Said(trade(), id="first"))
    play(member, Said(None, at=NOON + timedelta(minutes=1), busts="first", id="bust"))
    report(member, Said(trade(), id="queued"))
    assert [act.external_id for act in recent(KIND)] == ["first"]
    assert recent("visit") == []


def test_each_of_the_brokers_own_activities_is_a_kind(app: Flask):
    member = trader()
    play(member, Said(Custom(), kind="custom.webinar"))
    play(member, Said(Custom(count=2), kind="custom.webinar_2"))
    assert [act.facts.times for act in recent("custom.webinar")] == [1]


def test_one_is_found_by_ticket_or_reference_and_never_by_guessing(app: Flask):
    member = trader()
    play(member, Said(trade(), id="ref-1", deal=None))
    play(member, Said(trade(), id="ref-2"))
    act = named(KIND, "ref-1")
    assert act is not None and act.external_id == "ref-1"
    for words in ("", "%", "ref-%", "x" * 500, "' OR 1=1 --", "ref-9"):
        assert named(KIND, words) is None
    assert named("visit", "ref-1") is None


def test_forty_activities_are_judged_with_three_statements(app: Flask):
    member = trader()
    for number in range(6):
        play(member, Said(trade(), id=f"t{number}"))
    current = programme.current()
    with counted() as statements:
        attempt(current, recent(KIND), rule(), view("trades").id, None, "en", clock.now())
    assert len([one for one in statements if "cap_use" in one]) == 1
    assert not [one for one in statements if not one.startswith("SELECT")]


# The law by jurisdiction


def test_every_pack_says_what_it_makes_of_a_rule(app: Flask):
    trader()
    trader(country="CY", client_class=ClientClass.RETAIL, entity="eu")
    trader(country="CY", client_class=ClientClass.RETAIL, entity="eu")
    trader(country="", client_class=ClientClass.UNKNOWN, entity=None)
    said = {one.key: one for one in verdicts(programme.current(), PaysFor.TRADING)}
    assert (said["eu_retail"].verdict, said["eu_retail"].share) == (Verdict.FORBID, 50)
    assert (said["professional"].verdict, said["unknown"].share) == (Verdict.ALLOW, 25)
    assert "2019/679" in said["eu_retail"].cite["en"]
    assert all(one.reached for one in said.values())
    assert sum(one.share for one in said.values()) == 100


def test_an_audience_reaches_only_its_packs(app: Flask):
    current = programme.current()
    only = {one.key for one in verdicts(current, PaysFor.TRADING, classes=[ClientClass.PROFESSIONAL]) if one.reached}
    assert "professional" in only and "eu_retail" not in only and "unknown" in only
    cyprus = {one.key for one in verdicts(current, PaysFor.TRADING, ["CY"], [ClientClass.RETAIL]) if one.reached}
    assert "eu_retail" in cyprus and "offshore" not in cyprus
