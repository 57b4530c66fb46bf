"""The challenges that a programme starts with; staff change them like their own."""

from typing import Any

Plain = dict[str, Any]

# Each is good for somebody: the first five for members of every law, the others where trading may be rewarded.
STARTING: dict[str, Plain] = {
    "first_lessons": {
        "name": {"en": "Three first lessons", "ar": "ثلاثة دروس أولى", "zh": "最初三课"},
        "about": {
            "en": "Start with what a CFD is, what it costs and how much one trade should risk.",
            "ar": "ابدأ بماهية عقود الفروقات وتكلفتها ومقدار ما ينبغي أن تخاطر به صفقة واحدة.",
            "zh": "先弄懂差价合约是什么、成本几何，以及一笔交易该冒多大风险。",
        },
        "icon": "graduation-cap",
        "steps": [{"kind": "lessons_passed", "settings": {"target": 3}}],
        "reward": {"points": 60, "badge": "first_steps"},
    },
    "week_of_practice": {
        "name": {"en": "Plan, write, review", "ar": "خطّط، دوّن، راجع", "zh": "计划、记录、复盘"},
        "about": {
            "en": "Learn how much to risk, write about it on three days, then read what the mind does to a plan.",
            "ar": "تعلّم مقدار المخاطرة، واكتب عنه في ثلاثة أيام، ثم اقرأ ما تفعله النفس بالخطة.",
            "zh": "先学会该冒多大风险，再写三天日志，最后读一读心态如何影响计划。",
        },
        "icon": "route",
        "steps": [
            {
                "kind": "lessons_passed",
                "settings": {"target": 1, "only": ["position_size"]},
                "name": {
                    "en": "Pass the lesson “Position size”",
                    "ar": "اجتز درس «حجم الصفقة»",
                    "zh": "通过《仓位大小》一课",
                },
            },
            {"kind": "journal_entries", "settings": {"target": 3}, "after": [0]},
            {
                "kind": "lessons_passed",
                "settings": {"target": 1, "only": ["psychology"]},
                "name": {
                    "en": "Pass the lesson “Psychology”",
                    "ar": "اجتز درس «علم النفس في التداول»",
                    "zh": "通过《交易心理》一课",
                },
                "after": [1],
            },
        ],
        "window": {"kind": "personal", "days": 30},
        "reward": {"points": 150, "badge": "process"},
    },
    "journal_week": {
        "name": {"en": "Five days in the journal", "ar": "خمسة أيام في اليوميات", "zh": "五天日志"},
        "about": {
            "en": "A few lines a day are enough: what you planned, what happened, what you keep.",
            "ar": "تكفي بضعة أسطر في اليوم: ما خطّطت له، وما حدث، وما ستحتفظ به.",
            "zh": "每天几行就够：原来怎么计划、实际发生了什么、今后保留什么。",
        },
        "icon": "notebook-pen",
        "steps": [{"kind": "journal_entries", "settings": {"target": 5}}],
        "window": {"kind": "personal", "days": 10},
        "recurrence": "completion",
        "reward": {"points": 50},
    },
    "every_lesson": {
        "name": {"en": "The whole course", "ar": "الدورة كاملة", "zh": "完整课程"},
        "about": {
            "en": "Eight lessons of about five minutes. Take them in any order and at any pace.",
            "ar": "ثمانية دروس، نحو خمس دقائق لكل منها. خذها بأي ترتيب وبأي وتيرة.",
            "zh": "共八课，每课约五分钟。顺序随意，快慢随意。",
        },
        "icon": "book-open-check",
        "steps": [{"kind": "lessons_passed", "settings": {"target": 8}}],
        "reward": {"points": 200, "badge": "process", "badge_level": 2},
    },
    "come_by": {
        "name": {"en": "Ten days of looking in", "ar": "عشرة أيام من المتابعة", "zh": "十天打卡"},
        "about": {
            "en": "Look in on ten days within a month. No trade is needed.",
            "ar": "ألقِ نظرة في عشرة أيام خلال شهر. لا حاجة إلى أي صفقة.",
            "zh": "一个月里有十天来看看，无需交易。",
        },
        "icon": "calendar-check",
        "steps": [{"kind": "visits", "settings": {"target": 10}}],
        "window": {"kind": "personal", "days": 30},
        "recurrence": "end",
        "reward": {"points": 40},
    },
    "stop_row": {
        "name": {"en": "Ten stops in a row", "ar": "عشرة أوامر وقف متتالية", "zh": "连续十次设止损"},
        "about": {
            "en": "Close ten trades that had a stop. One without starts the row again.",
            "ar": "أغلق عشر صفقات وُضع لها أمر وقف. صفقة واحدة بلا وقف تعيد العدّ من البداية.",
            "zh": "平仓十笔设有止损的交易。少设一次，就重新数起。",
        },
        "icon": "shield-check",
        "steps": [{"kind": "stop_loss_row", "settings": {"target": 10}}],
        "window": {"kind": "personal", "days": 30},
        "reward": {"points": 200},
    },
    "own_limit": {
        "name": {"en": "Inside your own limit", "ar": "ضمن حدّك أنت", "zh": "守住自己的上限"},
        "about": {
            "en": "Set what one trade may cost you, then close ten trades that risk no more.",
            "ar": "حدّد ما يجوز أن تكلّفك إياه صفقة واحدة، ثم أغلق عشر صفقات لا تخاطر بأكثر منه.",
            "zh": "先定下一笔交易最多亏多少，再平仓十笔风险不超过它的交易。",
        },
        "icon": "gauge",
        "steps": [{"kind": "risk_within_limit", "settings": {"target": 10}}],
        "window": {"kind": "personal", "days": 45},
        "reward": {"points": 250, "keep_days": 14},
    },
    "plan_kept": {
        "name": {"en": "By your own plan", "ar": "وفق خطتك أنت", "zh": "按自己的计划"},
        "about": {
            "en": "Write your rules down. Eight trades that keep them complete this.",
            "ar": "دوّن قواعدك. ثماني صفقات تلتزم بها تُتمّ هذا التحدي.",
            "zh": "写下自己的规则，八笔遵守规则的交易即可完成。",
        },
        "icon": "list-todo",
        "steps": [{"kind": "plan_kept", "settings": {"target": 8}}],
        "window": {"kind": "personal", "days": 45},
        "reward": {"points": 250, "badge": "process", "badge_level": 3},
    },
    "five_instruments": {
        "name": {"en": "Five instruments", "ar": "خمس أدوات", "zh": "五个品种"},
        "about": {
            "en": "Do not depend on one market: close trades in five different ones.",
            "ar": "لا تعتمد على سوق واحد: أغلق صفقات في خمسة أسواق مختلفة.",
            "zh": "不把一切系于一个市场：在五个不同品种上各有平仓。",
        },
        "icon": "waypoints",
        "steps": [{"kind": "instruments", "settings": {"target": 5}}],
        "window": {"kind": "personal", "days": 30},
        "reward": {"points": 150},
    },
    "deposit_kept": {
        "name": {"en": "A month of patience", "ar": "شهر من الصبر", "zh": "耐心一个月"},
        "about": {
            "en": "Keep a deposit of 500 in the account for 30 days. Nothing has to be traded.",
            "ar": "أبقِ إيداعًا قدره 500 في الحساب مدة 30 يومًا. لا يلزم التداول بشيء.",
            "zh": "把 500 的入金在账户中保留 30 天，不需要交易。",
        },
        "icon": "piggy-bank",
        "steps": [{"kind": "deposit_kept", "settings": {"target": 30, "amount": "500", "currency": "USD"}}],
        "window": {"kind": "personal", "days": 60},
        "reward": {"points": 200},
    },
}

# What counts trades or deposits: of use only where the programme pays for these.
OF_TRADING = ("stop_row", "own_limit", "plan_kept", "five_instruments", "deposit_kept")


def starting(*, pays: bool, for_trading: bool, currency: str) -> dict[str, Plain]:
    """The challenges of a new programme: without points where it pays none, without trades where it rewards none."""
    found = {}
    for key, plain in STARTING.items():
        if key in OF_TRADING and not for_trading:
            continue
        reward = (
            plain["reward"] if pays else {name: value for name, value in plain["reward"].items() if name != "points"}
        )
        steps = [
            {**step, "settings": {**step["settings"], "currency": currency}} if "currency" in step["settings"] else step
            for step in plain["steps"]
        ]
        found[key] = {**plain, "reward": reward, "steps": steps}
    return found
