"""What several templates share: the filter of real trades, how long points live, and rules that every law allows."""

from collections.abc import Mapping
from typing import Any

Rule = Mapping[str, Any]

PROTECTED: list[dict[str, Any]] = [
    {"field": "seconds_open", "op": ">=", "value": "180"},
    {"field": "pips_moved", "op": ">=", "value": "3"},
    {"field": "bonus_funds", "op": "=", "value": False},
]
YEAR = {"mode": "end_of_month", "n": 12}
FOR_EVER = {"mode": "never"}

VISITS: Rule = {
    "name": {"en": "Daily visit", "ar": "زيارة يومية", "zh": "每日访问"},
    "kind": "visit",
    "base": {"kind": "fixed", "rate": "2"},
    "caps": [{"per": "day", "points": 2}],
    "expiry": YEAR,
    "qualifying": False,
}
LESSONS: Rule = {
    "name": {"en": "Lessons passed", "ar": "اجتياز الدروس", "zh": "通过课程"},
    "kind": "lesson.passed",
    "conditions": [[{"field": "score", "op": ">=", "value": "60"}]],
    "base": {"kind": "fixed", "rate": "50"},
    "caps": [{"per": "day", "points": 150}],
    "expiry": YEAR,
}
JOURNAL: Rule = {
    "name": {"en": "Trading journal", "ar": "يوميات التداول", "zh": "交易日志"},
    "kind": "journal.written",
    "base": {"kind": "fixed", "rate": "10"},
    "caps": [{"per": "day", "points": 10}],
    "expiry": YEAR,
}
SURVEYS: Rule = {
    "name": {"en": "Surveys answered", "ar": "الإجابة عن الاستبيانات", "zh": "完成问卷"},
    "kind": "survey.answered",
    "base": {"kind": "fixed", "rate": "40"},
    "expiry": YEAR,
}
REST: Rule = {
    "name": {"en": "Planned rest days", "ar": "أيام الراحة المخططة", "zh": "计划休息日"},
    "kind": "rest.kept",
    "base": {"kind": "fixed", "rate": "10"},
    "caps": [{"per": "week", "points": 20}],
    "expiry": YEAR,
}
IDENTITY: Rule = {
    "name": {"en": "Identity verified", "ar": "توثيق الهوية", "zh": "完成身份验证"},
    "kind": "kyc.verified",
    "base": {"kind": "fixed", "rate": "250"},
    "expiry": YEAR,
    "qualifying": False,
}
WELCOME: Rule = {
    "name": {"en": "Welcome", "ar": "ترحيب", "zh": "欢迎加入"},
    "kind": "member.joined",
    "base": {"kind": "fixed", "rate": "100"},
    "expiry": YEAR,
    "qualifying": False,
}


def changed(rule: Rule, **places: Any) -> Rule:
    """A shared rule with some of its places said differently."""
    return {**rule, **places}


def rated(rule: Rule, rate: str, **places: Any) -> Rule:
    """A shared rule that pays another rate."""
    return changed(rule, base={**rule["base"], "rate": rate}, **places)


def perk(value: str, **text: str) -> dict[str, Any]:
    """A perk of a level in every language: `perk("service", en=…, ar=…, zh=…)`."""
    return {"text": text, "value": value}
