"""Recognition only: learning, habits and taking part, counted for life; points that buy nothing."""

from typing import Any

from app.gamification.templates.parts import (
    FOR_EVER,
    JOURNAL,
    LESSONS,
    REST,
    SURVEYS,
    VISITS,
    changed,
    perk,
    rated,
)
from app.gamification.templates.registry import templates
from app.lib.i18n import _l

RULES: dict[str, Any] = {
    "lessons": changed(LESSONS, expiry=FOR_EVER),
    "journal": changed(JOURNAL, expiry=FOR_EVER),
    "rest": changed(REST, expiry=FOR_EVER),
    "surveys": rated(SURVEYS, "20", expiry=FOR_EVER),
    "visits": changed(VISITS, expiry=FOR_EVER),
}

LADDER: dict[str, Any] = {
    "period": {"kind": "lifetime"},
    "downgrade": "never",
    "levels": [
        {
            "key": "newcomer",
            "name": {"en": "Newcomer", "ar": "مبتدئ", "zh": "新手"},
            "threshold": 0,
            "perks": [perk("recognition", en="A place in the programme", ar="مكان في البرنامج", zh="参与计划")],
        },
        {
            "key": "student",
            "name": {"en": "Student", "ar": "متعلّم", "zh": "学员"},
            "threshold": 300,
            "perks": [perk("recognition", en="Your level on your profile", ar="مستواك في ملفك", zh="个人资料显示等级")],
        },
        {
            "key": "practitioner",
            "name": {"en": "Practitioner", "ar": "ممارس", "zh": "实践者"},
            "threshold": 1200,
            "perks": [
                perk("recognition", en="A mark beside your alias", ar="علامة بجانب اسمك المستعار", zh="昵称旁的标识")
            ],
        },
        {
            "key": "mentor",
            "name": {"en": "Mentor", "ar": "مرشد", "zh": "导师"},
            "threshold": 3600,
            "perks": [
                perk(
                    "recognition",
                    en="Named among those who learn most",
                    ar="ذكر اسمك بين الأكثر تعلّمًا",
                    zh="列入学习榜样名单",
                )
            ],
        },
    ],
}


@templates.register
class Recognition:
    """What every law allows, and nothing that could be called a benefit."""

    key = "recognition"
    place = 10
    title = _l("Recognition only")
    about = _l(
        "Lessons, journal and rest days count towards levels that are never lost. Points cost nothing and buy nothing; "
        "trades and deposits earn none."
    )
    icon = "award"
    suits = _l("Retail brokers who want no question from a supervisor")
    pays = False
    rules = RULES
    ladder = LADDER
