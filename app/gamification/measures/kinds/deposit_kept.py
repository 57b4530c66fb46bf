"""Money that stays on deposit for a number of days."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

from app.gamification.measures.measure import Counted, Measure, Missed, Progress, Seen, measures
from app.lib.clock import DAY
from app.lib.i18n import Sentence, _l, _n

MOST_MOVES = 400
_WRITTEN = re.compile(r"[A-Z][A-Z0-9]{2,5}")
_LIKE = Sentence(_l("Write the currency in capitals, such as USD."))
_CURRENCY = _l("In %(found)s, needs %(needed)s")
_NO_MONEY = Missed(Sentence(_l("A line of the statement that moves no deposit")))
_TWICE = Missed(Sentence(_l("Deposits count as your broker reports them, not by the statement")))


@measures.register
class DepositKept(Measure):
    """Keep an amount on deposit for a number of days without a break.

    What is counted since the beginning: each deposit as the broker reports it (`deposit.made`), less what a statement
    shows as paid out (a negative `balance` line); a `transfer` counts with its sign, so that one between a member's own
    accounts comes to nothing. Positive `balance` lines are left out: they are the same deposits once more.
    The days are 24 hours each from the moment the sum reaches the amount; a sum that falls below it begins anew.
    """

    key, title, icon, unit = "deposit_kept", _l("Deposit kept"), "piggy-bank", _l("days")
    listens_to = frozenset({"deposit.made", "account.entry"})
    for_badges = False
    keeps_time = True

    @dataclass(frozen=True)
    class Settings:
        target: int = field(default=30, metadata={"label": _l("Days"), "min": 1, "max": 366})
        amount: Decimal = field(
            default=Decimal(100),
            metadata={"label": _l("Amount"), "min": Decimal("0.01"), "max": Decimal(100_000_000), "decimals": 2},
        )
        currency: str = field(
            default="USD",
            metadata={
                "label": _l("Currency"),
                "help": _l("Deposits in another currency do not count."),
                "longest": 6,
            },
        )

    @classmethod
    def flaws(cls, settings: Settings) -> Iterator[tuple[str, Sentence]]:
        yield from super().flaws(settings)
        if not _WRITTEN.fullmatch(settings.currency):
            yield "currency", _LIKE

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        """Whether it moves the deposit; the days themselves are counted by time, so the amount is always 0."""
        facts = seen.facts
        if facts.currency != settings.currency:
            return Missed(Sentence(_CURRENCY, {"found": facts.currency, "needed": settings.currency}))
        if seen.kind == "account.entry":
            if facts.entry not in ("balance", "transfer"):
                return _NO_MONEY
            if facts.entry == "balance" and Decimal(facts.amount) > 0:
                return _TWICE
        return Counted(0) if _cents(facts.amount) else _NO_MONEY

    @classmethod
    def advance(cls, progress: Progress, seen: Seen, settings: Settings) -> Progress:
        if isinstance(cls.count(seen, settings), Missed):
            return progress
        moves = dict(progress.keys)
        at = str(seen.occurred_at)
        moves[at] = moves.get(at, 0) + _cents(seen.facts.amount)
        return Progress(progress.value, _short(moves))

    @classmethod
    def due(cls, progress: Progress, settings: Settings) -> int | None:
        since = _since(progress, settings)
        return None if since is None or progress.value >= settings.target else since + settings.target * DAY

    @classmethod
    def value_at(cls, progress: Progress, settings: Settings, now: int) -> int:
        since = _since(progress, settings)
        if since is None or progress.value >= settings.target:
            return progress.value
        return max(0, min((now - since) // DAY, settings.target))

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n(
            "Keep %(amount)s %(currency)s on deposit for %(days)s day.",
            "Keep %(amount)s %(currency)s on deposit for %(days)s days without a break.",
            "days",
        )
        return Sentence(words, {"amount": settings.amount, "currency": settings.currency, "days": settings.target})


def _cents(amount: str | Decimal) -> int:
    return int(Decimal(amount).scaleb(2).to_integral_value(ROUND_HALF_EVEN))


def _since(progress: Progress, settings: DepositKept.Settings) -> int | None:
    """Since when the amount is there, by every move that is known; None while it is not."""
    total, since, needed = 0, None, _cents(settings.amount)
    for at, cents in sorted((int(at), cents) for at, cents in progress.keys.items()):
        total += cents
        if total < needed:
            since = None
        elif since is None:
            since = at
    return since


def _short(moves: dict[str, int]) -> dict[str, int]:
    """The moves, the oldest drawn together where there are very many."""
    if len(moves) <= MOST_MOVES:
        return moves
    first, second, *_ = sorted(moves, key=int)
    moves[second] += moves.pop(first)
    return moves
