"""Rules that nothing could mean are refused when they are read, and the place is named."""

from typing import Any

import pytest

from app.gamification.accrual.definition import BadRule, read_definition
from app.gamification.templates.kinds.classic import RULES

GOOD: dict[str, Any] = {"name": {"en": "Rule"}, "kind": "trade.closed", "base": {"kind": "lots", "rate": "1"}}


def asks(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"conditions": [[{"field": field, "op": op, "value": value}]]}


@pytest.mark.parametrize("key", RULES)
def test_the_seeded_rules_are_good(key: str):
    assert read_definition(RULES[key]).kind


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kind": "trade.opened"}, "kind: .*trade.opened"),
        ({"kind": "custom"}, "kind: "),
        ({"kind": "account.entry"}, "kind: "),  # never earns
        ({"colour": "red"}, "colour"),
        ({"base": {"kind": "moon", "rate": "1"}}, "moon"),
        ({"base": {"kind": "amount", "rate": "1"}}, "base: trade.closed has no amount"),
        ({"kind": "visit"}, "base: visit has no lots"),
        ({"base": {"kind": "lots", "rate": "-1"}}, "base.rate"),
        ({"base": {"kind": "lots", "rate": "1e9"}}, "base.rate"),
        ({"base": {"kind": "lots", "rate": 1.5}}, "base.rate"),
        ({"base": {"kind": "lots", "rate": "NaN"}}, "base.rate"),
        ({"base": {"kind": "lots", "rate": "1", "groups": {"metals": "x"}}}, r"base.groups"),
        ({"base": {"kind": "lots", "rate": "1", "groups": {"metal": "2"}}}, "base.groups: .*metal"),
        ({"base": {"kind": "lots", "rate": "1", "symbols": {"EURUSD.pro": "2"}}}, "base.symbols: .*EURUSD.pro"),
        ({"kind": "visit", "base": {"kind": "fixed", "rate": "1", "groups": {"metals": "2"}}}, "base.groups: visit"),
        ({"kind": "custom.a", "base": {"kind": "count", "rate": "1", "symbols": {"EURUSD": "2"}}}, "base.symbols: "),
        (asks("moon", "=", "1"), "conditions: .*moon"),
        (asks("amount", ">=", "1"), "conditions: .*amount"),  # trades have none
        (asks("lots", "~", "1"), r"conditions.*op"),
        (asks("lots", ">=", "many"), "conditions: lots"),
        (asks("lots", ">=", True), "conditions: lots"),
        (asks("lots", ">=", ["1"]), "conditions: lots"),
        (asks("lots", "in", "1"), "conditions: lots"),
        (asks("lots", "in", ["1", "two"]), "conditions: lots"),
        (asks("symbol", ">", "EURUSD"), "conditions: symbol"),
        (asks("symbol", "=", True), "conditions: symbol"),
        (asks("symbol", "=", "eurusd.m"), "conditions: symbol.*eurusd.m"),
        (asks("group", "in", ["metals", "moons"]), "conditions: group.*moons"),
        (asks("bonus_funds", "=", "yes"), "conditions: bonus_funds"),
        (asks("bonus_funds", ">", True), "conditions: bonus_funds"),
        (asks("bonus_funds", "in", ["a"]), "conditions: bonus_funds"),
        ({"factors": [{"kind": "luck"}]}, "factors"),
        ({"factors": [{"kind": "fixed", "factor": "-2"}]}, "factor"),
        ({"strategy": "lowest"}, "strategy"),
        ({"caps": [{"per": "hour", "points": 5}]}, "caps"),
        ({"caps": [{"per": "day", "points": 0}]}, "caps"),
        ({"hold_days": -1}, "hold_days"),
        ({"expiry": {"mode": "sometimes"}}, "expiry.mode"),
        ({"expiry": {"mode": "days", "n": -1}}, "expiry.n"),
        ({"expiry": {"mode": "inactivity", "n": 0}}, "expiry: inactivity"),
        ({"audience": {"classes": [9]}}, "audience.classes: .*9"),
        ({"audience": {"countries": ["Cyprus"]}}, "audience.countries: .*Cyprus"),
        ({"name": {}}, "name"),
    ],
)
def test_a_bad_rule_is_refused_and_the_place_is_named(change: dict[str, Any], named: str):
    with pytest.raises(BadRule, match=named):
        read_definition(GOOD | change)


@pytest.mark.parametrize("missing", ["name", "kind", "base"])
def test_what_every_rule_must_say(missing: str):
    with pytest.raises(BadRule, match=missing):
        read_definition({key: value for key, value in GOOD.items() if key != missing})
