"""What a member said about a file: answers to what it leaves open, and the clock that it is written by."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from app.gamification.errors.statements import BadFileCurrency, BadFileName, BadFileServer, UnknownAnswer
from app.gamification.statements.clock import NEW_YORK_CLOSE, server_clock
from app.gamification.trading_accounts.names import LONGEST, is_name
from app.lib.texts import cleaned
from app.platforms.hints import NOTHING_TOLD, Hints

LONGEST_FILE_NAME = 120
MARKS, DATES = ("point", "comma"), ("day_first", "month_first")
_CURRENCY = re.compile(r"[A-Z]{3}")
_HINTS = tuple(field.name for field in fields(Hints))


@dataclass(frozen=True, slots=True)
class Told:
    """The hints for reading the file; `clock` is the broker's server's: new-york+7 or an IANA zone."""

    hints: Hints = NOTHING_TOLD
    clock: str = NEW_YORK_CLOSE

    def as_json(self) -> dict[str, Any]:
        """As `StatementImport.told` keeps it: what was said, and nothing where nothing was."""
        said = {name: value for name in _HINTS if (value := getattr(self.hints, name)) is not None}
        return {**said, "clock": self.clock}


NOTHING = Told()


def told_from(stored: Mapping[str, Any]) -> Told:
    """What `as_json` kept."""
    hints = Hints(**{name: stored[name] for name in _HINTS if stored.get(name) is not None})
    return Told(hints, stored.get("clock") or NEW_YORK_CLOSE)


def clean(told: Told) -> Told:
    """The same without blanks; raises BadFileName, BadFileServer, BadFileCurrency, UnknownAnswer, UnknownTimeZone."""
    server_clock(told.clock)
    said: dict[str, Any] = {name: (getattr(told.hints, name) or "").strip() or None for name in _HINTS}
    hints = Hints(**said)
    # As a delivery may name an account, or the broker's own report would never meet it.
    if hints.login is not None and not is_name(hints.login):
        raise BadFileName(longest=LONGEST)
    if hints.server is not None and not is_name(hints.server):
        raise BadFileServer(longest=LONGEST)
    if hints.currency is not None:
        hints = replace(hints, currency=hints.currency.upper())
        if not _CURRENCY.fullmatch(hints.currency or ""):
            raise BadFileCurrency()
    if hints.marks not in (None, *MARKS) or hints.dates not in (None, *DATES):
        raise UnknownAnswer()
    return replace(told, hints=hints)


def named(text: str, longest: int = LONGEST) -> str:
    """A name out of somebody's file, as it is read: without what only turns other text around."""
    return cleaned(text)[:longest].strip()
