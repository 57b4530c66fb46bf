"""What the address of a ledger page asks for, read with care, and the addresses of its neighbours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from app.gamification.activities import BY_KEY, Kind
from app.gamification.ledger.reads import Place
from app.gamification.ledger.search import LONGEST, Search, search
from app.lib.i18n import _l
from app.routes.language import language

HIGHEST = 2**31 - 1
FIRST_YEAR, LAST_YEAR = 1990, 2199


@dataclass(frozen=True)
class Asked:
    """Everything that can stand behind the question mark; what makes no sense counts as not asked."""

    tab: str = "all"
    words: str = ""
    kind: str = ""
    account: int = 0
    reason: str = ""
    month: str = ""
    before: int = 0
    day: int | None = None

    @property
    def place(self) -> Place | None:
        """Where the page starts; None for the newest."""
        return Place(self.before, self.day) if self.before else None

    @property
    def chosen_month(self) -> date | None:
        """The month to draw; None for the present one."""
        return month_in(self.month)

    def search(self) -> Search | None:
        """What the list is narrowed by."""
        spoken = language()
        kind = BY_KEY[self.kind].code if self.kind else 0
        return search(self.words, kind, self.account, spoken.code, spoken.text)

    def address(self, path: str, **changes: Any) -> str:
        """The same question with some of it changed."""
        asked = replace(self, **changes)
        values: dict[str, Any] = {"tab": asked.tab if asked.tab != "all" else "", "q": asked.words, "kind": asked.kind}
        values |= {"account": asked.account, "reason": asked.reason, "month": asked.month, "before": asked.before}
        told = {name: value for name, value in values.items() if value}
        if asked.before and asked.day is not None:
            told["day"] = asked.day
        return f"{path}?{urlencode(told)}" if told else path


def asked(arguments: Mapping[str, str], tabs: tuple[str, ...] = ()) -> Asked:
    """The question of a request."""
    tab, kind, month = (arguments.get(name, "") for name in ("tab", "kind", "month"))
    before, account, day = (number_in(arguments, name) for name in ("before", "account", "day"))
    return Asked(
        tab=tab if tab in tabs else "all",
        words=arguments.get("q", "").replace("\0", "").strip()[:LONGEST],
        kind=kind if kind in BY_KEY else "",
        account=account or 0,
        reason=arguments.get("reason", "")[:LONGEST],
        month=month if month_in(month) else "",
        before=before or 0,
        day=day,
    )


def choices(kinds: Iterable[Kind], accounts: Iterable[tuple[int, str]]) -> dict[str, Any]:
    """What a list may be narrowed to, in the reader's words."""
    spoken = language()
    return {
        "sources": [("", spoken.text(_ALL_SOURCES)), *((kind.key, spoken.text(kind.title)) for kind in kinds)],
        "accounts": [(0, spoken.text(_ALL_ACCOUNTS)), *accounts],
    }


_ALL_SOURCES, _ALL_ACCOUNTS = _l("All sources"), _l("All accounts")


def number(written: str, most: int = HIGHEST) -> int | None:
    """A whole number of an address or a form, at most so high; None for anything else."""
    fits = written.isascii() and written.isdigit() and len(written) <= len(str(most)) and int(written) <= most
    return int(written) if fits else None


def number_in(given: Mapping[str, str], name: str) -> int | None:
    """A number of the ledger's size by its name; what is none counts as not asked."""
    return number(given.get(name, ""))


def month_in(text: str) -> date | None:
    """The first day of a month that an address names, such as 2026-03; None for what names none."""
    year, _, month = text.partition("-")
    try:
        found = date(int(year), int(month), 1)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
