"""Rules as anybody might write them, for tests that walk all kinds of them."""

from typing import Any

from hypothesis import strategies as st

from app.gamification.accrual.bases import bases, load
from app.gamification.accrual.definition import Definition, read_definition
from app.gamification.accrual.fields import FIELDS
from app.gamification.activities import CUSTOM, KINDS, TRADE
from app.gamification.instruments import GROUPS
from app.routes.admin.rules.filled import MODES, PERIODS, STRATEGIES
from app.routes.admin.rules.rows import OPS

load()
NUMBERS = st.from_regex(r"[0-9]{1,9}(\.[0-9]{1,6})?", fullmatch=True)
NAMES = st.text("abc ABC'&<>\"é", min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
TEXTS = st.dictionaries(st.sampled_from(["en", "ar", "zh"]), NAMES, min_size=1)
SYMBOLS = st.sampled_from(["EURUSD", "XAUUSD", "US30", "BTCUSD", "AAPL"])
VALUES = {
    "group": st.sampled_from(list(GROUPS)),
    "symbol": SYMBOLS,
    "name": st.sampled_from(["round-table", "webinar.q3"]),
}


@st.composite
def conditions(draw: Any, code: int) -> dict[str, Any]:
    field = FIELDS[draw(st.sampled_from([key for key, one in FIELDS.items() if code in one.kinds]))]
    op = draw(st.sampled_from(OPS[field.type]))
    if field.type == "flag":
        return {"field": field.key, "op": op, "value": draw(st.booleans())}
    value = VALUES.get(field.key, NUMBERS)
    several = st.lists(value, min_size=1, max_size=4, unique=True)
    if field.key == "group":
        # Boxes to tick have an order of their own.
        several = several.map(lambda found: [one for one in GROUPS if one in found])
    return {"field": field.key, "op": op, "value": draw(several if op in ("in", "not in") else value)}


@st.composite
def definitions(draw: Any) -> Definition:
    kind = draw(st.sampled_from([one for one in KINDS if one.earns]))
    has_fields = any(kind.code in field.kinds for field in FIELDS.values())
    groups = (
        st.lists(st.lists(conditions(kind.code), min_size=1, max_size=4), max_size=3) if has_fields else st.just([])
    )
    mode = draw(st.sampled_from(MODES))
    fixed = draw(st.lists(st.fixed_dictionaries({"factor": NUMBERS, "name": TEXTS | st.just({})}), max_size=3))
    periods = draw(st.lists(st.sampled_from(PERIODS), unique=True, max_size=4))
    return read_definition(
        {
            "name": draw(TEXTS),
            "kind": "custom.round-table" if kind.code == CUSTOM else kind.key,
            "base": {
                "kind": draw(
                    st.sampled_from([one.key for one in bases.all() if one.kinds is None or kind.code in one.kinds])
                ),
                "rate": draw(NUMBERS),
                "groups": draw(st.dictionaries(st.sampled_from(list(GROUPS)), NUMBERS, max_size=3))
                if kind.code == TRADE
                else {},
                "symbols": draw(st.dictionaries(SYMBOLS, NUMBERS, max_size=3)) if kind.code == TRADE else {},
            },
            "conditions": draw(groups),
            "factors": [
                *([{"kind": "tier"}] if draw(st.booleans()) else []),
                *({"kind": "fixed", **one} for one in fixed),
            ],
            "strategy": draw(st.sampled_from(STRATEGIES)),
            "caps": [{"per": per, "points": draw(st.integers(1, 10**12))} for per in PERIODS if per in periods],
            "hold_days": draw(st.integers(0, 365)),
            "expiry": {"mode": mode, "n": draw(st.integers(1 if mode == "inactivity" else 0, 3650))},
            "audience": {
                "levels": draw(st.lists(st.sampled_from(["bronze", "gold", "diamond"]), unique=True).map(sorted)),
                "countries": draw(st.lists(st.sampled_from(["AE", "CY", "CN"]), unique=True)),
                "classes": draw(st.lists(st.integers(0, 3), unique=True).map(sorted)),
            },
            "group": draw(NAMES | st.just("")),
            "priority": draw(st.integers(0, 9999)),
            "qualifying": draw(st.booleans()),
        }
    )
