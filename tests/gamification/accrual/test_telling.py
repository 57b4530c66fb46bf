"""A rule in words: every part of every rule has its sentence, and what changes is named part by part."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest
from flask import Flask

from app.gamification.accrual.definition import Condition, Definition, read_definition
from app.gamification.accrual.fields import FIELDS
from app.gamification.accrual.telling.changes import changes
from app.gamification.accrual.telling.parts import Part, clause
from app.gamification.accrual.telling.sentence import WHEN, whole
from app.gamification.accrual.telling.whom import Run
from app.gamification.activities import BY_CODE, CUSTOM, KINDS
from app.gamification.templates.kinds.classic import RULES
from app.lib.i18n import LANGUAGES, Sentence
from app.routes.admin.rules.rows import OPS, UNITS
from app.routes.formats import say_plainly
from app.routes.language import speaking
from tests.house.source import sources

BASE: dict[str, Any] = {"name": {"en": "Rule"}, "kind": "trade.closed", "base": {"kind": "lots", "rate": "15"}}
VALUES: dict[str, Any] = {"number": "60", "text": "EURUSD", "flag": True}
TEXTS = {"group": "metals", "name": "round-table"}


def rule(**more: Any) -> Definition:
    return read_definition(BASE | more)


def told(definition: Definition, code: str = "en") -> str:
    with speaking(code):
        return say_plainly(whole(definition))


@cache
def marked() -> frozenset[str]:
    """Every sentence of the source that is marked for translation."""
    found = set()
    for source in sources().values():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_l", "_n"):
                found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return frozenset(found)


def sentences(said: Sentence) -> Iterator[Sentence]:
    """A sentence and all that stand in it."""
    yield said
    for value in said.values.values():
        if isinstance(value, Sentence):
            yield from sentences(value)


def is_only_places(msgid: str) -> bool:
    """Whether there is nothing to translate in it."""
    return not any(char.isalpha() for char in re.sub(r"%\(\w+\)s", "", msgid))


def test_it_reads_as_a_person_would_say_it(app: Flask):
    assert told(read_definition(RULES["metals"])) == (
        "When a member closes a trade in metals that was open for at least 180 seconds, moved at least 3 pips and was "
        "not on bonus funds, they earn 100 points a lot, times the factor of their tier and 1.2 (Metals bonus), "
        "compounded, up to 5,000 points a day. The points wait 5 days and lapse at the end of the month, 12 months "
        "on. They count towards tiers. Of the group trades only the first rule that matches pays; its priority is 10."
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"caps": [{"per": "day", "points": 1}]}, "up to 1 point a day"),
        ({"base": {"kind": "lots", "rate": "1"}}, "they earn 1 point a lot"),
        (
            {"base": {"kind": "lots", "rate": "5", "groups": {"metals": "7"}, "symbols": {"EURUSD": "6"}}},
            "they earn 5 points a lot, but 7 for metals and 6 for EURUSD",
        ),
        ({"hold_days": 1}, "The points wait 1 day and never lapse."),
        ({"expiry": {"mode": "days", "n": 30}}, "lapse after 30 days"),
        ({"expiry": {"mode": "days", "n": 0}}, "lapse as the day ends"),
        ({"expiry": {"mode": "months", "n": 3}}, "lapse after 3 months"),
        ({"expiry": {"mode": "end_of_month"}}, "lapse at the end of the month."),
        ({"expiry": {"mode": "end_of_year", "n": 2}}, "lapse at the end of the year, 2 years on"),
        ({"expiry": {"mode": "inactivity", "n": 90}}, "lapse after 90 days without earning"),
        ({"qualifying": False}, "They do not count towards tiers."),
        ({"factors": [{"kind": "tier"}]}, "times the factor of their tier."),
        ({"factors": [{"kind": "fixed", "factor": "2"}]}, "times 2."),
        (
            {"factors": [{"kind": "tier"}, {"kind": "fixed", "factor": "2"}], "strategy": "highest"},
            "times the highest of the factor of their tier and 2",
        ),
        (
            {"audience": {"levels": ["gold", "diamond"], "countries": ["CY"], "classes": [2]}},
            "It is only for members who stand on Gold or Diamond, live in Cyprus and have the client category "
            "“Professional client”.",
        ),
        (
            {
                "conditions": [
                    [{"field": "group", "op": "in", "value": ["metals"]}],
                    [{"field": "lots", "op": "<", "value": "1"}],
                ]
            },
            "closes a trade that was in metals, or had a volume of less than 1 lot, they earn",
        ),
        ({"conditions": [[]]}, "When a member closes a trade, they earn"),
        (
            {"kind": "custom.round-table", "base": {"kind": "count", "rate": "5"}},
            "When “round table” is reported for a member, they earn 5 points each",
        ),
        (
            {
                "kind": "partner.purchase",
                "base": {"kind": "amount", "rate": "5"},
                "conditions": [[{"field": "amount", "op": ">", "value": "50"}]],
            },
            "at a partner and it came to more than 50 in its currency, they earn",
        ),
    ],
)
def test_each_part_has_its_words(app: Flask, more: dict[str, Any], words: str):
    assert words in told(rule(**more))


@pytest.mark.parametrize(
    ("field", "op", "kind"),
    [(key, op, code) for key, field in FIELDS.items() for op in OPS[field.type] for code in sorted(field.kinds)],
)
def test_every_field_can_be_compared_in_every_way_in_words(app: Flask, field: str, op: str, kind: int):
    """A new field without words fails here, not before a member."""
    value = TEXTS.get(field, VALUES[FIELDS[field].type])
    key = BY_CODE[kind].key if kind != CUSTOM else "custom.round-table"
    conditions = [[{"field": field, "op": op, "value": [value] if op in ("in", "not in") else value}]]
    written = rule(kind=key, base={"kind": "fixed", "rate": "1"}, conditions=conditions)
    for code in LANGUAGES:
        assert told(written, code)
    assert any(isinstance(one, Part) and one.key == "conditions.0.0" for one in sentences(whole(written)))
    assert field in UNITS or FIELDS[field].type != "number"


@pytest.mark.parametrize("kind", [kind.key for kind in KINDS if kind.earns and kind.code != CUSTOM])
def test_every_kind_begins_a_sentence(kind: str):
    assert kind in WHEN


@pytest.mark.parametrize("key", RULES)
def test_the_starting_rules_are_told_in_every_language(app: Flask, key: str):
    written = read_definition(RULES[key])
    for code in LANGUAGES:
        with speaking(code):
            said = say_plainly(whole(written))
        assert "%(" not in said
        assert written.factors == [] or RULES[key]["factors"][-1].get("name", {code: ""})[code] in said
    unmarked = {one.msgid for one in sentences(whole(written))} - marked()
    assert not {msgid for msgid in unmarked if not is_only_places(msgid)}


def test_names_are_said_in_the_language_of_the_sentence(app: Flask):
    written = rule(audience={"levels": ["gold"], "countries": ["CY"]})
    assert "الذهبي" in told(written, "ar") and "قبرص" in told(written, "ar")
    assert "黄金" in told(written, "zh") and "塞浦路斯" in told(written, "zh")


def test_what_changes_is_named_with_before_and_after(app: Flask):
    before = read_definition(RULES["trades"])
    after = read_definition(
        {
            **RULES["trades"],
            "name": {"en": "Trades", "ar": "الصفقات بحسب اللوت", "zh": "交易按手计分"},
            "conditions": [
                [
                    {"field": "seconds_open", "op": ">=", "value": "240"},
                    {"field": "pips_moved", "op": ">=", "value": "3"},
                    {"field": "lots", "op": "<=", "value": "5"},
                ]
            ],
            "base": {"kind": "lots", "rate": "15", "groups": {"metals": "20"}},
            "caps": [{"per": "day", "points": 500}],
        }
    )
    with app.test_request_context():
        found = [
            (one.key, one.label, *(None if part is None else say_plainly(part) for part in one[2:]))
            for one in changes(before, after, Run(), Run(date(2030, 1, 1)))
        ]
    assert found == [
        ("name.en", "English name", "Trades by the lot", "Trades"),
        ("conditions.0.0", "Seconds open", "at least 180 seconds", "at least 240 seconds"),
        ("conditions.0.2", "Lots", None, "had a volume of at most 5 lots"),
        ("", "On bonus funds", "was not on bonus funds", None),
        ("base.rate", "rate", "100 points a lot", "15 points a lot"),
        ("base.groups.metals", "rate of its own", None, "20 for metals"),
        ("caps.day", "limit", "5,000 points a day", "500 points a day"),
        ("starts", "first day", None, "1 Jan 2030"),
    ]


def test_the_order_of_conditions_changes_nothing(app: Flask):
    rows = RULES["trades"]["conditions"][0]
    turned = read_definition({**RULES["trades"], "conditions": [rows[::-1]]})
    assert changes(read_definition(RULES["trades"]), turned) == ()


def test_a_list_turned_into_its_opposite_is_a_change_that_reads_as_one(app: Flask):
    one, other = (rule(conditions=[[{"field": "symbol", "op": op, "value": ["EURUSD"]}]]) for op in ("in", "not in"))
    (found,) = changes(one, other)
    assert found.before is not None and found.after is not None
    assert (say_plainly(found.before), say_plainly(found.after)) == ("was in EURUSD", "was not in EURUSD")


def test_a_condition_alone_is_a_clause(app: Flask):
    assert say_plainly(clause(Condition("has_stop_loss", "!=", True), "")) == "had no stop-loss"
