"""What the demo's lessons, surveys, partners, ways to deposit and own activities are called."""

from datetime import datetime

from sqlalchemy import insert

from app.gamification import programme
from app.gamification.audit import log
from app.models.activity import BrokerTerm
from app.models.base import connection

# key → English, Arabic, Chinese
NAMES: dict[str, dict[str, tuple[str, str, str]]] = {
    "lesson": {
        "orders-and-fills": ("Orders and fills", "الأوامر وتنفيذها", "订单与成交"),
        "reading-a-spread": ("Reading a spread", "قراءة فرق السعر", "读懂点差"),
        "gaps-and-weekends": ("Gaps and weekends", "الفجوات وعطلات نهاية الأسبوع", "跳空与周末"),
        "the-economic-calendar": ("The economic calendar", "التقويم الاقتصادي", "财经日历"),
        "gold-and-the-dollar": ("Gold and the dollar", "الذهب والدولار", "黄金与美元"),
        "losing-streaks": ("Losing streaks", "سلاسل الخسائر", "连续亏损"),
        "a-plan-on-one-page": ("A plan on one page", "خطة في صفحة واحدة", "一页纸交易计划"),
        "when-not-to-trade": ("When not to trade", "متى لا تتداول", "何时不该交易"),
    },
    "survey": {
        "platform-experience": ("Your experience of the platform", "تجربتك مع المنصة", "平台使用体验"),
        "topics-for-lessons": ("Topics for lessons", "مواضيع الدروس", "课程主题"),
        "support-quality": ("Quality of our support", "جودة خدمة الدعم", "客服质量"),
        "app-on-the-phone": ("The app on your phone", "التطبيق على هاتفك", "手机应用"),
    },
    "partner": {
        "cedar-coffee": ("Cedar Coffee", "قهوة الأرز", "雪松咖啡"),
        "north-books": ("North Books", "مكتبة الشمال", "北方书店"),
        "kite-travel": ("Kite Travel", "كايت للسفر", "风筝旅行"),
    },
    "method": {
        "card": ("Card", "بطاقة", "银行卡"),
        "bank-transfer": ("Bank transfer", "حوالة مصرفية", "银行转账"),
        "wallet": ("Electronic wallet", "محفظة إلكترونية", "电子钱包"),
    },
    "custom": {
        "round-table": ("Analyst round table", "لقاء مع المحللين", "分析师圆桌"),
    },
}


def name_keys(now: datetime) -> None:
    """Name them all, as the console would. Inside an open transaction, before anything is scored."""
    values = [
        {"kind": kind, "key": key, "name": dict(zip(("en", "ar", "zh"), texts, strict=True))}
        for kind, names in NAMES.items()
        for key, texts in names.items()
    ]
    add = insert(BrokerTerm).returning(BrokerTerm.id, sort_by_parameter_order=True)
    ids = connection().execute(add, values).scalars().all()
    acts = [log.Act("term.create", "term", term_id, None, one) for term_id, one in zip(ids, values, strict=True)]
    programme.touch(connection())
    log.record_all(None, acts, now=now)
