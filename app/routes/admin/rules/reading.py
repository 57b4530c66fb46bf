"""Reading a rule's form: the definition that follows from it, or what is wrong, each at its place."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from app.gamification.accrual.definition import LAST_PRIORITY, NUMBER, examine
from app.gamification.accrual.publishing.written import Written
from app.gamification.accrual.telling.whom import Run
from app.gamification.errors.rules import BadRule
from app.lib.i18n import Sentence, _l
from app.routes.admin.fields import EARLIEST, LATEST, NO_DATE
from app.routes.admin.rules.filled import Filled
from app.routes.admin.rules.rows import RateRow

MOST_POINTS = 10**12
NUMBER_TYPED = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_WHOLE = re.compile(r"[0-9]{1,15}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLACES = {"name": "name_en", "hold_days": "hold", "expiry": "n"}


class Reading(NamedTuple):
    """What the form says; None with what is wrong, by the name of the slot it is shown in."""

    written: Written | None
    errors: Mapping[str, Sentence]


def read(filled: Filled) -> Reading:
    """The rule that follows, or what is wrong with it, place by place."""
    return _Reader(filled).read()


def day_in(text: str) -> date | None:
    """The date that was typed; None for none, and for what is none."""
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
    return day if day is not None and EARLIEST <= day <= LATEST else None


class _Reader:
    """One reading of one form."""

    def __init__(self, filled: Filled) -> None:
        self.filled, self.errors = filled, dict[str, Sentence]()

    def read(self) -> Reading:
        filled = self.filled
        definition, flaws = examine(self._plain())
        for flaw in flaws:
            self.errors.setdefault(self._slot(flaw), flaw.sentence)
        run = Run(self._day("starts", filled.starts), self._day("ends", filled.ends))
        # What was added a moment ago is empty, but nobody has done anything wrong yet.
        self.errors |= {slot: Sentence("") for slot in filled.fresh & self.errors.keys()}
        if definition is None or self.errors:
            return Reading(None, self.errors)
        return Reading(Written(definition, run), {})

    def _plain(self) -> dict[str, Any]:
        filled = self.filled
        return {
            "name": {code: text for code, text in filled.name.items() if text},
            "kind": filled.kind,
            "base": {
                "kind": filled.base,
                "rate": self._number("rate", filled.rate),
                "groups": self._rates("g", filled.group_rates),
                "symbols": self._rates("s", filled.symbol_rates),
            },
            "conditions": [[row.plain() for row in group] for group in filled.groups if group],
            "factors": self._factors(),
            "strategy": filled.strategy,
            "caps": [
                {"per": per, "points": self._whole(f"cap_{per}", text, 1, MOST_POINTS)}
                for per, text in filled.caps.items()
                if text
            ],
            "hold_days": self._whole("hold", filled.hold or "0", 0, 365),
            "expiry": {"mode": filled.mode, "n": self._whole("n", filled.n or "0", 0, 3650)},
            "audience": {
                "levels": filled.levels,
                "countries": filled.countries,
                "classes": [int(one) if re.fullmatch("[0-9]", one) else -1 for one in filled.classes],
            },
            "group": filled.group,
            "priority": self._whole("priority", filled.priority or "100", 0, LAST_PRIORITY),
            "qualifying": filled.qualifying,
        }

    def _factors(self) -> list[dict[str, Any]]:
        fixed = [
            {
                "kind": "fixed",
                "factor": self._number(f"f-{number}", row.factor),
                "name": {code: text for code, text in row.name.items() if text},
            }
            for number, row in enumerate(self.filled.factors)
            if not row.is_blank
        ]
        return [{"kind": "tier"}, *fixed] if self.filled.tier else fixed

    def _number(self, slot: str, text: str) -> str:
        if NUMBER_TYPED.fullmatch(text):
            return text
        self.errors[slot] = Sentence(NUMBER)
        return "0"

    def _whole(self, slot: str, text: str, low: int, high: int) -> int:
        if _WHOLE.fullmatch(text) and low <= int(text) <= high:
            return int(text)
        self.errors[slot] = Sentence(_l("Write a whole number from %(low)s to %(high)s."), {"low": low, "high": high})
        return low

    def _rates(self, letter: str, rows: list[RateRow]) -> dict[str, str]:
        rates: dict[str, str] = {}
        for number, row in enumerate(rows):
            slot = f"{letter}-{number}"
            if row.is_blank:
                continue
            if not row.of:
                self.errors[slot] = Sentence(_l("Name the instrument."))
            elif row.of in rates:
                self.errors[slot] = Sentence(_l("%(name)s has a rate of its own already."), {"name": row.of})
            else:
                rates[row.of] = self._number(slot, row.rate)
        return rates

    def _day(self, slot: str, text: str) -> date | None:
        day = day_in(text)
        if text and day is None:
            self.errors[slot] = Sentence(NO_DATE)
        return day

    def _slot(self, flaw: BadRule) -> str:
        """Where a flaw is shown: at its row, else at its field, else above the form."""
        first: Any
        rest: list[Any]
        first, *rest = [*flaw.place, ""]
        if first == "conditions" and len(rest) > 2:
            return f"c-{rest[0]}-{rest[1]}"
        if first == "base" and rest[0] in ("groups", "symbols"):
            return self._slot_of_rate(str(rest[0]), str(rest[1]))
        if first == "factors" and isinstance(rest[0], int):
            return f"f-{max(0, rest[0] - self.filled.tier)}"
        if first == "audience" and rest[0] == "countries":
            return "countries"
        slot = ("base" if rest[0] == "kind" else "rate") if first == "base" else _PLACES.get(str(first), str(first))
        return slot if slot in self.filled.slots() else "form"

    def _slot_of_rate(self, place: str, name: str) -> str:
        letter = place[0]
        rows = self.filled.group_rates if letter == "g" else self.filled.symbol_rates
        return f"{letter}-{next((number for number, row in enumerate(rows) if row.of == name), 0)}"
