"""The law packs that every programme starts with: six jurisdictions' facts, each with what it follows from.

Sources: ESMA Decision (EU) 2019/679 and the national rules that carry it on, Article 2 with Annex I (no payment or
non-monetary benefit for the marketing, distribution or sale of CFDs to retail clients, other than realised profits;
information and research tools excepted); FCA Handbook COBS 22.5; ASIC Product Intervention Order (Contracts for
Difference) 2020/986. A broker's own counsel has the last word: packs are data and have revisions.
"""

from typing import Any

EEA = (  # noqa: SIM905 - thirty lines otherwise
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IS IE IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE"  # EU, IS, LI, NO
).split()

STRICT = {
    "trading": "forbid",
    "deposit": "forbid",
    "referral": "recognition",
    "onboarding": "recognition",
    "contest": "recognition",
    "learning": "service_only",
    "habit": "service_only",
    "community": "service_only",
    "service": "service_only",
}
OPEN = dict.fromkeys(STRICT, "allow")
# What the cited rules speak of. Their names stay in English in every language, as they are printed.
PAID = ("trading", "deposit")
NOT_CONFIRMED = {
    "en": "Your country and client category are not confirmed yet",
    "ar": "لم يُؤكَّد بلدك وفئة العميل الخاصة بك بعد",
    "zh": "您的国家/地区和客户类别尚未确认",
}

# The signs that cannot be seen keep the percent sign on the side of its number where it is read from right to left.
WARNING_PERCENT = {
    "en": "CFDs are complex and carry a high risk of losing money quickly because of leverage. "
    "%(loss)s%% of retail accounts lose money with this provider. Points have no cash value.",
    "ar": "عقود الفروقات أدوات معقدة وتنطوي على مخاطر عالية لخسارة الأموال سريعًا بسبب الرافعة المالية. "
    "تخسر \u2066%(loss)s%%\u2069 من حسابات عملاء التجزئة أموالها لدى مقدم الخدمة هذا. لا قيمة نقدية للنقاط.",
    "zh": "差价合约是复杂的金融工具，由于杠杆作用，存在资金快速亏损的高风险。"
    "在本公司，%(loss)s%%的零售客户账户出现亏损。积分没有现金价值。",
}
WARNING = {
    "en": "CFDs are leveraged and you can lose more quickly than you expect. "
    "%(loss)s%% of this provider's accounts lose money. Trade only with what you can afford to lose.",
    "ar": "عقود الفروقات منتجات ذات رافعة مالية، وقد تخسر أسرع مما تتوقع. "
    "تخسر \u2066%(loss)s%%\u2069 من الحسابات لدى مقدم الخدمة هذا. لا تتداول إلا بما يمكنك تحمّل خسارته.",
    "zh": "差价合约带有杠杆，亏损可能比您预期的更快。本公司%(loss)s%%的账户出现亏损。请仅以您能承受损失的资金交易。",
}

PACKS: dict[str, dict[str, Any]] = {
    "eu_retail": {
        "name": {"en": "EU retail", "ar": "عملاء التجزئة في الاتحاد الأوروبي", "zh": "欧盟零售客户"},
        "retail": True,
        "countries": EEA,
        "facts": STRICT,
        "cites": {fact: {"en": "ESMA Decision (EU) 2019/679, Article 2(d)"} for fact in PAID},
        "warning": WARNING_PERCENT,
    },
    "uk_retail": {
        "name": {"en": "UK retail", "ar": "عملاء التجزئة في المملكة المتحدة", "zh": "英国零售客户"},
        "retail": True,
        "countries": ["GB", "GI", "IM", "JE", "GG"],
        "facts": STRICT,
        "cites": {fact: {"en": "FCA Handbook, COBS 22.5.20R"} for fact in PAID},
        "warning": WARNING_PERCENT,
    },
    "au_retail": {
        "name": {"en": "Australia retail", "ar": "عملاء التجزئة في أستراليا", "zh": "澳大利亚零售客户"},
        "retail": True,
        "countries": ["AU"],
        "facts": STRICT,
        "cites": {fact: {"en": "ASIC Instrument 2020/986, section 6"} for fact in PAID},
        "warning": WARNING_PERCENT,
    },
    "professional": {
        "name": {"en": "Professional", "ar": "العملاء المحترفون", "zh": "专业客户"},
        "facts": OPEN,
        "warning": WARNING,
    },
    "offshore": {
        "name": {"en": "International", "ar": "العملاء الدوليون", "zh": "国际客户"},
        "facts": OPEN,
        "warning": WARNING,
    },
    "unknown": {
        "name": {"en": "Not known yet", "ar": "غير معروف بعد", "zh": "尚未确定"},
        "facts": STRICT,
        "cites": dict.fromkeys(PAID, NOT_CONFIRMED),
        "warning": WARNING_PERCENT,
    },
}


def home_pack(country: str) -> str:
    """The pack of a company that is regulated in a country."""
    return next((key for key, pack in PACKS.items() if country in pack.get("countries", ())), "offshore")
