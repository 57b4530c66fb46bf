"""Active trader cashback: rates by group of instruments, more for professionals, filters and caps that hold."""

from typing import Any

from app.gamification.templates.parts import IDENTITY, JOURNAL, LESSONS, perk
from app.gamification.templates.registry import templates
from app.lib.i18n import _l
from app.models.people import ClientClass

QUARTER = {"mode": "end_of_month", "n": 3}
PROFESSIONALS = [int(ClientClass.PROFESSIONAL), int(ClientClass.ELIGIBLE)]
# Longer open and further moved than what other templates ask: the rates are worth gaming.
EARNEST = [
    {"field": "seconds_open", "op": ">=", "value": "300"},
    {"field": "pips_moved", "op": ">=", "value": "5"},
    {"field": "bonus_funds", "op": "=", "value": False},
]

RULES: dict[str, Any] = {
    "professional": {
        "name": {"en": "Professional rate", "ar": "معدل العملاء المحترفين", "zh": "专业客户费率"},
        "kind": "trade.closed",
        "conditions": [EARNEST],
        "base": {
            "kind": "lots",
            "rate": "200",
            "groups": {"majors": "250", "metals": "400", "indices": "150", "crypto": "50", "shares": "50"},
        },
        "factors": [{"kind": "tier"}],
        "caps": [{"per": "day", "points": 25000}, {"per": "month", "points": 250000}],
        "hold_days": 7,
        "expiry": QUARTER,
        "audience": {"classes": PROFESSIONALS},
        "group": "trades",
        "priority": 10,
    },
    "trades": {
        "name": {"en": "Trader rate", "ar": "معدل المتداولين", "zh": "交易者费率"},
        "kind": "trade.closed",
        "conditions": [EARNEST],
        "base": {
            "kind": "lots",
            "rate": "120",
            "groups": {"majors": "150", "metals": "250", "indices": "100", "crypto": "30", "shares": "30"},
        },
        "factors": [{"kind": "tier"}],
        "caps": [{"per": "day", "points": 10000}, {"per": "month", "points": 100000}],
        "hold_days": 7,
        "expiry": QUARTER,
        "group": "trades",
        "priority": 20,
    },
    "identity": IDENTITY,
    "lessons": LESSONS,
    "journal": JOURNAL,
}

LADDER: dict[str, Any] = {
    "period": {"kind": "month"},
    "promotion": "next_period",
    "downgrade": "to_balance",
    "warn_days": 7,
    "levels": [
        {
            "key": "trader",
            "name": {"en": "Trader", "ar": "متداول", "zh": "交易者"},
            "threshold": 0,
            "perks": [perk("recognition", en="Daily market notes", ar="ملاحظات يومية عن الأسواق", zh="每日市场笔记")],
        },
        {
            "key": "active",
            "name": {"en": "Active", "ar": "نشط", "zh": "活跃"},
            "threshold": 3000,
            "keep": 2000,
            "factor": "1.15",
            "perks": [perk("service", en="Answers within one day", ar="ردود خلال يوم واحد", zh="一天内答复")],
        },
        {
            "key": "prime",
            "name": {"en": "Prime", "ar": "مميّز", "zh": "优选"},
            "threshold": 15000,
            "keep": 10000,
            "factor": "1.35",
            "perks": [
                perk("service", en="Priority withdrawals", ar="أولوية في السحب", zh="优先出金"),
                perk("cash", en="Lower overnight charges", ar="رسوم تبييت أقل", zh="更低的隔夜费"),
            ],
        },
        {
            "key": "desk",
            "name": {"en": "Desk", "ar": "المكتب", "zh": "席位"},
            "threshold": 60000,
            "keep": 45000,
            "factor": "1.6",
            "perks": [
                perk("service", en="A contact of your own", ar="مسؤول حساب خاص بك", zh="专属客户经理"),
                perk("cash", en="Withdrawal fees refunded", ar="استرداد رسوم السحب", zh="返还出金手续费"),
            ],
        },
    ],
}


@templates.register
class Cashback:
    """For those whom the law lets be paid for trading."""

    key = "cashback"
    place = 30
    title = _l("Active trader cashback")
    about = _l(
        "Higher rates by group of instruments, highest for professionals, with strict filters and caps. Levels are won "
        "each month. Retail clients under strict laws earn by learning alone."
    )
    icon = "banknote"
    suits = _l("Offshore entities and professional clients")
    pays = True
    rules = RULES
    ladder = LADDER
