"""Classic tiers: points by the lot, a cap a day, five levels over half a year."""

from typing import Any

from app.gamification.templates.parts import (
    IDENTITY,
    JOURNAL,
    LESSONS,
    PROTECTED,
    SURVEYS,
    VISITS,
    WELCOME,
    YEAR,
)
from app.gamification.templates.registry import templates
from app.lib.i18n import _l

RULES: dict[str, Any] = {
    "metals": {
        "name": {"en": "Metals by the lot", "ar": "المعادن بحسب اللوت", "zh": "贵金属按手计分"},
        "kind": "trade.closed",
        "conditions": [[{"field": "group", "op": "in", "value": ["metals"]}, *PROTECTED]],
        "base": {"kind": "lots", "rate": "100"},
        "factors": [
            {"kind": "tier"},
            {
                "kind": "fixed",
                "factor": "1.2",
                "name": {"en": "Metals bonus", "ar": "مكافأة المعادن", "zh": "贵金属加成"},
            },
        ],
        "caps": [{"per": "day", "points": 5000}],
        "hold_days": 5,
        "expiry": YEAR,
        "group": "trades",
        "priority": 10,
    },
    "trades": {
        "name": {"en": "Trades by the lot", "ar": "الصفقات بحسب اللوت", "zh": "交易按手计分"},
        "kind": "trade.closed",
        "conditions": [PROTECTED],
        "base": {"kind": "lots", "rate": "100"},
        "factors": [{"kind": "tier"}],
        "caps": [{"per": "day", "points": 5000}],
        "hold_days": 5,
        "expiry": YEAR,
        "group": "trades",
        "priority": 20,
    },
    "deposits": {
        "name": {"en": "Deposits", "ar": "الإيداعات", "zh": "入金"},
        "kind": "deposit.made",
        "conditions": [[{"field": "amount", "op": ">=", "value": "100"}]],
        "base": {"kind": "amount", "rate": "0.05"},
        "caps": [{"per": "month", "points": 500}],
        "hold_days": 14,
        "expiry": YEAR,
        "qualifying": False,
    },
    "visits": VISITS,
    "lessons": LESSONS,
    "journal": JOURNAL,
    "surveys": SURVEYS,
    "identity": IDENTITY,
    "welcome": WELCOME,
    "partners": {
        "name": {"en": "Partner purchases", "ar": "مشتريات لدى الشركاء", "zh": "合作伙伴消费"},
        "kind": "partner.purchase",
        "base": {"kind": "amount", "rate": "1"},
        "caps": [{"per": "month", "points": 1000}],
        "hold_days": 14,
        "expiry": YEAR,
        "qualifying": False,
    },
}

LADDER: dict[str, Any] = {
    "period": {"kind": "rolling", "days": 180},
    "promotion": "at_once",
    "downgrade": "one_level",
    "grace_days": 14,
    "warn_days": 30,
    "levels": [
        {
            "key": "bronze",
            "name": {"en": "Bronze", "ar": "البرونزي", "zh": "青铜"},
            "threshold": 0,
            "perks": [
                {
                    "text": {
                        "en": "Lessons and market briefings",
                        "ar": "دروس وملخصات عن الأسواق",
                        "zh": "课程与市场简报",
                    },
                    "value": "recognition",
                }
            ],
        },
        {
            "key": "silver",
            "name": {"en": "Silver", "ar": "الفضي", "zh": "白银"},
            "threshold": 1500,
            "keep": 1000,
            "factor": "1.1",
            "perks": [
                {
                    "text": {"en": "Answers within one day", "ar": "ردود خلال يوم واحد", "zh": "一天内答复"},
                    "value": "service",
                }
            ],
        },
        {
            "key": "gold",
            "name": {"en": "Gold", "ar": "الذهبي", "zh": "黄金"},
            "threshold": 7500,
            "keep": 5000,
            "factor": "1.25",
            "perks": [
                {"text": {"en": "Priority withdrawals", "ar": "أولوية في السحب", "zh": "优先出金"}, "value": "service"},
                {
                    "text": {
                        "en": "Monthly call with an analyst",
                        "ar": "مكالمة شهرية مع محلل",
                        "zh": "每月与分析师通话",
                    },
                    "value": "service",
                },
            ],
        },
        {
            "key": "platinum",
            "name": {"en": "Platinum", "ar": "البلاتيني", "zh": "铂金"},
            "threshold": 30000,
            "keep": 20000,
            "factor": "1.5",
            "perks": [
                {
                    "text": {"en": "A contact of your own", "ar": "مسؤول حساب خاص بك", "zh": "专属客户经理"},
                    "value": "service",
                },
                {
                    "text": {"en": "Lower overnight charges", "ar": "رسوم تبييت أقل", "zh": "更低的隔夜费"},
                    "value": "cash",
                },
            ],
        },
        {
            "key": "diamond",
            "name": {"en": "Diamond", "ar": "الماسي", "zh": "钻石"},
            "threshold": 100000,
            "keep": 70000,
            "factor": "2",
            "perks": [
                {
                    "text": {
                        "en": "Invitations to partner events",
                        "ar": "دعوات إلى فعاليات الشركاء",
                        "zh": "受邀参加合作伙伴活动",
                    },
                    "value": "service",
                },
                {
                    "text": {"en": "Withdrawal fees refunded", "ar": "استرداد رسوم السحب", "zh": "返还出金手续费"},
                    "value": "cash",
                },
            ],
        },
    ],
}


@templates.register
class Classic:
    """Points by the lot and tiers above them."""

    key = "classic"
    place = 20
    title = _l("Classic tiers")
    about = _l(
        "Trades earn points by the lot, capped a day and held for five days. Five levels over 180 days multiply them."
    )
    icon = "layers"
    suits = _l("Brokers with clients under more than one law")
    pays = True
    rules = RULES
    ladder = LADDER
