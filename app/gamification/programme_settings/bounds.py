"""The limits of what one person may do alone: drawn tighter at once, loosened only by two people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.gamification.approvals import proposals
from app.gamification.errors.programme import BadLimit
from app.gamification.programme_settings import saving
from app.gamification.programme_settings.limits import Limits
from app.gamification.programme_settings.limits import read as read_limits
from app.lib.amounts import plain

KIND = "programme.limits"
MOST_POINTS = 10_000_000
MOST_MONEY = Decimal(10) ** 12
# From the most careful to the freest: what a statement that a member uploaded is worth before staff have seen it.
TRUST = ("recognition", "review", "trusted")


@dataclass(frozen=True)
class Bounds:
    """Everything that is loosened by two people alone."""

    limits: Limits
    statement_trust: str

    def plain(self) -> dict[str, Any]:
        """As a proposal and the audit log hold it."""
        liability = None if self.limits.liability is None else plain(self.limits.liability)
        kept = {"adjustment": self.limits.adjustment, "adjustment_day": self.limits.adjustment_day}
        return {**kept, "liability": liability, "statement_trust": self.statement_trust}


@dataclass(frozen=True)
class Outcome:
    """What became of a change: what holds now, and the proposal that waits for a second person."""

    tightened: tuple[str, ...]
    proposal_id: int | None


def present() -> Bounds:
    """The bounds in force, inside the open transaction."""
    row = saving.locked()
    return Bounds(read_limits((row.settings or {}).get("limits", {})), row.statement_trust)


def of_plain(plain: Mapping[str, Any]) -> Bounds:
    """The bounds of a stored payload."""
    numbers = {name: plain[name] for name in ("adjustment", "adjustment_day", "liability")}
    return Bounds(read_limits(numbers), plain["statement_trust"])


def change(by: int, wanted: Bounds, *, version: int, now: datetime, note: str = "") -> Outcome:
    """Draw tighter at once what is tighter, and propose what is looser. Inside an open transaction.

    Raises SettingsChanged, BadLimit or NotEntitled.
    """
    _check(wanted)
    saving.hold_version(by, version)
    before = present()
    old, new = before.plain(), wanted.plain()
    looser = tuple(name for name in new if new[name] != old[name] and is_looser(name, old[name], new[name]))
    tighter = tuple(name for name in new if new[name] != old[name] and name not in looser)
    held = of_plain({**old, **{name: new[name] for name in tighter}})
    put(by, held, now=now)
    if not looser:
        return Outcome(tighter, None)
    payload = {"from": held.plain(), "to": new}
    return Outcome(tighter, proposals.propose(by, KIND, None, payload, now=now, note=note))


def put(by: int, bounds: Bounds, *, now: datetime) -> None:
    """Let bounds hold from now on. Inside an open transaction that holds `by`."""
    plain = bounds.plain()
    trust = plain.pop("statement_trust")
    saving.store(by, KIND, {"limits": plain, "statement_trust": trust}, now=now)


def is_looser(name: str, old: Any, new: Any) -> bool:
    """Whether a change lets one person do more alone."""
    if name == "statement_trust":
        return TRUST.index(new) > TRUST.index(old)
    if name == "liability":
        return new is None or (old is not None and Decimal(new) > Decimal(old))
    return bool(new > old)


def _check(wanted: Bounds) -> None:
    numbers = (wanted.limits.adjustment, wanted.limits.adjustment_day)
    if not all(0 <= number <= MOST_POINTS for number in numbers) or numbers[0] > numbers[1]:
        raise BadLimit(most=MOST_POINTS)
    liability = wanted.limits.liability
    if liability is not None and not (liability.is_finite() and 0 <= liability <= MOST_MONEY):
        raise BadLimit(most=MOST_POINTS)
    if wanted.statement_trust not in TRUST:
        raise BadLimit(most=MOST_POINTS)
