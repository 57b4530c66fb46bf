"""Searching a ledger: by symbol, rule or reference, by the kind of activity, by trading account."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.gamification.accrual.rule import AWARDED
from app.gamification.activities import TRADE
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.play import PER_BADGE, PER_CHALLENGE
from app.gamification.ledger.words.titles import INSTRUMENTS
from app.lib.i18n import pick
from app.models.ledger import Cause

SHORTEST, LONGEST = 2, 64
PLACES = 6  # patterns of each sort in one statement
_NOTHING = ""  # matches nothing that is stored

# What a statement that joins activity `a` and decision `d` is narrowed by.
_NARROWED_BY = f"""
    (:kind = 0 OR a.kind = :kind) AND (:account = 0 OR a.trading_account_id = :account)
    AND (:wanted = 0 OR a.deal LIKE :reference ESCAPE '!' OR a.external_id LIKE :reference ESCAPE '!'
        OR (a.kind = {TRADE} AND ({" OR ".join(f"upper(a.data) LIKE :symbol{n} ESCAPE '!'" for n in range(PLACES))}))
        OR {" OR ".join(f"d.outcome LIKE :rule{n}" for n in range(PLACES))}{{more}})
"""
NARROWED_BY = _NARROWED_BY.format(more="")
# One of a line `t` finds points by challenges and badges as well.
LINES_NARROWED_BY = _NARROWED_BY.format(
    more=f" OR (t.cause = {int(Cause.CHALLENGE)} AND t.part / {PER_CHALLENGE}"
    f" IN ({', '.join(f':challenge{n}' for n in range(PLACES))}))"
    f" OR (t.cause = {int(Cause.BADGE)} AND t.part / {PER_BADGE} IN ({', '.join(f':badge{n}' for n in range(PLACES))}))"
)


@dataclass(frozen=True)
class Search:
    """What was asked for; empty parts ask for nothing."""

    words: str = ""
    kind: int = 0
    account: int = 0
    symbols: tuple[str, ...] = ()
    revisions: tuple[int, ...] = ()
    challenges: tuple[int, ...] = ()
    badges: tuple[int, ...] = ()

    def values(self) -> dict[str, Any]:
        """The values of NARROWED_BY."""
        symbols = [f'["{_as_it_is(symbol)}%' for symbol in self.symbols[:PLACES]]
        rules = [f"%[{revision},{AWARDED},%" for revision in self.revisions[:PLACES]]
        return {
            "kind": self.kind,
            "account": self.account,
            "wanted": int(bool(self.words)),
            "reference": f"{_as_it_is(self.words)}%",
            **{f"symbol{n}": value for n, value in enumerate(_padded(symbols))},
            **{f"rule{n}": value for n, value in enumerate(_padded(rules))},
            **{f"challenge{n}": value for n, value in enumerate(_numbers(self.challenges))},
            **{f"badge{n}": value for n, value in enumerate(_numbers(self.badges))},
        }


def search(words: str, kind: int, account: int, language: str, translate: Callable[[str], str]) -> Search | None:
    """What to look for, or None for everything; `translate` gives instruments the names that the reader sees."""
    words = words.strip()[:LONGEST]
    if len(words) < SHORTEST:
        words = ""
    if not (words or kind or account):
        return None
    if not words:
        return Search("", kind, account)
    wanted = words.casefold()
    symbols = [symbol for symbol, name in INSTRUMENTS.items() if wanted in translate(name).casefold()]
    if typed := re.sub(r"[^A-Z0-9]", "", words.upper()):
        symbols.insert(0, typed)
    rules = compiled().rules_by_revision.values()
    revisions = [rule.revision_id for rule in rules if wanted in pick(rule.definition.name, language).casefold()]
    play = compiled().play
    newest = {one.challenge_id: one for one in play.challenges.values()}
    challenges = [id_ for id_, one in newest.items() if wanted in pick(one.definition.name, language).casefold()]
    badges = [id_ for id_, one in play.badges.items() if wanted in pick(one.definition.name, language).casefold()]
    found = (tuple(symbols), tuple(reversed(revisions)), tuple(reversed(challenges)), tuple(reversed(badges)))
    return Search(words, kind, account, *found)


def _as_it_is(text: str) -> str:
    return re.sub(r"([!%_])", r"!\1", text)


def _numbers(ids: Sequence[int]) -> list[int]:
    return [*ids, *([0] * PLACES)][:PLACES]


def _padded(patterns: list[str]) -> list[str]:
    return (patterns + [_NOTHING] * PLACES)[:PLACES]
