"""What a file leaves open: how it was taken all the same, in words, and what its owner may answer instead."""

from dataclasses import dataclass
from typing import Literal

from app.lib.i18n import Sentence, _l

DoubtKey = Literal["marks", "dates", "encoding", "currency", "login", "server", "lots", "positions"]

_TAKEN = {
    "marks": {
        "point": _l("The figures can be read in two ways. We took the point as the decimal mark, as in 1,234.50."),
        "comma": _l("The figures can be read in two ways. We took the comma as the decimal mark, as in 1.234,50."),
    },
    "dates": {
        "day_first": _l("The dates can be read in two ways. We took the day first: 03/04/2026 is the third of April."),
        "month_first": _l(
            "The dates can be read in two ways. We took the month first: 03/04/2026 is the fourth of March."
        ),
    },
}
_SENTENCES = {
    "encoding": _l(
        "The file does not say how its letters are encoded, so comments may look wrong. "
        "Figures and times are not affected."
    ),
    "currency": _l("The file does not name the currency of the account. We took %(taken)s."),
    "login": _l("The file does not name the number of the account."),
    "server": _l("The file does not name the server of the account. Until you tell us, %(taken)s stands for it."),
    "lots": _l("The file gives sizes in units, not in lots. We took 100,000 units of a currency for one lot."),
    "positions": _l(
        "The file lists positions without their deals, so that nothing tells them from another report of the same "
        "trades. Save the whole report, with its deals."
    ),
}
_UNTOLD = {
    "currency": _l("The file does not name the currency of the account."),
    "server": _l("The file does not name the server of the account."),
}
_QUESTIONS = {
    "marks": _l("How are the figures written?"),
    "dates": _l("How are the dates written?"),
    "currency": _l("Which currency is the account in?"),
    "login": _l("What is the number (login) of the account?"),
    "server": _l("On which server is the account?"),
}
_CHOICES = {
    "marks": {"point": _l("1,234.50 (decimal point)"), "comma": _l("1.234,50 (decimal comma)")},
    "dates": {"day_first": _l("03/04/2026 is 3 April"), "month_first": _l("03/04/2026 is 4 March")},
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that the file does not settle.

    `key` is the field of `Hints` that settles it; `encoding`, `lots` and `positions` are only to be said. `taken` is
    what was gone by, "" for nothing. `alternatives` are what else it may be, the likelier first; empty where anything.
    """

    key: DoubtKey
    taken: str
    alternatives: tuple[str, ...] = ()

    @property
    def sentence(self) -> Sentence:
        """What is open and how it was taken."""
        if said := _TAKEN.get(self.key):
            return Sentence(said[self.taken])
        if not self.taken and (untold := _UNTOLD.get(self.key)):
            return Sentence(untold)
        return Sentence(_SENTENCES[self.key], {"taken": self.taken})

    @property
    def question(self) -> str | None:
        """The sentence that asks for the answer (mark it for translation when rendered); None: nothing to answer."""
        return _QUESTIONS.get(self.key)

    @property
    def choices(self) -> dict[str, str]:
        """The answers to choose from and how each reads; empty where the owner writes it."""
        return _CHOICES.get(self.key) or {name: name for name in (self.taken, *self.alternatives) if self.alternatives}
