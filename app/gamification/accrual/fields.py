"""The fields that conditions compare: what each is called, how it is read from an activity, how a miss is worded."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from app.gamification.activities import CUSTOM, DEPOSIT, LESSON, PURCHASE, TRADE, Trade
from app.gamification.instruments import instrument
from app.lib.i18n import _l

Value = Decimal | str | bool


@dataclass(frozen=True)
class Field:
    """One comparable fact of an activity.

    `selects` marks fields that say what a rule is about (its symbols), not how well it was done: a miss on them is
    the last to be told.
    """

    key: str
    label: str
    type: Literal["number", "text", "flag"]
    kinds: frozenset[int]
    read: Callable[[Any], Value]
    missed: str  # named places: value, needed
    met: str
    unit: str = ""
    selects: bool = False


def _seconds_open(trade: Trade) -> Decimal:
    return Decimal(trade.closed_at - trade.opened_at) / 1000


def pips_moved(trade: Trade) -> Decimal:
    """How far price went between opening and closing, in pips, whichever way."""
    distance = abs(Decimal(trade.close_price) - Decimal(trade.open_price))
    return distance / instrument(trade.symbol).pip


_TRADE = frozenset({TRADE})

FIELDS = {
    field.key: field
    for field in (
        Field(
            "seconds_open",
            _l("Seconds open"),
            "number",
            _TRADE,
            _seconds_open,
            _l("Open %(value)s s, needs %(needed)s s"),
            _l("Open at least %(needed)s s"),
            "s",
        ),
        Field(
            "pips_moved",
            _l("Pips moved"),
            "number",
            _TRADE,
            pips_moved,
            _l("Moved %(value)s pips, needs %(needed)s"),
            _l("Moved at least %(needed)s pips"),
        ),
        Field(
            "lots",
            _l("Lots"),
            "number",
            _TRADE,
            lambda trade: Decimal(trade.lots),
            _l("%(value)s lots, needs %(needed)s"),
            _l("At least %(needed)s lots"),
        ),
        Field(
            "bonus_funds",
            _l("On bonus funds"),
            "flag",
            _TRADE,
            lambda trade: bool(trade.bonus_funds),
            _l("Traded on bonus funds"),
            _l("Not on bonus funds"),
        ),
        Field(
            "has_stop_loss",
            _l("With a stop-loss"),
            "flag",
            _TRADE,
            lambda trade: trade.stop_loss is not None,
            _l("No stop-loss was set"),
            _l("With a stop-loss"),
        ),
        Field(
            "symbol",
            _l("Symbol"),
            "text",
            _TRADE,
            lambda trade: instrument(trade.symbol).symbol,
            _l("%(value)s is not among the rule's symbols"),
            _l("One of the rule's symbols"),
            selects=True,
        ),
        Field(
            "group",
            _l("Instrument group"),
            "text",
            _TRADE,
            lambda trade: instrument(trade.symbol).group,
            _l("The rule is about other instruments"),
            _l("One of the rule's instruments"),
            selects=True,
        ),
        Field(
            "name",
            _l("Name of the activity"),
            "text",
            frozenset({CUSTOM}),
            lambda own: own.name,
            _l("The rule is about another activity"),
            _l("The rule's activity"),
            selects=True,
        ),
        Field(
            "amount",
            _l("Amount"),
            "number",
            frozenset({DEPOSIT, PURCHASE, CUSTOM}),
            lambda facts: Decimal(facts.amount or 0),
            _l("The amount is %(value)s, the rule needs %(needed)s"),
            _l("An amount of at least %(needed)s"),
        ),
        Field(
            "score",
            _l("Score"),
            "number",
            frozenset({LESSON}),
            lambda lesson: Decimal(lesson.score or 0),
            _l("Score %(value)s, needs %(needed)s"),
            _l("Score of at least %(needed)s"),
        ),
    )
}
