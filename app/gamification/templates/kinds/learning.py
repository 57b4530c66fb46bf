"""Learning first: lessons, journal, surveys and rest; complete under the strictest law."""

from typing import Any

from app.gamification.templates.parts import JOURNAL, LESSONS, REST, SURVEYS, VISITS, YEAR, changed, perk, rated
from app.gamification.templates.registry import templates
from app.lib.i18n import _l

RULES: dict[str, Any] = {
    "distinction": changed(
        LESSONS,
        name={"en": "Lessons with distinction", "ar": "دروس بامتياز", "zh": "优异通过课程"},
        conditions=[[{"field": "score", "op": ">=", "value": "90"}]],
        base={"kind": "fixed", "rate": "100"},
        factors=[{"kind": "tier"}],
        caps=[{"per": "day", "points": 300}],
        group="lessons",
        priority=10,
    ),
    "lessons": rated(LESSONS, "60", factors=[{"kind": "tier"}], group="lessons", priority=20),
    "journal": rated(JOURNAL, "15", caps=[{"per": "day", "points": 15}]),
    "rest": rated(REST, "15", caps=[{"per": "week", "points": 30}]),
    "surveys": SURVEYS,
    "visits": VISITS,
    "partners": {
        "name": {"en": "Books and courses of partners", "ar": "كتب ودورات الشركاء", "zh": "合作伙伴的书籍与课程"},
        "kind": "partner.purchase",
        "base": {"kind": "amount", "rate": "1"},
        "caps": [{"per": "month", "points": 200}],
        "hold_days": 14,
        "expiry": YEAR,
        "qualifying": False,
    },
}

LADDER: dict[str, Any] = {
    "period": {"kind": "rolling", "days": 365},
    "downgrade": "one_level",
    "grace_days": 30,
    "warn_days": 45,
    "levels": [
        {
            "key": "explorer",
            "name": {"en": "Explorer", "ar": "مستكشف", "zh": "探索者"},
            "threshold": 0,
            "perks": [perk("recognition", en="All lessons, free", ar="جميع الدروس مجانًا", zh="全部课程免费")],
        },
        {
            "key": "analyst",
            "name": {"en": "Analyst", "ar": "محلل", "zh": "分析师"},
            "threshold": 500,
            "keep": 400,
            "factor": "1.1",
            "perks": [perk("service", en="Weekly round table", ar="لقاء أسبوعي", zh="每周圆桌")],
        },
        {
            "key": "strategist",
            "name": {"en": "Strategist", "ar": "مخطِّط", "zh": "策略师"},
            "threshold": 2000,
            "keep": 1500,
            "factor": "1.2",
            "perks": [
                perk("service", en="Journal read by an analyst", ar="قراءة يومياتك من محلل", zh="分析师点评日志")
            ],
        },
        {
            "key": "master",
            "name": {"en": "Master", "ar": "خبير", "zh": "大师"},
            "threshold": 6000,
            "keep": 4500,
            "factor": "1.3",
            "perks": [perk("service", en="Invitations to lectures", ar="دعوات إلى محاضرات", zh="受邀参加讲座")],
        },
    ],
}


@templates.register
class Learning:
    """Everything it rewards makes a better trader, and nothing makes a busier one."""

    key = "learning"
    place = 40
    title = _l("Learning first")
    about = _l(
        "Lessons, journal, rest days and surveys earn points for services. Nothing depends on trading, so that every "
        "client earns alike, under the strictest law too."
    )
    icon = "graduation-cap"
    suits = _l("Brokers in the EU, the UK and Australia")
    pays = True
    rules = RULES
    ladder = LADDER
