"""What is said of an import: why closed rows earn nothing, what to know about a file, why staff did not accept it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.gamification.ledger.words.reasons import CHIPS
from app.lib.i18n import Sentence, _l
from app.platforms.unreadable import SENTENCES

# Beside the chips of what did not earn (`ledger/words/reasons.py`): rows that no rule could pay for.
ASIDE = {
    "opening_unknown": (
        _l("Opened before the statement begins"),
        _l("A statement that begins earlier knows when and at what price, and then it counts"),
    ),
    "without_deal": (
        _l("Positions without their deals"),
        _l("Nothing would tell them from the broker's own report. Save the whole report, with its deals"),
    ),
    "closed_by": (_l("Closed by an opposite trade"), _l("The other half of the pair has the volume, and counts")),
    "archived": (_l("Sums of archived trades"), _l("The platform keeps a sum only, without the trades")),
    "unusable": (_l("Could not be kept"), _l("A figure or a time is beyond what a trade can have")),
    "conflict": (_l("Reported before with other figures"), _l("What was reported first stands")),
}
REMARKS = {
    "login_needed": _l("The file does not name its account. Tell us the number of the account."),
    "does_not_add_up": _l("The rows do not add up to the result that the statement states. Was it edited?"),
    "demo_account": _l("This is the statement of a demo account."),
    "opening_unknown": _l("Some trades were opened before the statement begins, so they cannot be rated."),
    "open_trades": _l("Trades that are still open count once a later statement has them closed."),
}
# Why staff do not accept an import: by key, so that the log and the message hold no free text.
REJECTIONS = {
    "not_yours": _l("The account is not yours by our books."),
    "edited": _l("The statement does not match our books."),
    "demo_account": _l("It is the statement of a demo account."),
    "wrong_account": _l("It is the statement of another broker or account."),
    "reported": _l("We report these trades ourselves."),
    "other": _l("It could not be accepted. Ask us why."),
}
FAILED = _l("We could not look through the file. It failed on our side, and we were told.")


class Why(NamedTuple):
    """One reason and how many closed rows have it."""

    key: str
    number: int
    headline: Sentence
    note: Sentence | None


def whys(counts: Mapping[str, int]) -> tuple[Why, ...]:
    """Why closed rows earn nothing, the commonest first."""
    return tuple(_why(key, number) for key, number in sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _why(key: str, number: int) -> Why:
    if key in ASIDE:
        headline, note = ASIDE[key]
        return Why(key, number, Sentence(headline), Sentence(note))
    return Why(key, number, Sentence(CHIPS.get(key, key)), None)


def remarks(keys: list[str]) -> tuple[Sentence, ...]:
    """What to know about a file."""
    return tuple(Sentence(REMARKS[key]) for key in keys)


def unreadable(reason: str | None, values: Mapping[str, Any]) -> Sentence:
    """Why a file could not be looked through with the answers given."""
    return Sentence(SENTENCES.get(reason or "", FAILED), values)


def rejected(reason: str | None) -> Sentence:
    """Why staff did not accept an import."""
    return Sentence(REJECTIONS.get(reason or "", REJECTIONS["other"]))
