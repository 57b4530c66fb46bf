"""The badges that a programme starts with; staff change them like their own.

More than half of them need no trade, so that members of every law have a wall to fill. Points are small, and spendable
only: what trading badges bring is recognition.
"""

from typing import Any

Plain = dict[str, Any]

STARTING: dict[str, Plain] = {
    "journal": {
        "name": {"en": "Journal keeper", "ar": "مدوّن اليوميات", "zh": "坚持记录"},
        "about": {
            "en": "You write down what you planned and what came of it.",
            "ar": "تدوّن ما خطّطت له وما آل إليه.",
            "zh": "把计划和结果都写下来。",
        },
        "icon": "notebook-pen",
        "group": "discipline",
        "criterion": {"kind": "journal_entries"},
        "levels": ["5", "30", "120"],
        "points": [20, 40, 80],
    },
    "planned_rest": {
        "name": {"en": "Planned rest", "ar": "راحة مخطّطة", "zh": "计划休息"},
        "about": {
            "en": "Days without trading, decided beforehand and kept.",
            "ar": "أيام بلا تداول، قرّرتها مسبقًا والتزمت بها.",
            "zh": "提前定下、说到做到的无交易日。",
        },
        "icon": "coffee",
        "group": "discipline",
        "criterion": {"kind": "activities", "settings": {"activity": "rest.kept"}},
        "levels": ["4", "12", "40"],
        "points": [10, 20, 40],
    },
    "steady_weeks": {
        "name": {"en": "Steady weeks", "ar": "أسابيع منتظمة", "zh": "持之以恒"},
        "about": {
            "en": "Weeks of practice in a row. Planned rest counts.",
            "ar": "أسابيع ممارسة متتالية، والراحة المخطّطة محسوبة.",
            "zh": "连续多周坚持练习，计划休息也算。",
        },
        "icon": "flame",
        "group": "discipline",
        "criterion": {"kind": "streak_weeks"},
        "levels": ["4", "13", "26"],
        "points": [20, 40, 80],
    },
    "stop_keeper": {
        "name": {"en": "Stop keeper", "ar": "حارس وقف الخسارة", "zh": "止损在先"},
        "about": {
            "en": "You set a stop-loss before anything can go wrong.",
            "ar": "تضع وقف الخسارة قبل أن يسوء أي شيء.",
            "zh": "先设好止损，再面对行情。",
        },
        "icon": "shield-check",
        "group": "discipline",
        "criterion": {"kind": "stop_loss"},
        "levels": ["20", "50", "100"],
    },
    "inside_limit": {
        "name": {"en": "Inside my limit", "ar": "ضمن حدّي", "zh": "上限之内"},
        "about": {
            "en": "Each of these trades risked no more than you allow yourself.",
            "ar": "لم تخاطر أي من هذه الصفقات بأكثر مما تسمح به لنفسك.",
            "zh": "每一笔的风险都没有超过自己定的上限。",
        },
        "icon": "gauge",
        "group": "discipline",
        "criterion": {"kind": "risk_within_limit"},
        "levels": ["10", "50", "150"],
    },
    "plan_keeper": {
        "name": {"en": "Plan keeper", "ar": "ملتزم بالخطة", "zh": "按计划行事"},
        "about": {
            "en": "You trade as your own plan says.",
            "ar": "تتداول كما تقول خطتك.",
            "zh": "按自己的交易计划交易。",
        },
        "icon": "compass",
        "group": "discipline",
        "criterion": {"kind": "plan_kept"},
        "levels": ["10", "40", "100"],
    },
    "patience": {
        "name": {"en": "Patience", "ar": "الصبر", "zh": "耐心持有"},
        "about": {
            "en": "You hold as long as your plan says.",
            "ar": "تُبقي الصفقة مفتوحة ما دامت خطتك تقول ذلك.",
            "zh": "计划要求持有多久，就持有多久。",
        },
        "icon": "hourglass",
        "group": "discipline",
        "criterion": {"kind": "held_by_plan"},
        "levels": ["10", "40", "100"],
    },
    "process": {
        "name": {"en": "Process", "ar": "المنهج", "zh": "重在过程"},
        "about": {
            "en": "For going step by step: learn, write, review.",
            "ar": "لمن يمضي خطوة خطوة: تعلّم، دوّن، راجع.",
            "zh": "一步一步来：学习、记录、复盘。",
        },
        "icon": "route",
        "group": "discipline",
        "criterion": {"kind": "given"},
        "levels": ["1", "2", "3"],
    },
    "scholar": {
        "name": {"en": "Scholar", "ar": "دارس", "zh": "好学不倦"},
        "about": {
            "en": "You pass lessons, one after the other.",
            "ar": "تجتاز الدروس واحدًا بعد آخر.",
            "zh": "一课接一课地通过。",
        },
        "icon": "graduation-cap",
        "group": "learning",
        "criterion": {"kind": "lessons_passed"},
        "levels": ["2", "5", "8"],
        "points": [20, 40, 80],
    },
    "risk_reader": {
        "name": {"en": "Risk reader", "ar": "قارئ المخاطر", "zh": "读懂风险"},
        "about": {
            "en": "You know what a trade may cost before you open it.",
            "ar": "تعرف ما قد تكلّفه الصفقة قبل فتحها.",
            "zh": "开仓之前，就知道一笔交易可能的代价。",
        },
        "icon": "book-open-check",
        "group": "learning",
        "criterion": {"kind": "lessons_passed", "settings": {"only": ["risk", "stop_loss", "position_size"]}},
        "levels": ["3"],
        "points": [30],
    },
    "practised": {
        "name": {"en": "Practised", "ar": "مواظب", "zh": "勤于练习"},
        "about": {
            "en": "Points from lessons, the journal, planned rest and visits.",
            "ar": "نقاط من الدروس واليوميات والراحة المخطّطة والزيارات.",
            "zh": "来自课程、日志、计划休息和访问的积分。",
        },
        "icon": "sparkles",
        "group": "learning",
        "criterion": {"kind": "points_earned", "settings": {"of": "habits"}},
        "levels": ["100", "500", "2000"],
    },
    "first_steps": {
        "name": {"en": "First steps", "ar": "خطوات أولى", "zh": "第一步"},
        "about": {
            "en": "You began with learning.",
            "ar": "بدأت بالتعلّم.",
            "zh": "从学习开始。",
        },
        "icon": "footprints",
        "group": "learning",
        "criterion": {"kind": "given"},
        "levels": ["1"],
    },
    "quiet_mind": {
        "name": {"en": "Quiet mind", "ar": "ذهن هادئ", "zh": "心静"},
        "about": {
            "en": "You have read what the mind does to a plan.",
            "ar": "قرأت ما تفعله النفس بالخطة.",
            "zh": "读过心态如何左右计划。",
        },
        "icon": "brain",
        "group": "learning",
        "criterion": {"kind": "lessons_passed", "settings": {"only": ["psychology"]}},
        "levels": ["1"],
        "points": [10],
        "hidden": True,
    },
    "first_trade": {
        "name": {"en": "First trade", "ar": "الصفقة الأولى", "zh": "第一笔交易"},
        "about": {
            "en": "The first trade that your broker reported.",
            "ar": "أول صفقة أبلغ عنها وسيطك.",
            "zh": "经纪商上报的第一笔交易。",
        },
        "icon": "circle-play",
        "group": "trading",
        "criterion": {"kind": "first_trade"},
        "levels": ["1"],
    },
    "wide_view": {
        "name": {"en": "Wide view", "ar": "نظرة واسعة", "zh": "视野开阔"},
        "about": {
            "en": "You know more than one market.",
            "ar": "تعرف أكثر من سوق واحد.",
            "zh": "不只了解一个市场。",
        },
        "icon": "binoculars",
        "group": "trading",
        "criterion": {"kind": "instruments"},
        "levels": ["3", "6", "12"],
    },
    "seasoned": {
        "name": {"en": "Seasoned", "ar": "صاحب خبرة", "zh": "久经历练"},
        "about": {
            "en": "Experience, over as long as you like.",
            "ar": "خبرة تتراكم في أي مدة تشاء.",
            "zh": "经验慢慢积累，快慢随意。",
        },
        "icon": "mountain",
        "group": "trading",
        "criterion": {"kind": "lots_traded"},
        "levels": ["10", "100", "500"],
    },
    "ladder": {
        "name": {"en": "On the ladder", "ar": "على السلّم", "zh": "登阶而上"},
        "about": {
            "en": "The level you stand on now. The badge goes when the level goes.",
            "ar": "المستوى الذي أنت عليه الآن. يزول الوسام بزوال المستوى.",
            "zh": "您当前所在的等级。等级下降，徽章随之收回。",
        },
        "icon": "layers",
        "group": "people",
        "criterion": {"kind": "level_reached"},
        "levels": ["1", "2", "3"],
        "temporary": True,
    },
    "regular": {
        "name": {"en": "Regular", "ar": "زائر دائم", "zh": "常来常往"},
        "about": {
            "en": "You come by now and then, and that is enough.",
            "ar": "تمرّ من حين إلى آخر، وهذا يكفي.",
            "zh": "时不时来看看，就够了。",
        },
        "icon": "calendar-check",
        "group": "people",
        "criterion": {"kind": "visits"},
        "levels": ["7", "30", "120"],
        "points": [5, 10, 20],
    },
    "finisher": {
        "name": {"en": "Finisher", "ar": "يُتمّ ما بدأ", "zh": "善始善终"},
        "about": {
            "en": "What you begin, you complete.",
            "ar": "ما تبدؤه تُتمّه.",
            "zh": "开始了，就把它完成。",
        },
        "icon": "target",
        "group": "people",
        "criterion": {"kind": "challenges_completed"},
        "levels": ["1", "5", "15"],
        "points": [10, 20, 40],
    },
    "collector": {
        "name": {"en": "Collector", "ar": "جامع الأوسمة", "zh": "收藏家"},
        "about": {
            "en": "Badges of different kinds.",
            "ar": "أوسمة من أنواع مختلفة.",
            "zh": "不同种类的徽章。",
        },
        "icon": "award",
        "group": "people",
        "criterion": {"kind": "badges_held"},
        "levels": ["3", "8", "15"],
    },
    "year_of_days": {
        "name": {"en": "A year of days", "ar": "عام من الأيام", "zh": "一年相伴"},
        "about": {
            "en": "You have come by on as many days as a year has.",
            "ar": "مررت بنا أيامًا بعدد أيام السنة.",
            "zh": "访问的天数，已满一年。",
        },
        "icon": "sunrise",
        "group": "people",
        "criterion": {"kind": "visits"},
        "levels": ["365"],
        "points": [50],
        "hidden": True,
    },
}

# What counts trades: of use only where the programme rewards these.
OF_TRADING = ("stop_keeper", "inside_limit", "plan_keeper", "patience", "first_trade", "wide_view", "seasoned")


def starting(*, pays: bool, for_trading: bool) -> dict[str, Plain]:
    """The badges of a new programme: without points where it pays none, without trades where it rewards none."""
    return {
        key: plain if pays else {name: value for name, value in plain.items() if name != "points"}
        for key, plain in STARTING.items()
        if for_trading or key not in OF_TRADING
    }
