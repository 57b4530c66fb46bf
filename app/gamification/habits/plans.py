"""A member's own trading plan: written in rules that can be checked; a new one judges what is opened from then on."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from app.gamification.activities import Symbol
from app.gamification.errors.habits import (
    BadHold,
    BadPlanLots,
    BadPlanSymbol,
    EmptyPlan,
    HalfHours,
    TooManyPlanSymbols,
)
from app.gamification.habits.own import Plan
from app.gamification.habits.versions import Versions
from app.gamification.instruments import instrument
from app.lib.amounts import plain
from app.lib.i18n import Sentence, _l, _n
from app.lib.texts import cleaned
from app.models.habits import TradingPlan

MOST_SYMBOLS = 30
MOST_LOTS = Decimal(10_000)
MOST_MINUTES = 30 * 24 * 60
_BETWEEN = re.compile(r"[,;；،，、\s]+")
_LONGEST_SHOWN = 32

_PLANS = Versions(TradingPlan)


def sound(
    *,
    symbols: str,
    opens: time | None,
    closes: time | None,
    zone: str,
    max_lots: Decimal | None,
    needs_stop: bool,
    hold_minutes: int,
) -> Plan:
    """The plan that a form describes; what is empty is not asked for.

    Raises EmptyPlan, BadPlanSymbol, TooManyPlanSymbols, HalfHours, BadPlanLots, BadHold.
    """
    names = symbols_in(symbols)
    if (opens is None) != (closes is None) or (opens is not None and opens == closes):
        raise HalfHours()
    if max_lots is not None and not (max_lots.is_finite() and 0 < max_lots <= MOST_LOTS):
        raise BadPlanLots(most=MOST_LOTS)
    if not 0 <= hold_minutes <= MOST_MINUTES:
        raise BadHold(most=MOST_MINUTES)
    lots = "" if max_lots is None else plain(max_lots)
    written = Plan(names, opens, closes, zone, lots, needs_stop, hold_minutes)
    if not any((names, opens, lots, needs_stop, hold_minutes)):
        raise EmptyPlan()
    return written


def symbols_in(written: str) -> tuple[str, ...]:
    """Symbols out of what was typed, each once, by their plain names: EURUSD for eurusd and EURUSD.pro.

    Raises BadPlanSymbol, TooManyPlanSymbols.
    """
    names: dict[str, None] = {}
    for word in _BETWEEN.split(cleaned(written, "")):
        if not word:
            continue
        try:
            symbol = msgspec.convert(word, Symbol)
        except msgspec.ValidationError:
            raise BadPlanSymbol(symbol=word[:_LONGEST_SHOWN]) from None
        names[_plain_name(symbol)] = None
        if len(names) > MOST_SYMBOLS:
            raise TooManyPlanSymbols(most=MOST_SYMBOLS)
    return tuple(names)


def _plain_name(symbol: str) -> str:
    found = instrument(symbol)
    return found.symbol if found.group != "shares" else instrument(symbol.upper()).symbol


def write(member_id: int, plan: Plan, *, now: datetime) -> bool:
    """Let a plan stand from now on; whether it is another than before. Inside an open transaction.

    Raises MemberNotFound, ChangedTooOften.
    """
    return _PLANS.put(member_id, {"rules": msgspec.to_builtins(plan) | {"symbols": list(plan.symbols)}}, now=now)


def end(member_id: int, *, now: datetime) -> bool:
    """Let no plan stand any more; whether there was one. Inside an open transaction; raises MemberNotFound."""
    return _PLANS.put(member_id, {"rules": {}}, now=now, ends=True)


def in_words(plan: Plan) -> Iterator[Sentence]:
    """What is checked of each trade, rule by rule."""
    if plan.symbols:
        yield Sentence(_l("Only %(symbols)s"), {"symbols": ", ".join(plan.symbols)})
    if plan.opens is not None and plan.closes is not None:
        values = {"from": f"{plan.opens:%H:%M}", "until": f"{plan.closes:%H:%M}", "zone": plan.zone}
        over = plan.closes < plan.opens
        words = (
            _l("Opened between %(from)s and %(until)s of the next day, %(zone)s")
            if over
            else _l("Opened between %(from)s and %(until)s, %(zone)s")
        )
        yield Sentence(words, values)
    if plan.max_lots:
        yield Sentence(_l("At most %(lots)s lots a trade"), {"lots": Decimal(plan.max_lots)})
    if plan.needs_stop:
        yield Sentence(_l("With a stop-loss"))
    if plan.hold_minutes:
        words = _n("Held for at least %(minutes)s minute", "Held for at least %(minutes)s minutes", "minutes")
        yield Sentence(words, {"minutes": plan.hold_minutes})


def read(rules: Mapping[str, Any]) -> Plan | None:
    """A stored plan; None where the row ends one."""
    return msgspec.convert(rules, Plan) if rules else None
