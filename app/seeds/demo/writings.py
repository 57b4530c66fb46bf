"""What the cast wrote in their journals: by language, (body, mood, what to keep or change)."""

Writing = tuple[str, int, str]

WRITINGS: dict[str, tuple[Writing, ...]] = {
    "en": (
        (
            "Waited for the London open and took the one setup I had written down last night. Stop behind the low of "
            "the morning, half the usual size because of the news at two. Closed it by hand before the numbers.",
            4,
            "Writing the plan the evening before.",
        ),
        (
            "Two small losses before noon. Both had their stop, both were in the plan, so there is nothing to repair. "
            "I noticed that I wanted to make it back and closed the platform instead.",
            3,
            "Leave the desk after the second loss.",
        ),
        (
            "Gold ran without me. I had the level, but my limit order was two dollars too low. Felt a bit of envy, "
            "then remembered that a missed trade costs nothing.",
            3,
            "",
        ),
        (
            "Read the lesson on position size again. My risk had crept up to almost two per cent without my noticing. "
            "Set my own limit back to 120 and will keep it for a month.",
            4,
            "Check the size before the entry, not after.",
        ),
        (
            "A quiet day by design. Went through last week's trades: the ones I held for as long as planned did better "
            "than the ones I closed out of boredom.",
            5,
            "Rest days are good for reading.",
        ),
        (
            "Moved my stop once because the price was close. It was hit anyway, a little later and a little dearer. "
            "That is the third time this month.",
            2,
            "A stop is moved towards profit, never away from it.",
        ),
        (
            "Spread was wide in the first minutes after midnight, so the cost was half of what the trade could earn. "
            "Nothing wrong with the idea, only with the hour.",
            3,
            "No entries between 23:00 and 01:00.",
        ),
    ),
    "ar": (
        (
            "انتظرت افتتاح لندن ودخلت الصفقة الوحيدة التي كتبتها مساء أمس. وضعت الوقف تحت قاع الصباح وبنصف الحجم المعتاد "
            "بسبب الأخبار.",
            4,
            "كتابة الخطة في المساء السابق.",
        ),
        (
            "خسارتان صغيرتان قبل الظهر، وكلتاهما ضمن الخطة وبوقف خسارة. لاحظت أنني أريد التعويض فأغلقت المنصة.",
            3,
            "أترك المكتب بعد الخسارة الثانية.",
        ),
        (
            "تحرّك الذهب من دوني. كان المستوى صحيحًا لكن الأمر المعلّق كان أدنى بدولارين. الصفقة الفائتة لا تكلّف شيئًا.",
            3,
            "",
        ),
        (
            "أعدت قراءة درس حجم الصفقة. كانت مخاطرتي قد ارتفعت دون أن أنتبه. أعدت حدّي إلى ما كان عليه.",
            4,
            "أتحقق من الحجم قبل الدخول لا بعده.",
        ),
        (
            "يوم هادئ عن قصد. راجعت صفقات الأسبوع الماضي: ما احتفظت به للمدة المخططة كان أفضل مما أغلقته من الملل.",
            5,
            "أيام الراحة جيدة للقراءة.",
        ),
    ),
    "zh": (
        ("等到伦敦开盘，只做了昨晚写下的那一笔。止损放在早盘低点下方，因为两点有数据，仓位减半。数据公布前手动平仓。", 4, "前一晚写好计划。"),
        ("中午前两笔小亏，都设了止损，也都在计划内，没什么要补救的。发现自己想把钱赚回来，就关掉了平台。", 3, "第二笔亏损后离开桌子。"),
        ("黄金没带上我就走了。点位看对了，限价单低了两美元。有点羡慕，但错过的交易不花钱。", 3, ""),
        ("重读了仓位大小那一课。风险不知不觉已接近百分之二。把自己的上限调回去，坚持一个月。", 4, "进场之前检查仓位，而不是之后。"),
        ("有意安静的一天。回看上周的交易：按计划持有的，比因为无聊而平掉的要好。", 5, "休息日适合读书。"),
    ),
}  # fmt: skip
